# SPDX-License-Identifier: Apache-2.0
"""Checks and numbers that the lowerings share."""

from soundpost.compiler.fixed import INT32_MAX, Scale, float_quotient, round_half_away
from soundpost.compiler.graph import ARENA_MAX, Operator, Tensor
from soundpost.compiler.program import Field

# the values of ActivationFunctionType in TensorFlow Lite's schema
NONE, RELU, RELU_N1_TO_1, RELU6 = range(4)


def same_type(operator: Operator, tensor: Tensor) -> Tensor:
    """`tensor`, once it is known to be int8 and quantised as a whole."""
    if tensor.type != "INT8":
        raise operator.fault(
            f"tensor {tensor.index} is {tensor.type}; quantise the whole model to int8"
        )
    found = tensor.quantization
    if found is None or len(found.scales) != 1 or not -128 <= found.zero_points[0] <= 127:
        raise operator.fault(
            f"tensor {tensor.index} has no scale and zero point of int8; quantise to full int8"
        )
    if tensor.data is None and tensor.size > ARENA_MAX:
        raise operator.fault(
            f"tensor {tensor.index} takes {tensor.size} bytes; there are {ARENA_MAX} of arena"
        )
    return tensor


def activation(operator: Operator, tensor: Tensor) -> Tensor:
    """`tensor`, once it is known to be int8 data that is computed, not a constant."""
    if tensor.data is not None:
        raise operator.fault(f"tensor {tensor.index} is a constant, which is not supported here")
    return same_type(operator, tensor)


def ends(operator: Operator, rank: int | None = None) -> tuple[Tensor, Tensor]:
    """The first input and the output, both int8 data; of `rank` and batch 1 if that is given."""
    first = activation(operator, operator.input(0))
    output = same_type(operator, operator.output)
    for tensor in (first, output) if rank is not None else ():
        if len(tensor.shape) != rank or tensor.shape[0] != 1:
            raise operator.fault(
                f"tensor {tensor.index} has the shape {list(tensor.shape)}; it must have"
                f" {rank} dimensions and a batch of 1"
            )
    return first, output


def constant(operator: Operator, position: int, kind: str, rank: int) -> Tensor:
    """An input that is a constant of `kind` and `rank`."""
    tensor = operator.input(position)
    if tensor.data is None or tensor.type != kind or len(tensor.shape) != rank:
        raise operator.fault(f"input {position} must be a constant {kind} of {rank} dimensions")
    return tensor


def quantized_bounds(operator: Operator) -> tuple[int, int]:
    """Bounds of the fused activation, as TFLM's CalculateActivationRangeQuantized has them."""
    output = operator.output
    limits = {NONE: (None, None), RELU: (0.0, None), RELU_N1_TO_1: (-1.0, 1.0), RELU6: (0.0, 6.0)}
    fused = operator.option("FusedActivationFunction")
    if fused not in limits:
        raise operator.fault(f"fused activation {fused} is not supported; use relu or relu6")

    def quantized(limit: float) -> int:
        steps = float_quotient(limit, output.scale)
        if abs(steps) > INT32_MAX - 255:
            raise operator.fault("the output's scale is absurdly small; quantise again")
        return output.zero_point + round_half_away(steps)

    low, high = limits[fused]
    return (
        -128 if low is None else max(-128, quantized(low)),
        127 if high is None else min(127, quantized(high)),
    )


def output_fields(operator: Operator, fused: bool = True) -> dict[str, Field]:
    """struct sp_nn_output."""
    low, high = quantized_bounds(operator) if fused else (-128, 127)
    return {"zero_point": operator.output.zero_point, "min": low, "max": high}


def checked_scale(operator: Operator, scale: Scale, greatest: int) -> Scale:
    """`scale`, once it is known that values up to `greatest` do not overflow before it."""
    if max(greatest, 1) << max(scale.shift, 0) > INT32_MAX:
        raise operator.fault("its sums overflow 32 bits; the quantisation is degenerate")
    return scale


def scale_fields(scale: Scale) -> dict[str, Field]:
    """struct sp_nn_scale."""
    return {"multiplier": scale.multiplier, "shift": scale.shift}
