# SPDX-License-Identifier: Apache-2.0
"""Which operators can work from chunk to chunk, and which rows of its input each of them sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from soundpost.compiler.graph import Graph, Operator, Tensor
from soundpost.compiler.lowering.pad import pad_margins
from soundpost.compiler.lowering.views import BOUNDS
from soundpost.compiler.lowering.window import axes, kernel_size
from soundpost.errors import UserError

WINDOWS = ("CONV_2D", "DEPTHWISE_CONV_2D", "AVERAGE_POOL_2D", "MAX_POOL_2D")
BY_VALUE = ("ADD", "MUL", "RELU", "RELU6", "LOGISTIC")


class CannotStreamError(UserError):
    """The network has no streaming form that gives the same bytes; the message says why."""


@dataclass(frozen=True)
class Reach:
    """What an operator sees: row r of its output is made of rows stride * r + start on, `extent`
    of them, of its input.
    """

    start: int = 0
    stride: int = 1
    extent: int = 1

    def first(self, row: int) -> int:
        """The first input row that an output row sees."""
        return self.stride * row + self.start

    def end(self, rows: int) -> int:
        """The input row behind the last one that the first `rows` output rows see."""
        return self.first(rows - 1) + self.extent


@dataclass(frozen=True)
class Split:
    """A network in two: operators that go along time, and those from where it is looked at whole.

    Attributes:
        body: each operator with what it sees of its inputs.
        head: the others.
        cut: the one tensor that goes from body to head.
        ends: of each of the body's tensors, by index, the rows that the cut's rows are made of.
        strides: columns from one row of each to the next.
    """

    body: tuple[tuple[Operator, Reach], ...]
    head: tuple[Operator, ...]
    cut: Tensor
    ends: Mapping[int, int]
    strides: Mapping[int, int]


def activations(operator: Operator) -> list[Tensor]:
    """The inputs of an operator that are computed."""
    return [tensor for tensor in operator.inputs if tensor is not None and tensor.data is None]


def split(graph: Graph) -> Split:
    """Split a network that was lowered without an error.

    Raises:
        CannotStreamError: if there is nothing that can go along time, or it cannot be cut off.
    """
    along = {graph.input.index: graph.input}
    body: list[tuple[Operator, Reach]] = []
    head: list[Operator] = []
    why = ""
    for operator in graph.operators:
        sources = activations(operator)
        if all(tensor.index in along for tensor in sources):
            found = _reach(operator)
            if isinstance(found, Reach):
                body.append((operator, found))
                along[operator.output.index] = operator.output
                continue
            why = why or str(operator.fault(f"cannot stream: {found}"))
        head.append(operator)
    crossing = {t.index: t for operator in head for t in activations(operator) if t.index in along}
    if graph.output.index in along:
        raise CannotStreamError(
            f"{graph.source}: cannot stream: nothing at its end takes all of the window; end it in"
            " a mean over time"
        )
    if list(crossing) == [graph.input.index] or len(crossing) != 1:
        raise CannotStreamError(why)
    cut = next(iter(crossing.values()))
    needed = _needed(body, cut)
    return Split(tuple(needed), tuple(head), cut, _ends(needed, cut), _strides(graph, needed))


def _reach(operator: Operator) -> Reach | str:
    """What an operator sees of each of its inputs, or why it cannot go along time."""
    source, output = activations(operator)[0], operator.output
    if operator.name in WINDOWS:
        rows, _ = axes(operator, *kernel_size(operator))
        if rows.extent >= source.shape[1]:
            return "it sees all of the window from the first layer on"
        if rows.before or rows.after:
            return "it is padded along time; use VALID padding there"
        return Reach(stride=rows.stride, extent=rows.extent)
    if operator.name in BOUNDS and len(source.shape) == 4:
        begin, end = BOUNDS[operator.name](operator)
        if (begin[2:], tuple(end[2:])) == ([0, 0], source.shape[2:]):
            return Reach(start=begin[1])
    if operator.name == "PAD" and len(source.shape) == 4 and pad_margins(operator)[1] == [0, 0]:
        return Reach()
    if operator.name in BY_VALUE and len(output.shape) == 4:
        is_even = all(tensor.shape[1] == output.shape[1] for tensor in activations(operator))
        constants = [t for t in operator.inputs if t is not None and t.data is not None]
        if is_even and all(len(t.shape) < 3 or t.shape[-3] == 1 for t in constants):
            return Reach()
    return "it takes the rows of a window as a whole, and nothing before it goes along time"


def _needed(body: Sequence[tuple[Operator, Reach]], cut: Tensor) -> list[tuple[Operator, Reach]]:
    """The part of a body that the cut is made of."""
    wanted, found = {cut.index}, []
    for operator, reach in reversed(body):
        if operator.output.index in wanted:
            wanted |= {tensor.index for tensor in activations(operator)}
            found.append((operator, reach))
    return found[::-1]


def _ends(body: Sequence[tuple[Operator, Reach]], cut: Tensor) -> dict[int, int]:
    ends = {cut.index: cut.shape[1]}
    for operator, reach in reversed(body):
        end = reach.end(ends[operator.output.index])
        for tensor in activations(operator):
            ends[tensor.index] = max(ends.get(tensor.index, 0), end)
    return ends


def _strides(graph: Graph, body: Sequence[tuple[Operator, Reach]]) -> dict[int, int]:
    strides = {graph.input.index: 1}
    for operator, reach in body:
        before = {strides[tensor.index] for tensor in activations(operator)}
        if len(before) > 1:
            raise CannotStreamError(
                str(operator.fault("cannot stream: its inputs have other strides along time"))
            )
        strides[operator.output.index] = before.pop() * reach.stride
    return strides
