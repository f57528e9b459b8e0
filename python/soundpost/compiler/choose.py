# SPDX-License-Identifier: Apache-2.0
"""Chooses a kernel for each step: the fastest, or one that saves memory for little."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeAlias

from soundpost.compiler.estimate import estimate
from soundpost.compiler.graph import Graph
from soundpost.compiler.plan import Plan, make_plan
from soundpost.compiler.program import Step, Views

# how many instructions a smaller arena may cost, of those of the fastest kernels: a twelfth more
# takes models/urban10 from 15,936 bytes to 9,072
SLOWER_MAX = 1.085
# what a further kernel must save of a network's instructions, to be worth its code
FASTER_MIN = 0.01
# how many steps are planned in all plans that are tried, which is seconds: networks of ten steps
# are through after 200
PLANNED_MAX = 5000

Choice: TypeAlias = tuple[int, ...]


def choose(graph: Graph, steps: Sequence[Step], views: Views) -> tuple[list[Step], Plan]:
    """One way for each step, and the plan: from the fastest on, whichever other way of some step
    makes the arena smallest, until none does, it would cost too much, or PLANNED_MAX is reached.

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

    def planned(choice: Choice) -> tuple[list[Step], Plan]:
        found = [step_ways[way] for step_ways, way in zip(ways, choice, strict=True)]
        return found, make_plan(graph, found, views)

    chosen, best = fastest, planned(fastest)
    left = PLANNED_MAX // len(steps)
    while True:
        affordable = (
            choice
            for choice in _neighbours(chosen, [len(step_ways) for step_ways in ways])
            if _cost(costs, choice) <= limit
        )
        tried = [(planned(choice), choice) for choice in islice(affordable, left)]
        left -= len(tried)
        # of two arenas of one size, that of the faster kernels
        found = min(
            tried,
            key=lambda one: (one[0][1].arena_bytes, _cost(costs, one[1])),
            default=(best, chosen),
        )
        if found[0][1].arena_bytes >= best[1].arena_bytes:
            return best
        best, chosen = found


def _cost(costs: Sequence[Sequence[int]], choice: Choice) -> int:
    return sum(step_costs[way] for step_costs, way in zip(costs, choice, strict=True))


def _neighbours(choice: Choice, counts: Sequence[int]) -> Iterator[Choice]:
    """The choices that differ in one step."""
    for i, count in enumerate(counts):
        for way in range(count):
            if way != choice[i]:
                yield (*choice[:i], way, *choice[i + 1 :])
