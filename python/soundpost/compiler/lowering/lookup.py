# SPDX-License-Identifier: Apache-2.0
"""RELU, RELU6 and LOGISTIC: functions of one int8 value, worked out for all 256 of them."""

import math
from collections.abc import Callable

import numpy as np

from soundpost.compiler.fixed import (
    INT32_MAX,
    Scale,
    float_quotient,
    input_radius,
    logistic,
    quantize_multiplier,
    round_half_away,
    scaled,
    shift_right,
)
from soundpost.compiler.graph import Operator
from soundpost.compiler.lowering.common import checked_scale, ends
from soundpost.compiler.program import Field, Step, Table

INTEGER_BITS = 4  # of the input of TFLM's logistic


def lower_relu(operator: Operator) -> Step:
    """RELU, after TFLM's ReluQuantized."""
    source, output = ends(operator)
    scale = quantize_multiplier(source.scale / output.scale)
    checked_scale(operator, scale, 255)
    zero, result_zero = source.zero_point, output.zero_point

    def relu(x: int) -> int:
        return min(127, max(result_zero, result_zero + scaled(x - zero, scale)))

    return _step(operator, relu)


def lower_relu6(operator: Operator) -> Step:
    """RELU6, after TFLM's Relu6Quantized, which clamps and does not rescale."""
    source, _ = ends(operator)
    zero = source.zero_point
    steps = float_quotient(6.0, source.scale)
    # behind that, TFLM's conversion to an integer is undefined
    if steps > INT32_MAX - 255:
        raise operator.fault("its input's scale is absurdly small; quantise again")
    six = min(127, zero + round_half_away(steps))
    return _step(operator, lambda x: min(six, max(zero, x)))


def lower_logistic(operator: Operator) -> Step:
    """LOGISTIC, after TFLM's integer Logistic."""
    source, output = ends(operator)
    if output.zero_point != -128:
        raise operator.fault("its output's zero point must be -128; quantise again")
    fraction, shift = math.frexp(source.scale * (1 << (31 - INTEGER_BITS)))
    if not 0 <= shift <= 62:
        raise operator.fault("its input's scale is degenerate; quantise again")
    scale = Scale(round_half_away(fraction * 2**31), shift)
    radius = input_radius(INTEGER_BITS, shift)
    zero = source.zero_point

    def sigmoid(x: int) -> int:
        if x - zero <= -radius:
            return -128
        if x - zero >= radius:
            return 127
        return min(127, shift_right(logistic(scaled(x - zero, scale)), 23) - 128)

    return _step(operator, sigmoid)


def _step(operator: Operator, function: Callable[[int], int]) -> Step:
    source, output = operator.input(0), operator.output
    if source.shape != output.shape:
        raise operator.fault("its input and output differ in shape; the file is corrupt")
    table = np.array([function(x) for x in range(-128, 128)], np.int8)
    params: dict[str, Field] = {"table": Table("int8_t", table), "count": source.size}
    return Step((operator,), "sp_nn_lut", params, (source,), in_place=True)
