# SPDX-License-Identifier: Apache-2.0
"""Which tensors share a buffer of the arena, and from when to when each buffer is needed."""

from collections.abc import Sequence

from soundpost.compiler.graph import Graph, Tensor
from soundpost.compiler.place import ALIGNMENT, Buffer
from soundpost.compiler.program import Overlay, Step, Views


class Lives:
    """The buffers of a network, by the index of a tensor that owns one.

    Attributes:
        place: of each tensor, the owner of the buffer that it lies in, and the offset there.
        pinned: owners of buffers that hold their values between runs, so that none may lie there.
        spread: of each step that has its scratch over its input, the owner of that.
        overlays: pairs of owners that may overlap.
    """

    def __init__(self, graph: Graph, steps: Sequence[Step], views: Views, spread: bool) -> None:
        """Share as much as there is to share; `spread` lets scratch lie over inputs."""
        self.views = views
        self.place: dict[int, tuple[int, int]] = {}
        self.bytes: dict[int, int] = {}
        self.first: dict[int, int] = {}
        self.last: dict[int, int] = {}
        self.pinned = {tensor.index for tensor in graph.state}
        self.spread: dict[int, int] = {}
        self.overlays: dict[tuple[int, int], Overlay] = {}
        self.use(graph.input, 0)
        for i, step in enumerate(steps):
            for tensor in (*step.inputs, step.output):
                self.use(tensor, i, step.margin)
        # the output outlives every step
        self.use(graph.output, len(steps))
        for i, step in enumerate(steps):
            self.share(step, i)
            if spread and step.spreads:
                self.lie_in_scratch(step, i)
        for i, step in enumerate(steps):
            if step.overlay is not None:
                self.overlap(step.inputs[0], step.output, i, step.overlay)

    @property
    def owners(self) -> list[int]:
        """The owners of buffers that are to be placed."""
        return sorted({owner for owner, _ in self.place.values()} - self.pinned)

    def buffer(self, owner: int) -> Buffer:
        """The buffer of a tensor that owns one."""
        return Buffer(self.bytes[owner], self.first[owner], self.last[owner])

    def use(self, tensor: Tensor, i: int, margin: int = 0) -> None:
        """Have a tensor, and `margin` bytes behind it that may be touched, in step i."""
        behind, offset = tensor, 0
        while behind.index in self.views:
            view = self.views[behind.index]
            behind, offset = view.tensor, offset + view.offset
        owner = behind.index
        self.place[tensor.index] = owner, offset
        self.first.setdefault(owner, i)
        self.last[owner] = i
        end = offset + tensor.size + margin
        self.bytes[owner] = max(self.bytes.get(owner, behind.size), end)

    def ends(self, owner: int, i: int) -> bool:
        """Whether nobody needs a buffer after step i."""
        return self.last[owner] == i and owner not in self.pinned

    def share(self, step: Step, i: int) -> None:
        """Lay a step's output on an input that nobody needs after it, where the kernel allows."""
        mine, offset = self.place[step.output.index]
        places = [self.place[tensor.index] for tensor in step.inputs]
        for tensor, (other, start) in zip(step.inputs, places, strict=True):
            # of a buffer that is read at two places, one might be written before it is read
            is_read_once = all(at == start for owner, at in places if owner == other)
            if (
                step.in_place
                and tensor.size == step.output.size
                and self.ends(other, i)
                and is_read_once
            ):
                self.merge(mine, other, offset - start)
                return

    def merge(self, mine: int, other: int, shift: int) -> None:
        """Make one buffer of two of which `mine` starts `shift` bytes before `other`, or behind."""
        if shift > 0:
            mine, other, shift = other, mine, -shift
        for index, (owner, offset) in self.place.items():
            if owner == mine:
                self.place[index] = other, offset - shift
        self.bytes[other] = max(self.bytes[other], self.bytes[mine] - shift)
        self.first[other] = min(self.first[other], self.first[mine])
        self.last[other] = max(self.last[other], self.last[mine])

    def lie_in_scratch(self, step: Step, i: int) -> None:
        """Lay a step's scratch over its input, if nobody needs that after it."""
        owner, offset = self.place[step.inputs[0].index]
        if offset == 0 and self.ends(owner, i):
            self.bytes[owner] = max(self.bytes[owner], step.scratch)
            self.spread[i] = owner

    def overlap(self, source: Tensor, output: Tensor, i: int, overlay: Overlay) -> None:
        """Let step i write its output over its input, if nobody needs that after it."""
        (read, start), (written, offset) = self.place[source.index], self.place[output.index]
        if self.ends(read, i) and self.first[written] == i and read != written:
            shift = overlay.shift + start - offset
            words = -(-shift // ALIGNMENT) if overlay.backward else shift // ALIGNMENT
            self.overlays[read, written] = Overlay(words * ALIGNMENT, overlay.backward)
