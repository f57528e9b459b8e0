# SPDX-License-Identifier: Apache-2.0
"""TFLM's fixed-point arithmetic, for what the compiler works out ahead of time.

The sources are tensorflow/lite/kernels/internal (quantization_util.cc, common.cc,
reference/integer_ops/logistic.h) and gemmlowp's fixedpoint.h; Qn has n bits of fraction.
"""

import math
from typing import NamedTuple

import numpy as np

INT32_MAX = 2**31 - 1
INT32_MIN = -(2**31)


class Scale(NamedTuple):
    """A real factor as multiplier 2^-31 2^shift."""

    multiplier: int
    shift: int


def round_half_away(x: float) -> int:
    """C's round()."""
    return int(math.copysign(math.floor(abs(x) + 0.5), x))


def quantize_multiplier(factor: float) -> Scale:
    """`factor`, not negative, as TFLM's QuantizeMultiplier has it."""
    if factor == 0:
        return Scale(0, 0)
    fraction, shift = math.frexp(factor)
    multiplier = round_half_away(fraction * 2**31)
    if multiplier == 2**31:
        multiplier //= 2
        shift += 1
    return Scale(0, 0) if shift < -31 else Scale(multiplier, shift)


def multiply(a: int, b: int) -> int:
    """a b / 2^31 rounded half up: SaturatingRoundingDoublingHighMul."""
    return (a * b + (1 << 30)) >> 31


def shift_right(x: int, bits: int) -> int:
    """x / 2^bits rounded half away from zero: RoundingDivideByPOT."""
    if bits == 0:
        return x
    return (x + (1 << (bits - 1)) - (x < 0)) >> bits


def shift_left(x: int, bits: int) -> int:
    """x 2^bits, saturating."""
    return max(INT32_MIN, min(INT32_MAX, x << bits))


def scaled(x: int, scale: Scale) -> int:
    """MultiplyByQuantizedMultiplier."""
    return shift_right(multiply(x << max(scale.shift, 0), scale.multiplier), max(-scale.shift, 0))


def input_radius(integer_bits: int, left_shift: int) -> int:
    """CalculateInputRadius: the greatest difference that fits `integer_bits` once shifted."""
    return math.floor(((1 << integer_bits) - 1) * (1 << (31 - integer_bits)) / (1 << left_shift))


def _exp_of_quarter(x: int) -> int:
    """exp(x) in Q31 for x in Q31 from -1/4 to 0."""
    d = x + (1 << 28)
    d2 = multiply(d, d)
    d3 = multiply(d2, d)
    d4_quarter = shift_right(multiply(d2, d2), 2)
    rest = shift_right(multiply(d4_quarter + d3, 715827883) + d2, 1)
    return 1895147668 + multiply(1895147668, d + rest)


def _exp_of_negative(x: int) -> int:
    """exp(x) in Q31 for x in Q27, at most 0."""
    if x == 0:
        return INT32_MAX
    quarter = 1 << 25
    fraction = (x & (quarter - 1)) - quarter
    remainder = fraction - x
    result = _exp_of_quarter(shift_left(fraction, 4))
    factors = (1672461947, 1302514674, 790015084, 290630308, 39332535, 720401)
    for i, factor in enumerate(factors):
        if remainder & (quarter << i):
            result = multiply(result, factor)
    return result


def _reciprocal_of_one_plus(x: int) -> int:
    """1 / (1 + x) in Q31 for x in Q31 from 0 to 1."""
    half_denominator = (x + INT32_MAX + 1) // 2
    result = 1515870810 + multiply(half_denominator, -1010580540)
    for _ in range(3):
        error = (1 << 29) - multiply(half_denominator, result)
        result += shift_left(multiply(result, error), 2)
    return shift_left(result, 1)


def logistic(x: int) -> int:
    """1 / (1 + exp(-x)) in Q31 for x in Q27."""
    if x == 0:
        return 1 << 30
    positive = _reciprocal_of_one_plus(_exp_of_negative(-abs(x)))
    return positive if x > 0 else INT32_MAX - positive


def float_quotient(a: float, b: float) -> float:
    """The quotient of two floats, rounded to a float; infinite where it overflows."""
    with np.errstate(over="ignore", under="ignore"):
        return float(np.float32(a) / np.float32(b))
