# SPDX-License-Identifier: Apache-2.0
"""Weights, biases and scales of convolutions and dense layers: struct sp_nn_weights."""

import numpy as np
from numpy.typing import NDArray

from soundpost.compiler.fixed import Scale, quantize_multiplier
from soundpost.compiler.graph import SIZE_MAX, Operator, Quantization, Tensor
from soundpost.compiler.lowering.common import checked_scale, constant, output_fields
from soundpost.compiler.program import Field, Table

LANES = 4  # SP_NN_LANES


def weight_quantization(operator: Operator, weights: Tensor, dimension: int) -> Quantization:
    """The weights' quantisation, checked: symmetric, one scale or one a channel."""
    found = weights.quantization
    if found is None or len(found.scales) not in (1, weights.shape[dimension]):
        raise operator.fault("the weights' scales do not fit their shape; quantise to full int8")
    if len(found.scales) > 1 and found.dimension != dimension:
        raise operator.fault("the weights are not quantised by output channel; quantise again")
    if found.zero_points.any():
        raise operator.fault("the weights' zero point is not 0; quantise them symmetrically")
    return found


def channel_scales(operator: Operator, quantization: Quantization, outputs: int) -> list[Scale]:
    """Each channel's factor, in double as TFLM's PopulateConvolutionQuantizationParams."""
    source, output = operator.input(0).scale, operator.output.scale
    scales = np.broadcast_to(quantization.scales, outputs).tolist()
    return [quantize_multiplier(source * scale / output) for scale in scales]


def read_bias(operator: Operator, outputs: int) -> NDArray[np.int64]:
    """The bias, zero where there is none."""
    if operator.optional(2) is None:
        return np.zeros(outputs, np.int64)
    bias = constant(operator, 2, "INT32", 1).values()
    if len(bias) != outputs:
        raise operator.fault(f"has {outputs} outputs but {len(bias)} biases; the file is corrupt")
    return bias


def weights_fields(
    operator: Operator, matrix: NDArray[np.int64], scales: list[Scale]
) -> dict[str, Field]:
    """struct sp_nn_weights.

    Args:
        operator: a layer whose input 0 is int8 data and whose input 2 is the bias or missing.
        matrix: weights, outputs x depth.
        scales: one an output.
    """
    outputs, depth = matrix.shape
    if depth > SIZE_MAX:
        raise operator.fault(f"has {depth} weights an output; there can be {SIZE_MAX}")
    # What is outside of the input stands for its zero point there, so this holds at borders too.
    bias = read_bias(operator, outputs) - operator.input(0).zero_point * matrix.sum(axis=1)
    greatest = np.abs(bias) + 128 * np.abs(matrix).sum(axis=1)
    for scale, bound in zip(scales, greatest, strict=True):
        checked_scale(operator, scale, int(bound))
    channels = np.column_stack([bias, np.array(scales)])
    blocks = -(-outputs // LANES)
    lanes = np.zeros((blocks * LANES, depth), np.int8)
    lanes[:outputs] = matrix
    return {
        "weights": Table("int8_t", lanes.reshape(blocks, LANES, depth).swapaxes(1, 2).ravel()),
        "channels": Table("struct sp_nn_channel", channels.astype(np.int32)),
        "depth": depth,
        "outputs": outputs,
        "output": output_fields(operator),
    }
