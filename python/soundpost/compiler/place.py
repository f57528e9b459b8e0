# SPDX-License-Identifier: Apache-2.0
"""Places buffers in an arena.

As in TFLM's GreedyMemoryPlanner, they are placed one after the other at the lowest place that is
free for their whole life; unlike there, several orders are tried and the smallest arena is kept,
and a buffer may overlap one that is read as it is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from soundpost.compiler.program import Overlay

ALIGNMENT = 4  # SP_NN_ALIGNMENT
# how often another order is tried
MOVES_MAX = 100

# how one buffer may lie on another: (the one that is read, the one that is written)
Overlays: TypeAlias = Mapping[tuple[int, int], Overlay]
NO_OVERLAYS: Overlays = {}
# of each buffer those that meet it, and the offsets from each between which it may not start
Rivals: TypeAlias = Sequence[Sequence[tuple[int, int, int]]]
UNPLACED = -1


@dataclass(frozen=True)
class Buffer:
    """Bytes that are needed from step `first` to step `last`, both included."""

    bytes: int
    first: int
    last: int

    def meets(self, other: "Buffer") -> bool:
        """Whether both are needed at once."""
        return self.first <= other.last and other.first <= self.last


def aligned(size: int) -> int:
    """`size` rounded up to the alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def place(buffers: Sequence[Buffer], overlays: Overlays = NO_OVERLAYS) -> list[int]:
    """An offset for each buffer, so that none overlap that meet, but as `overlays` allow."""
    orders = (
        lambda i: (-buffers[i].bytes, buffers[i].first),
        lambda i: (buffers[i].first - buffers[i].last, -buffers[i].bytes),
        lambda i: (-buffers[i].bytes * (buffers[i].last - buffers[i].first + 1),),
        lambda i: (buffers[i].first, -buffers[i].bytes),
        lambda i: (-buffers[i].last, -buffers[i].bytes),
    )
    arranged = [sorted(range(len(buffers)), key=key) for key in orders]
    rivals = _rivals(buffers, overlays)
    tried = [(_place_in_order(rivals, order), order) for order in arranged]
    best, order = min(tried, key=lambda found: top(buffers, found[0]))
    return _improved(buffers, rivals, best, order) if overlays else best


def _rivals(buffers: Sequence[Buffer], overlays: Overlays) -> Rivals:
    return [
        [
            (other, *_apart(buffers, overlays, other, index))
            for other in range(len(buffers))
            if other != index and buffers[other].meets(buffers[index])
        ]
        for index in range(len(buffers))
    ]


def _improved(
    buffers: Sequence[Buffer], rivals: Rivals, best: list[int], order: list[int]
) -> list[int]:
    """The same with one buffer after the other placed earlier, where that makes less of it."""
    at, moves = 0, 0
    while at < len(order) and moves < MOVES_MAX:
        moves += 1
        moved = [order[at], *order[:at], *order[at + 1 :]]
        offsets = _place_in_order(rivals, moved)
        if top(buffers, offsets) < top(buffers, best):
            best, order, at = offsets, moved, 0
        else:
            at += 1
    return best


def top(buffers: Sequence[Buffer], offsets: Sequence[int]) -> int:
    """The end of the highest buffer."""
    return max((at + aligned(b.bytes) for b, at in zip(buffers, offsets, strict=True)), default=0)


def _place_in_order(rivals: Rivals, order: Sequence[int]) -> list[int]:
    offsets = [UNPLACED] * len(order)
    for index in order:
        taken = [
            (offsets[other] + low, offsets[other] + high)
            for other, low, high in rivals[index]
            if offsets[other] != UNPLACED
        ]
        at = 0
        for low, high in sorted(taken):
            if low < at < high:
                at = aligned(high)
        offsets[index] = at
    return offsets


def _apart(buffers: Sequence[Buffer], overlays: Overlays, placed: int, new: int) -> tuple[int, int]:
    """Offsets from a buffer between which another may not start."""
    low, high = -buffers[new].bytes, aligned(buffers[placed].bytes)
    if (placed, new) in overlays:
        overlay = overlays[placed, new]
        return (
            (low, min(high, overlay.shift)) if overlay.backward else (max(low, overlay.shift), high)
        )
    if (new, placed) in overlays:
        overlay = overlays[new, placed]
        if overlay.backward:
            return max(low, -overlay.shift), high
        return low, min(high, -overlay.shift)
    return low, high


def covered(buffers: Sequence[tuple[int, Buffer]]) -> int:
    """Bytes that buffers at these offsets cover together."""
    end = covered = 0
    for at, buffer in sorted(buffers, key=lambda found: found[0]):
        above = max(at + aligned(buffer.bytes), end)
        covered += above - max(at, end)
        end = above
    return covered
