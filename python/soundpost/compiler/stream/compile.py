# SPDX-License-Identifier: Apache-2.0
"""From a .tflite file to a network that computes only what is new in a window."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import chain, combinations
from math import lcm
from pathlib import Path

from soundpost.compiler.choose import SLOWER_MAX
from soundpost.compiler.compile import Compiled, compile_graph, compile_network
from soundpost.compiler.fold import fold_padding
from soundpost.compiler.fuse import fuse
from soundpost.compiler.graph import Graph
from soundpost.compiler.lowering import lower
from soundpost.compiler.stream.build import build
from soundpost.compiler.stream.rows import CannotStreamError, Split, split

# chunks that are tried, in units of the least one
CHUNKS = (1, 2, 3, 4)
# tensors of which all subsets are tried
SUBSETS_OF_MAX = 3
# what a larger chunk must save of the instructions, as fewer hops are multiples of it
SAVING_MIN = 0.05


@dataclass(frozen=True)
class Streamed:
    """A network in its streaming form, struct sp_nn_stream.

    Attributes:
        windowed: the network as a whole.
        body: from the new columns of a chunk to what is kept.
        head: from what is kept to the output.
        unused: the last columns of a window, that no score depends on.
    """

    windowed: Compiled
    body: Compiled
    head: Compiled
    unused: int

    @property
    def window(self) -> int:
        """Columns of a window."""
        return self.windowed.input_shape[0]

    @property
    def columns(self) -> int:
        """Columns of a chunk."""
        return self.body.input_shape[0]

    @property
    def column_bytes(self) -> int:
        """Values of a column."""
        return self.body.graph.input.size // self.columns

    @property
    def kept_bytes(self) -> int:
        """Bytes at the start of the arena that must stay as they are."""
        return self.body.plan.kept_bytes

    @property
    def arena_bytes(self) -> int:
        """Bytes of the arena."""
        return max(self.body.plan.arena_bytes, self.head.plan.arena_bytes)

    @property
    def sizes(self) -> dict[str, int]:
        """The fields of struct sp_nn_stream, but for body and head."""
        return {
            "window": self.window,
            "unused": self.unused,
            "columns": self.columns,
            "column_bytes": self.column_bytes,
            "kept_bytes": self.kept_bytes,
            "arena_bytes": self.arena_bytes,
        }

    @property
    def hop(self) -> int:
        """The multiple of a chunk that is nearest to half a window, in columns."""
        return max(1, round(self.window / 2 / self.columns)) * self.columns

    @property
    def hop_instructions(self) -> int:
        """Instructions of a hop, as estimated for a Cortex-M4F."""
        chunks = self.hop // self.columns
        return chunks * self.body.instructions + self.head.instructions


def compile_streaming(model: Path | str | bytes, source: str = "model") -> Streamed:
    """Compile a .tflite file, or its bytes, to its streaming form.

    Args:
        model: the network. Whoever runs it must see to it that a column does not change with the
            window that it is in, which the file does not tell.
        source: what errors call the bytes.

    Raises:
        CannotStreamError: if it has none that gives the same bytes for less.
        UserError: if the file cannot be read, is corrupt or holds what is not supported.
    """
    return stream(compile_network(model, source))


def stream(windowed: Compiled) -> Streamed:
    """The streaming form of a network, as compile_streaming() gives it.

    Raises:
        CannotStreamError: if it has none that gives the same bytes for less.
    """
    every = [_cheapest(same_chunk) for same_chunk in forms(windowed)]
    # a hop of half a window, which is the sensor's own choice, is to go on where it can
    cheapest = [form for form in every if _half_window(windowed) % form.columns == 0] or every
    costs = [streamed.body.instructions / streamed.columns for streamed in cheapest]
    enough = next(i for i, cost in enumerate(costs) if cost <= (1 + SAVING_MIN) * min(costs))
    streamed = cheapest[enough]
    if streamed.hop_instructions >= windowed.instructions:
        raise CannotStreamError(
            f"{windowed.graph.source}: cannot stream for less: a hop of {streamed.hop} columns"
            f" would take {streamed.hop_instructions:,} instructions, the window"
            f" {windowed.instructions:,}"
        )
    return streamed


def forms(windowed: Compiled) -> list[list[Streamed]]:
    """Every streaming form that is tried, chunk by chunk, the least one first.

    Raises:
        CannotStreamError: if there is none that gives the same bytes.
        UserError: if one of them exceeds the largest arena.
    """
    graph = fold_padding(windowed.graph)
    cut = split(graph)
    used = cut.ends[graph.input.index]
    least = lcm(*(cut.strides[index] for index in cut.ends))
    if least >= used:
        raise CannotStreamError(
            f"{graph.source}: cannot stream: the strides along time make {least} columns, which is"
            " all of the window; use fewer strides, or a longer window"
        )
    found: list[list[Streamed]] = []
    for chunk in (times * least for times in CHUNKS):
        if chunk > least and chunk > _half_window(windowed):
            break
        found.append([])
        for anew in _subsets(_joined(graph, cut)):
            body, head = (
                Compiled(part, *compile_graph(part)) for part in build(graph, cut, chunk, anew)
            )
            found[-1].append(Streamed(windowed, body, head, graph.input.shape[1] - used))
    return found


def _half_window(windowed: Compiled) -> int:
    """Columns of half a window, rounded up: the hop of a sensor whose settings say no other."""
    return -(-windowed.input_shape[0] // 2)


def _cheapest(found: Sequence[Streamed]) -> Streamed:
    """The smallest arena, of those that are hardly slower than the fastest."""
    limit = SLOWER_MAX * min(streamed.body.instructions for streamed in found)
    return min(
        (streamed for streamed in found if streamed.body.instructions <= limit),
        key=lambda streamed: (streamed.arena_bytes, streamed.body.instructions),
    )


def _joined(graph: Graph, cut: Split) -> list[int]:
    """Tensors that never exist as a whole, if all of their rows are made anew."""
    lowered, views = lower(graph)
    body = {operator.output.index for operator, _ in cut.body}
    return [
        step.operators[0].output.index
        for step in fuse(graph, lowered, views)
        if len(step.operators) > 1 and step.output.index in body
    ]


def _subsets(tensors: Sequence[int]) -> Iterator[Set[int]]:
    """Every choice of the first few of them."""
    first = tensors[:SUBSETS_OF_MAX]
    sizes = range(len(first) + 1)
    yield from map(frozenset, chain.from_iterable(combinations(first, n) for n in sizes))
