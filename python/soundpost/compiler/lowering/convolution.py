# SPDX-License-Identifier: Apache-2.0
"""CONV_2D and DEPTHWISE_CONV_2D."""

from soundpost.compiler.graph import Operator, Tensor
from soundpost.compiler.lowering.common import constant, ends
from soundpost.compiler.lowering.dense import dense_step
from soundpost.compiler.lowering.planes import depthwise_step
from soundpost.compiler.lowering.quads import conv_step
from soundpost.compiler.lowering.weights import Layer, channel_scales, weight_quantization
from soundpost.compiler.lowering.window import is_pointwise, window_fields
from soundpost.compiler.program import Step


def lower_conv(operator: Operator) -> Step:
    """CONV_2D: sp_nn_depthwise() for one input channel, else sp_nn_conv() or sp_nn_dense()."""
    source, output = ends(operator, rank=4)
    weights = _weights(operator)
    outputs, height, width, channels = weights.shape
    if channels != source.shape[3]:
        raise operator.fault("grouped convolutions are not supported; use one group")
    if outputs != output.shape[3]:
        raise operator.fault("its weights do not fit its output; the file is corrupt")
    window = window_fields(operator, height, width)
    quantization = weight_quantization(operator, weights, 0)
    scales = channel_scales(operator, quantization, outputs)
    matrix = weights.values().reshape(outputs, -1)
    if is_pointwise(operator, weights):
        return dense_step(operator, matrix, scales)
    layer = Layer.fold(operator, matrix, scales)
    macs = output.size * matrix.shape[1]
    if channels == 1:
        return depthwise_step(layer, window, outputs, macs)
    return conv_step(layer, window, macs)


def lower_depthwise(operator: Operator) -> Step:
    """DEPTHWISE_CONV_2D: sp_nn_depthwise()."""
    source, output = ends(operator, rank=4)
    weights = _weights(operator)
    _, height, width, outputs = weights.shape
    multiplier = operator.option("DepthMultiplier")
    if weights.shape[0] != 1 or not outputs == source.shape[3] * multiplier == output.shape[3]:
        raise operator.fault("its weights do not fit its input and output; the file is corrupt")
    window = window_fields(operator, height, width)
    quantization = weight_quantization(operator, weights, 3)
    scales = channel_scales(operator, quantization, outputs)
    matrix = weights.values().reshape(-1, outputs).T
    layer = Layer.fold(operator, matrix, scales)
    return depthwise_step(layer, window, multiplier, output.size * height * width)


def _weights(operator: Operator) -> Tensor:
    """The weights; a bias may only be left out with its place, unlike in dense layers."""
    if operator.inputs[2:] == (None,):
        operator.input(2)
    return constant(operator, 1, "INT8", 4)
