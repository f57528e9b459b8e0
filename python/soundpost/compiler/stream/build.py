# SPDX-License-Identifier: Apache-2.0
"""A network in two: a body that takes chunks of columns, and a head.

Of each tensor of the body, a chunk adds some rows to those before, of which its readers see some
again. These are kept from the chunk before; or the tensor is made anew with all of them, of more of
its maker's input, so that it need not exist as a whole (fuse.py).
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

import numpy as np

from soundpost.compiler.graph import Graph, Operator, Tensor
from soundpost.compiler.lowering.views import BOUNDS
from soundpost.compiler.lowering.window import VALID, axes, kernel_size
from soundpost.compiler.stream.rows import WINDOWS, Reach, Split, activations


@dataclass(frozen=True)
class Rows:
    """Rows of a tensor that a chunk has at hand, and the last ones of these, that it makes."""

    held: int
    made: int

    @property
    def kept(self) -> int:
        """Rows that are kept from chunk to chunk."""
        return self.held - self.made


def count_rows(split: Split, chunk: int, anew: Set[int]) -> dict[int, Rows]:
    """The rows of each tensor of the body, by index.

    Args:
        split: the network.
        chunk: columns of a chunk, a multiple of all strides.
        anew: tensors that are made anew with all of their rows.
    """
    rows: dict[int, Rows] = {}
    seen: dict[int, int] = {}

    def settle(index: int, is_anew: bool) -> Rows:
        fresh = chunk // split.strides[index]
        held = max(fresh, seen.get(index, 0))
        return Rows(held, held if is_anew else fresh)

    for operator, reach in reversed(split.body):
        output = operator.output.index
        # a part of another tensor is as long as that one has it
        rows[output] = settle(output, output in anew or operator.name in BOUNDS)
        first = reach.first(split.ends[output] - rows[output].made)
        for tensor in activations(operator):
            back = split.ends[tensor.index] - first
            seen[tensor.index] = max(seen.get(tensor.index, 0), back)
    source = next(index for index in split.ends if index not in rows)
    rows[source] = settle(source, False)
    return rows


def build(graph: Graph, split: Split, chunk: int, anew: Set[int]) -> tuple[Graph, Graph]:
    """The body, from the new columns of a chunk to what is kept of the cut, and the head, from
    there to the output. Both hold the same state.
    """
    builder = _Builder(graph, split, chunk, anew)
    start = builder.begin(graph.input)
    builder.finish(graph.input, start)
    for operator, reach in split.body:
        builder.add(operator, reach)
    state = (*builder.state, split.cut)
    body = replace(
        graph, operators=tuple(builder.operators), input=start, output=split.cut, state=state
    )
    return body, replace(graph, operators=split.head, input=split.cut, state=state)


class _Builder:
    """The operators of a body, as they come."""

    def __init__(self, graph: Graph, split: Split, chunk: int, anew: Set[int]) -> None:
        self.split = split
        self.rows = count_rows(split, chunk, anew)
        self.operators: list[Operator] = []
        self.state: list[Tensor] = []
        # of each tensor of the network, all rows that a chunk has of it
        self.held: dict[int, Tensor] = {}
        self.source = graph.source
        known = [tensor for op in graph.operators for tensor in (*op.inputs, op.output)]
        self.count = max(tensor.index for tensor in (graph.input, *known) if tensor is not None)

    def add(self, operator: Operator, reach: Reach) -> None:
        """Have an operator, on what a chunk has of its inputs."""
        index, made = operator.output.index, self.begin(operator.output)
        first = self.split.ends[index] - self.rows[index].made
        start, count = reach.first(first), reach.end(self.rows[index].made) - reach.start
        if operator.name in BOUNDS:
            self.cut(operator.input(0), start, made)
        else:
            inputs = tuple(
                tensor
                if tensor is None or tensor.data is not None
                else self.part(tensor, start, count)
                for tensor in operator.inputs
            )
            self.operators.append(replace(_without_padding(operator), inputs=inputs, output=made))
        self.finish(operator.output, made)

    def begin(self, tensor: Tensor) -> Tensor:
        """Have what a chunk has of a tensor; gives the part that it makes."""
        rows = self.rows[tensor.index]
        held = self.held[tensor.index] = self.like(tensor, rows.held)
        return held if rows.kept == 0 else self.like(tensor, rows.made)

    def finish(self, tensor: Tensor, made: Tensor) -> None:
        """Keep what later chunks need of a tensor, once the last part of it is made."""
        rows = self.rows[tensor.index]
        if tensor.index == self.split.cut.index:
            self.operators.append(Operator(self.source, "QUEUE", (made,), self.split.cut))
        elif rows.kept > 0:
            kept, held = self.like(tensor, rows.kept), self.held[tensor.index]
            self.state.append(kept)
            self.operators.append(Operator(self.source, "KEEP", (made, kept), held))

    def part(self, tensor: Tensor, start: int, count: int) -> Tensor:
        """Rows of a tensor, counted as in a window that ends with the chunk."""
        held = self.held[tensor.index]
        if count == held.shape[1]:
            return held
        target = self.like(tensor, count)
        self.cut(tensor, start, target)
        return target

    def cut(self, tensor: Tensor, start: int, target: Tensor) -> None:
        """Have `target` be the rows of a tensor from `start` on."""
        held = self.held[tensor.index]
        begin = [0, start - self.split.ends[tensor.index] + held.shape[1], 0, 0]
        lists = (self.list_of(begin), self.list_of(target.shape))
        self.operators.append(Operator(self.source, "SLICE", (held, *lists), target))

    def like(self, tensor: Tensor, rows: int) -> Tensor:
        """A tensor of so many rows of another."""
        self.count += 1
        batch, _, *rest = tensor.shape
        return replace(tensor, index=self.count, shape=(batch, rows, *rest))

    def list_of(self, values: Sequence[int]) -> Tensor:
        """A constant."""
        self.count += 1
        data = memoryview(np.array(values, "<i4").tobytes())
        return Tensor(self.count, "", (len(values),), "INT32", data=data)


def _without_padding(operator: Operator) -> Operator:
    """The same with what it has around its columns as margins, and nothing around its rows."""
    if operator.name not in WINDOWS:
        return operator
    _, columns = axes(operator, *kernel_size(operator))
    margins = (0, 0), (columns.before, columns.after)
    return replace(operator, options={**operator.options, "Padding": VALID}, margins=margins)
