# SPDX-License-Identifier: Apache-2.0
"""RESHAPE, SLICE and STRIDED_SLICE: tensors that are parts of others and take no memory."""

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

from soundpost.compiler.graph import Operator
from soundpost.compiler.lowering.common import activation, constant, same_type
from soundpost.compiler.program import View

Bounds: TypeAlias = tuple[list[int], list[int]]


def view_reshape(operator: Operator) -> View:
    """RESHAPE: all of its input."""
    source = activation(operator, operator.input(0))
    output = same_type(operator, operator.output)
    shape = operator.optional(1)
    if shape is not None and shape.type != "INT32":
        raise operator.fault(f"its shape is {shape.type}; export it again")
    if source.size != output.size:
        raise operator.fault(f"reshapes {list(source.shape)} to {list(output.shape)}")
    return View(source)


def view_slice(operator: Operator) -> View:
    """SLICE or STRIDED_SLICE of whole rows."""
    return _view(operator, *BOUNDS[operator.name](operator))


def _slice_bounds(operator: Operator) -> Bounds:
    """Where a SLICE begins and ends along each axis."""
    begin, size = _list(operator, 1), _list(operator, 2)
    shape = operator.input(0).shape
    ends = [
        whole if count == -1 else start + count
        for whole, start, count in zip(shape, begin, size, strict=True)
    ]
    return begin, ends


def _strided_slice_bounds(operator: Operator) -> Bounds:
    """The same of a STRIDED_SLICE, after TFLM's StridedSliceStartForAxis and -EndForAxis."""
    begin, end, strides = (_list(operator, position) for position in (1, 2, 3))
    options = ("EllipsisMask", "NewAxisMask", "ShrinkAxisMask", "Offset")
    if any(operator.option(name) for name in options) or any(stride != 1 for stride in strides):
        raise operator.fault("can only cut rows off, with a stride of 1 and the axes as they are")
    shape = operator.input(0).shape
    for indices, name, whole in ((begin, "BeginMask", [0] * len(shape)), (end, "EndMask", shape)):
        mask = operator.option(name)
        for axis, size in enumerate(shape):
            index = indices[axis] + size if indices[axis] < 0 else indices[axis]
            indices[axis] = whole[axis] if mask >> axis & 1 else min(max(index, 0), size)
    return begin, end


BOUNDS: dict[str, Callable[[Operator], Bounds]] = {
    "SLICE": _slice_bounds,
    "STRIDED_SLICE": _strided_slice_bounds,
}


def _list(operator: Operator, position: int) -> list[int]:
    """A constant with one value an axis of the input."""
    values: list[int] = constant(operator, position, "INT32", 1).values().tolist()
    if len(values) != len(operator.input(0).shape):
        raise operator.fault(f"input {position} must have one value an axis")
    return values


def _view(operator: Operator, begin: Sequence[int], end: Sequence[int]) -> View:
    """The part of the input from `begin` to `end`, if it is one run of bytes."""
    source = activation(operator, operator.input(0))
    output = same_type(operator, operator.output)
    shape = source.shape
    bounds = list(zip(begin, end, shape, strict=True))
    if any(not 0 <= first < last <= size for first, last, size in bounds):
        raise operator.fault("cuts off more than there is")
    if tuple(last - first for first, last, _ in bounds) != output.shape:
        raise operator.fault("does not make its output's shape; the file is corrupt")
    cut = [axis for axis, (first, last, size) in enumerate(bounds) if last - first < size]
    if len(cut) > 1 or math.prod(shape[: cut[0]] if cut else ()) > 1:
        raise operator.fault(f"cuts along axes {cut}; crop along the height alone")
    offset = begin[cut[0]] * math.prod(shape[cut[0] + 1 :]) if cut else 0
    return View(source, offset)
