# SPDX-License-Identifier: Apache-2.0
"""Chooses a kernel for each step: the fastest, or one that saves memory for little."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple, TypeAlias

from soundpost.compiler.estimate import estimate
from soundpost.compiler.graph import Graph
from soundpost.compiler.plan import Plan, make_plan
from soundpost.compiler.program import Step, Views

# how many instructions a smaller arena may cost, of those of the fastest kernels: models/urban10
# takes 1.9 % more for 11,504 bytes than for 15,936, and would take 6.5 % more for 9,072
SLOWER_MAX = 1.03
# what a further kernel must save of a network's instructions, to be worth its code
FASTER_MIN = 0.01
# bytes of code on a Cortex-M4F of the kernels between which there is a choice (core/nn/README.md)
CODE = {
    "sp_nn_add": 800,
    "sp_nn_add_tables": 330,
    "sp_nn_conv": 2500,
    "sp_nn_conv_columns": 1880,
    "sp_nn_conv_patches": 2060,
    "sp_nn_depthwise_pair": 200,
    "sp_nn_depthwise_strips": 420,
}
# how many steps are planned in all plans that are tried, which is seconds: networks of ten steps
# are through after 200
PLANNED_MAX = 5000

Choice: TypeAlias = tuple[int, ...]


class _Tried(NamedTuple):
    """A choice; of two that take as many bytes the faster one is the better one."""

    # of the arena, and of code that the fastest choice does without
    bytes: int
    cost: int
    choice: Choice
    steps: list[Step]
    plan: Plan


def choose(graph: Graph, steps: Sequence[Step], views: Views) -> tuple[list[Step], Plan]:
    """One way for each step, and the plan: from the fastest on, whichever other way of some step
    takes the fewest bytes of arena and of further code, until none takes fewer, it would cost too
    much, or PLANNED_MAX is reached.

    Raises:
        UserError: if the arena exceeds ARENA_MAX.
    """
    ways = [(step, *step.others) for step in steps]
    costs = [[estimate(way) for way in step_ways] for step_ways in ways]
    saving = FASTER_MIN * sum(step_costs[0] for step_costs in costs)
    fastest = tuple(
        step_costs.index(min(step_costs)) if step_costs[0] - min(step_costs) >= saving else 0
        for step_costs in costs
    )
    limit = SLOWER_MAX * _cost(costs, fastest)
    linked = {step_ways[way].kernel for step_ways, way in zip(ways, fastest, strict=True)}

    def tried(choice: Choice) -> _Tried:
        found = [step_ways[way] for step_ways, way in zip(ways, choice, strict=True)]
        plan = make_plan(graph, found, views)
        further = {step.kernel for step in found} - linked
        size = plan.arena_bytes + sum(CODE[kernel] for kernel in further)
        return _Tried(size, _cost(costs, choice), choice, found, plan)

    best = tried(fastest)
    left = PLANNED_MAX // len(steps)
    while True:
        affordable = (
            choice
            for choice in _neighbours(best.choice, [len(step_ways) for step_ways in ways])
            if _cost(costs, choice) <= limit
        )
        all_tried = [tried(choice) for choice in islice(affordable, left)]
        left -= len(all_tried)
        found = min(all_tried, key=lambda one: (one.bytes, one.cost), default=best)
        if found.bytes >= best.bytes:
            return best.steps, best.plan
        best = found


def _cost(costs: Sequence[Sequence[int]], choice: Choice) -> int:
    return sum(step_costs[way] for step_costs, way in zip(costs, choice, strict=True))


def _neighbours(choice: Choice, counts: Sequence[int]) -> Iterator[Choice]:
    """The choices that differ in one step."""
    for i, count in enumerate(counts):
        for way in range(count):
            if way != choice[i]:
                yield (*choice[:i], way, *choice[i + 1 :])
