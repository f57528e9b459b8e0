# SPDX-License-Identifier: Apache-2.0
"""The memory plan: where in the arena each tensor lies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from soundpost.compiler.graph import ARENA_MAX, Graph
from soundpost.compiler.lives import Lives
from soundpost.compiler.place import Buffer, aligned, covered, place, top
from soundpost.compiler.program import Step, Views

# the front end's scratch lies behind what is kept
KEPT_ALIGNMENT = 8


@dataclass(frozen=True)
class Plan:
    """Offsets in the arena: of tensors by index, and of each step's scratch."""

    tensors: Mapping[int, int]
    scratch: Sequence[int]
    arena_bytes: int
    # what each step needs at once, with what is kept
    step_bytes: Sequence[int]
    # the first bytes of the arena, which hold the network's state
    kept_bytes: int

    @property
    def peak_step(self) -> int:
        """The step that needs the most at once."""
        return max(range(len(self.step_bytes)), key=lambda i: self.step_bytes[i], default=0)

    @property
    def peak_bytes(self) -> int:
        """How much that is."""
        return self.step_bytes[self.peak_step]


def make_plan(graph: Graph, steps: Sequence[Step], views: Views) -> Plan:
    """Place every tensor and every step's scratch.

    Args:
        graph: the network.
        steps: what it was lowered to.
        views: the tensors that lie in others.

    Raises:
        UserError: if the arena exceeds ARENA_MAX.
    """
    # A tensor that lies in scratch makes its own buffer as large for all of its life: if that is
    # long, it had better have one to itself.
    plans = [_plan(graph, steps, Lives(graph, steps, views, spread)) for spread in (True, False)]
    plan = min(plans, key=lambda plan: plan.arena_bytes)
    if plan.arena_bytes > ARENA_MAX:
        raise steps[plan.peak_step].operator.fault(
            f"the network needs {plan.arena_bytes} bytes of arena, most of them here; there are"
            f" {ARENA_MAX}"
        )
    return plan


def _plan(graph: Graph, steps: Sequence[Step], lives: Lives) -> Plan:
    kept, at = 0, {}
    for tensor in graph.state:
        at[tensor.index] = kept
        kept += aligned(tensor.size)
    kept = -(-kept // KEPT_ALIGNMENT) * KEPT_ALIGNMENT
    owners = lives.owners
    buffers = [lives.buffer(owner) for owner in owners]
    buffers += [
        Buffer(0 if i in lives.spread else step.scratch, i, i) for i, step in enumerate(steps)
    ]
    overlays = {
        (owners.index(a), owners.index(b)): overlay for (a, b), overlay in lives.overlays.items()
    }
    offsets = [kept + offset for offset in place(buffers, overlays)]
    needs = [
        kept
        + covered(
            [(at, b) for at, b in zip(offsets, buffers, strict=True) if b.first <= i <= b.last]
        )
        for i in range(len(steps))
    ]
    at |= dict(zip(owners, offsets, strict=False))
    scratch = offsets[len(owners) :]
    for i, owner in lives.spread.items():
        scratch[i] = at[owner]
    return Plan(
        tensors={index: at[owner] + offset for index, (owner, offset) in lives.place.items()},
        scratch=scratch,
        arena_bytes=max(top(buffers, offsets), kept),
        step_bytes=needs,
        kept_bytes=kept,
    )
