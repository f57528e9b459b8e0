# SPDX-License-Identifier: Apache-2.0
"""The memory plan: where in the arena each tensor lies, by lifetime."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from soundpost.compiler.graph import ARENA_MAX, Graph, Tensor
from soundpost.compiler.place import Buffer, covered, place, top
from soundpost.compiler.program import Overlay, Step


@dataclass(frozen=True)
class Plan:
    """Offsets in the arena: of tensors by index, and of each step's scratch."""

    tensors: Mapping[int, int]
    scratch: Sequence[int]
    arena_bytes: int
    # what each step needs at once
    step_bytes: Sequence[int]

    @property
    def peak_step(self) -> int:
        """The step that needs the most at once."""
        return max(range(len(self.step_bytes)), key=lambda i: self.step_bytes[i], default=0)

    @property
    def peak_bytes(self) -> int:
        """How much that is."""
        return self.step_bytes[self.peak_step]


def make_plan(graph: Graph, steps: Sequence[Step], aliases: Mapping[int, Tensor]) -> Plan:
    """Place every tensor and every step's scratch.

    Args:
        graph: the network.
        steps: what it was lowered to.
        aliases: the tensors that are others in a new shape, by index.

    Raises:
        UserError: if the arena exceeds ARENA_MAX.
    """
    # A tensor that lies in scratch makes its own buffer as large for all of its life: if that is
    # long, it had better have one to itself.
    plans = [_plan(steps, _Lives(graph, steps, aliases, spread)) for spread in (True, False)]
    plan = min(plans, key=lambda plan: plan.arena_bytes)
    if plan.arena_bytes > ARENA_MAX:
        raise steps[plan.peak_step].operator.fault(
            f"the network needs {plan.arena_bytes} bytes of arena, most of them here; there are"
            f" {ARENA_MAX}"
        )
    return plan


def _plan(steps: Sequence[Step], lives: "_Lives") -> Plan:
    owners = sorted(set(lives.owner.values()))
    buffers = [lives.buffer(owner) for owner in owners]
    buffers += [
        Buffer(0 if i in lives.spread else step.scratch, i, i) for i, step in enumerate(steps)
    ]
    overlays = {
        (owners.index(a), owners.index(b)): overlay for (a, b), overlay in lives.overlays.items()
    }
    offsets = place(buffers, overlays)
    needs = [
        covered([(at, b) for at, b in zip(offsets, buffers, strict=True) if b.first <= i <= b.last])
        for i in range(len(steps))
    ]
    at = dict(zip(owners, offsets, strict=False))
    scratch = offsets[len(owners) :]
    for i, owner in lives.spread.items():
        scratch[i] = at[owner]
    return Plan(
        tensors={index: at[owner] for index, owner in lives.owner.items()},
        scratch=scratch,
        arena_bytes=top(buffers, offsets),
        step_bytes=needs,
    )


class _Lives:
    """Which tensors share a buffer, and from when to when each buffer lives."""

    def __init__(
        self,
        graph: Graph,
        steps: Sequence[Step],
        aliases: Mapping[int, Tensor],
        spread: bool,
    ) -> None:
        self.owner: dict[int, int] = {}
        self.bytes: dict[int, int] = {}
        self.first: dict[int, int] = {}
        self.last: dict[int, int] = {}
        self.aliases = aliases
        # the owner in whose buffer a step has its scratch
        self.spread: dict[int, int] = {}
        # pairs of owners that may overlap
        self.overlays: dict[tuple[int, int], Overlay] = {}
        self.own(graph.input, 0)
        for i, step in enumerate(steps):
            for tensor in step.inputs:
                self.last[self.find(tensor)] = i
            self.own(step.output, i)
            self.widen(step)
        # the output outlives every step
        self.last[self.find(graph.output)] = len(steps)
        for i, step in enumerate(steps):
            self.share(step, i)
            if spread and step.spreads:
                self.lie_in_scratch(step, i)
        for i, step in enumerate(steps):
            if step.overlay is not None:
                self.overlap(step.inputs[0], step.output, i, step.overlay)

    def own(self, tensor: Tensor, first: int) -> None:
        """Give a tensor a buffer of its own."""
        self.owner[tensor.index] = tensor.index
        self.bytes[tensor.index] = tensor.size
        self.first[tensor.index] = self.last[tensor.index] = first

    def find(self, tensor: Tensor) -> int:
        """The tensor in whose buffer `tensor` lies."""
        behind = tensor
        while behind.index in self.aliases:
            behind = self.aliases[behind.index]
        self.owner[tensor.index] = self.owner[behind.index]
        return self.owner[tensor.index]

    def share(self, step: Step, i: int) -> None:
        """Lay a step's output on an input that nobody needs after it, where the kernel allows."""
        mine = self.owner[step.output.index]
        for tensor in step.inputs if step.in_place else ():
            other = self.owner[tensor.index]
            if self.last[other] == i and tensor.size == step.output.size:
                self.last[other] = self.last[mine]
                self.bytes[other] = max(self.bytes[other], self.bytes[mine])
                self.owner = {t: other if o == mine else o for t, o in self.owner.items()}
                return

    def widen(self, step: Step) -> None:
        """Make room for what a step may touch behind its tensors."""
        for tensor in (*step.inputs, step.output):
            owner = self.find(tensor)
            self.bytes[owner] = max(self.bytes[owner], tensor.size + step.margin)

    def lie_in_scratch(self, step: Step, i: int) -> None:
        """Lay a step's scratch over its input, if nobody needs that after it."""
        owner = self.owner[step.inputs[0].index]
        if self.last[owner] == i:
            self.bytes[owner] = max(self.bytes[owner], step.scratch)
            self.spread[i] = owner

    def overlap(self, source: Tensor, output: Tensor, i: int, overlay: Overlay) -> None:
        """Let step i write its output over its input, if nobody needs that after it."""
        owners = self.owner[source.index], self.owner[output.index]
        if self.last[owners[0]] == i == self.first[owners[1]]:
            self.overlays[owners] = overlay

    def buffer(self, owner: int) -> Buffer:
        """The buffer of a tensor that owns one."""
        return Buffer(self.bytes[owner], self.first[owner], self.last[owner])
