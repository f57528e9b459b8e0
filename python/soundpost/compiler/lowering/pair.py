# SPDX-License-Identifier: Apache-2.0
"""ADD and MUL, with broadcasting."""

import math
from dataclasses import dataclass, replace

import numpy as np

from soundpost.compiler.fixed import Scale, quantize_multiplier
from soundpost.compiler.graph import Operator, Tensor
from soundpost.compiler.lowering.common import (
    checked_scale,
    output_fields,
    same_type,
    scale_fields,
)
from soundpost.compiler.program import Field, Step, Table

DIMENSIONS = 4  # SP_NN_DIMENSIONS
LEFT_SHIFT = 20  # of the inputs of an addition, as in TFLM's CalculateOpDataAdd
# where sp_nn_add_tables() is exact, and from how many values on its tables pay
TABLES_SHIFTS = -21, -1
TABLES_SIZE_MIN = 512
TABLES_BYTES = 2048


def lower_add(operator: Operator) -> Step:
    """ADD: sp_nn_add(), with tables where there is much to add."""
    first, second = _inputs(operator)
    output = operator.output.scale
    widest = 2 * max(first.scale, second.scale)
    factors = (
        first.scale / widest,
        second.scale / widest,
        widest / ((1 << LEFT_SHIFT) * output),
    )
    scales = [quantize_multiplier(factor) for factor in factors]
    if any(scale.shift > 0 for scale in scales):
        raise operator.fault("its output's scale is far finer than its inputs'; quantise again")
    # two inputs of up to 255 x 2^20, each halved at least
    checked_scale(operator, scales[2], 255 << LEFT_SHIFT)
    names = ("scale1", "scale2", "scale")
    step = _step(operator, first, second, dict(zip(names, scales, strict=True)))
    is_flat = first.shape == second.shape == operator.output.shape and second.data is None
    shifts = TABLES_SHIFTS[0] <= scales[2].shift <= TABLES_SHIFTS[1]
    if not is_flat or not shifts or step.output.size < TABLES_SIZE_MIN:
        return step
    return replace(step, kernel="sp_nn_add_tables", scratch=TABLES_BYTES, others=(step,))


def lower_mul(operator: Operator) -> Step:
    """MUL: sp_nn_mul()."""
    first, second = _inputs(operator)
    product = first.scale * second.scale
    scale = quantize_multiplier(product / operator.output.scale)
    return _step(operator, first, second, {"scale": checked_scale(operator, scale, 255 * 255)})


def _inputs(operator: Operator) -> tuple[Tensor, Tensor]:
    """The two inputs; a constant comes second, as both operators commute."""
    same_type(operator, operator.output)
    first = same_type(operator, operator.input(0))
    second = same_type(operator, operator.input(1))
    if first.data is not None:
        first, second = second, first
    if first.data is not None:
        raise operator.fault("both inputs are constant; let the converter fold them")
    return first, second


def _step(operator: Operator, first: Tensor, second: Tensor, scales: dict[str, Scale]) -> Step:
    constant = None
    if second.data is not None:
        constant = Table("int8_t", np.frombuffer(second.data, np.int8))
    loops = _loops(operator, first, second)
    pair: dict[str, Field] = {
        "shape": [loop.size for loop in loops],
        "stride1": [loop.stride1 for loop in loops],
        "stride2": [loop.stride2 for loop in loops],
        "offset1": -first.zero_point,
        "offset2": -second.zero_point,
        "constant": constant,
    }
    params: dict[str, Field] = {"pair": pair}
    params |= {name: scale_fields(scale) for name, scale in scales.items()}
    params["output"] = output_fields(operator)
    kernel = "sp_nn_add" if operator.name == "ADD" else "sp_nn_mul"
    inputs = (first,) if second.data is not None else (first, second)
    return Step((operator,), kernel, params, inputs, in_place=True)


@dataclass
class _Loop:
    size: int
    stride1: int
    stride2: int


def _loops(operator: Operator, first: Tensor, second: Tensor) -> list[_Loop]:
    """The fewest nested loops over the output, padded to DIMENSIONS with loops of one."""
    rank = max(len(first.shape), len(second.shape))
    shapes = [(1,) * (rank - len(tensor.shape)) + tensor.shape for tensor in (first, second)]
    sizes = [max(sizes) for sizes in zip(*shapes, strict=True)]
    fits = all(a in (1, size) for shape in shapes for a, size in zip(shape, sizes, strict=True))
    output = operator.output.shape
    if not fits or (1,) * (rank - len(output)) + output != tuple(sizes):
        raise operator.fault("its inputs' and output's shapes do not broadcast")
    loops: list[_Loop] = []
    for axis in range(rank):
        if sizes[axis] == 1:
            continue
        strides = [math.prod(shape[axis + 1 :]) if shape[axis] > 1 else 0 for shape in shapes]
        loop = _Loop(sizes[axis], strides[0], strides[1])
        before = loops[-1] if loops else None
        if before is not None and (before.stride1, before.stride2) == (
            loop.stride1 * loop.size,
            loop.stride2 * loop.size,
        ):
            loops[-1] = _Loop(before.size * loop.size, loop.stride1, loop.stride2)
        else:
            loops.append(loop)
    if len(loops) > DIMENSIONS:
        raise operator.fault(f"broadcasts over more than {DIMENSIONS} dimensions")
    return [_Loop(1, 0, 0)] * (DIMENSIONS - len(loops)) + loops
