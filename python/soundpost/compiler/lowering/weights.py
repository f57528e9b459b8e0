# SPDX-License-Identifier: Apache-2.0
"""Weights, biases and scales of convolutions and dense layers: struct sp_nn_weights."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundpost.compiler.fixed import INT32_MAX, Scale, quantize_multiplier
from soundpost.compiler.graph import SIZE_MAX, Operator, Quantization, Tensor
from soundpost.compiler.lowering.common import checked_scale, constant, output_fields
from soundpost.compiler.program import Field, Table

# the values of TensorType in TensorFlow Lite's schema for a bias; older files leave it at float32
UNSET, INT32 = 0, 2
LANES = 4  # SP_NN_LANES
GROUP = 4  # SP_NN_GROUP
# of sp_nn_filter_3_1() and its like
FAST_SHIFT = 13
FAST_SHIFT_LEAST = -18


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
    if operator.options.get("QuantizedBiasType", UNSET) not in (UNSET, INT32):
        raise operator.fault("its bias must be int32; quantise to full int8")
    if operator.optional(2) is None:
        return np.zeros(outputs, np.int64)
    bias = constant(operator, 2, "INT32", 1).values()
    if len(bias) != outputs:
        raise operator.fault(f"has {outputs} outputs but {len(bias)} biases; the file is corrupt")
    return bias


@dataclass(frozen=True)
class Layer:
    """What a convolution or dense layer multiplies, checked: its sums fit 32 bits.

    Attributes:
        operator: a layer whose input 0 is int8 data and whose input 2 is the bias or missing.
        matrix: weights, outputs x depth.
        channels: rows of sp_nn_channel.
        greatest: a bound of each channel's sums.
    """

    operator: Operator
    matrix: NDArray[np.int64]
    channels: NDArray[np.int32]
    greatest: NDArray[np.int64]

    @classmethod
    def fold(cls, operator: Operator, matrix: NDArray[np.int64], scales: list[Scale]) -> "Layer":
        """Fold the input's zero point into the bias.

        What is outside of the input stands for its zero point, so this holds at borders too.
        """
        bias = read_bias(operator, len(matrix))
        bias = bias - operator.input(0).zero_point * matrix.sum(axis=1)
        greatest = np.abs(bias) + 128 * np.abs(matrix).sum(axis=1)
        for scale, bound in zip(scales, greatest, strict=True):
            checked_scale(operator, scale, int(bound))
        channels = np.column_stack([bias, np.array(scales)])
        return cls(operator, matrix, channels.astype(np.int32), greatest)

    @property
    def is_fast(self) -> bool:
        """Whether the scaling of core/nn/dsp.h is exact for it, as sp_nn_filter_3_1() says."""
        multipliers, shifts = self.channels[:, 1], self.channels[:, 2]
        bits = np.maximum(FAST_SHIFT + shifts, 2)
        fits = (shifts >= FAST_SHIFT_LEAST) & (
            self.greatest <= np.right_shift(np.int64(INT32_MAX), bits)
        )
        return bool((fits | (multipliers == 0)).all())

    def in_planes(self) -> dict[str, Field]:
        """struct sp_nn_weights for sp_nn_depthwise()."""
        return self._fields(self.matrix)

    def in_quads(self, runs: int) -> dict[str, Field]:
        """struct sp_nn_weights for sp_nn_dense() and sp_nn_conv(), with inputs in `runs` runs."""
        outputs, depth = self.matrix.shape
        run = filled_run(depth // runs)
        blocks = -(-outputs // LANES)
        filled = np.zeros((blocks * LANES, runs, run), np.int64)
        filled[:outputs, :, : depth // runs] = self.matrix.reshape(outputs, runs, -1)
        groups = filled.reshape(blocks, LANES, runs * run // GROUP, GROUP)
        return self._fields(groups.swapaxes(1, 2), runs * run)

    def in_patches(self) -> dict[str, Field]:
        """struct sp_nn_weights for sp_nn_conv_patches()."""
        outputs, depth = self.matrix.shape
        blocks, run = -(-outputs // LANES), filled_run(depth)
        filled = np.zeros((blocks * LANES, run), np.int64)
        filled[:outputs, :depth] = self.matrix
        # quad, two channels, channel, group, half of a pair, pair
        split = filled.reshape(blocks, 2, 2, run // GROUP, 2, 2)
        return self._fields(split.transpose(0, 3, 5, 1, 4, 2), run)

    @property
    def bias(self) -> NDArray[np.int64]:
        """The bias without the input's zero point."""
        zero_point = self.operator.input(0).zero_point
        bias: NDArray[np.int64] = self.channels[:, 0] + zero_point * self.matrix.sum(axis=1)
        return bias

    def in_columns(self, height: int, width: int) -> dict[str, Field]:
        """struct sp_nn_weights for sp_nn_conv_columns(), whose inputs come in whole groups."""
        outputs = len(self.matrix)
        split = self.matrix.reshape(outputs, height, width, -1, GROUP)
        fields = self._fields(split.swapaxes(2, 3))
        channels = np.column_stack([self.bias, self.channels[:, 1:]])
        return {**fields, "channels": Table("struct sp_nn_channel", channels.astype(np.int32))}

    def margin(self, runs: int) -> int:
        """Bytes that sp_nn_conv() may touch behind its input and output."""
        outputs, depth = self.matrix.shape
        is_whole = depth // runs % GROUP == 0 and outputs % LANES == 0
        return 0 if is_whole else max(GROUP, LANES) - 1

    def _fields(self, weights: NDArray[np.int64], depth: int | None = None) -> dict[str, Field]:
        outputs = len(self.matrix)
        depth = depth if depth is not None else self.matrix.shape[1]
        if depth > SIZE_MAX:
            raise self.operator.fault(f"has {depth} weights an output; there can be {SIZE_MAX}")
        return {
            "weights": Table("int8_t", weights.astype(np.int8).ravel()),
            "channels": Table("struct sp_nn_channel", self.channels),
            "depth": depth,
            "outputs": outputs,
            "output": output_fields(self.operator),
        }


def filled_run(size: int) -> int:
    """Weights of a run of `size` values, with those that fill up its last group."""
    return -(-size // GROUP) * GROUP
