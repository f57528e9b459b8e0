# SPDX-License-Identifier: Apache-2.0
"""MEAN."""

import math

from soundpost.compiler.fixed import Scale, quantize_multiplier
from soundpost.compiler.graph import SIZE_MAX, Operator
from soundpost.compiler.lowering.common import (
    checked_scale,
    ends,
    output_fields,
    scale_fields,
)
from soundpost.compiler.program import Field, Step


def lower_mean(operator: Operator) -> Step:
    """MEAN over neighbouring axes: sp_nn_mean()."""
    source, output = ends(operator)
    outer, count, inner = _split(operator)
    if output.size != outer * inner:
        raise operator.fault("its axes do not fit its output; the file is corrupt")
    if max(outer, count, inner) > SIZE_MAX:
        raise operator.fault(f"has more than {SIZE_MAX} values along an axis")
    scale = _scale_of_mean(source.scale / output.scale, count)
    params: dict[str, Field] = {
        "outer": outer,
        "count": count,
        "inner": inner,
        "offset": -source.zero_point * count,
        "scale": scale_fields(checked_scale(operator, scale, 255 * count)),
        "output": output_fields(operator, fused=False),
    }
    return Step((operator,), "sp_nn_mean", params, (source,))


def _split(operator: Operator) -> tuple[int, int, int]:
    """Sizes before, of and after the reduced axes."""
    shape, axes = operator.input(0).shape, operator.input(1)
    rank = len(shape)
    if axes.data is None or axes.type != "INT32" or len(axes.shape) > 1 or axes.size > rank:
        raise operator.fault("its axes must be a constant list of some of the input's")
    listed = {int(axis) for axis in axes.values().ravel()}
    if any(not -rank <= axis < rank for axis in listed):
        raise operator.fault(f"its axes {sorted(listed)} are out of range")
    reduced = {axis % rank for axis in listed}
    # an axis of size 1 counts with whatever is beside it
    wide = sorted(axis for axis in reduced if shape[axis] > 1)
    if not wide:
        return 1, 1, math.prod(shape)
    first, last = wide[0], wide[-1]
    if any(shape[axis] > 1 and axis not in reduced for axis in range(first, last)):
        raise operator.fault("its axes are not neighbours; take the mean over height and width")
    return (
        math.prod(shape[:first]),
        math.prod(shape[first : last + 1]),
        math.prod(shape[last + 1 :]),
    )


def _scale_of_mean(factor: float, count: int) -> Scale:
    """`factor` / `count`, the division done in the multiplier as in TFLM's QuantizedMeanOrSum."""
    multiplier, exponent = quantize_multiplier(factor)
    shift = min(count.bit_length() - 1, 32, 31 + exponent)
    return Scale((multiplier << shift) // count, exponent - shift)
