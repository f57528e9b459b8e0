# SPDX-License-Identifier: Apache-2.0
"""Sliding windows: struct sp_nn_window."""

from dataclasses import dataclass

from soundpost.compiler.graph import SIZE_MAX, Operator, Tensor
from soundpost.compiler.lowering.common import constant

SAME, VALID = 0, 1  # the values of Padding in TensorFlow Lite's schema


def window_fields(operator: Operator, height: int, width: int) -> dict[str, int]:
    """struct sp_nn_window of a kernel of height x width, after TFLM's ComputePaddingHeightWidth.

    Raises:
        UserError: if the output's shape is not what the window makes of the input.
    """
    source, output = operator.input(0), operator.output
    rows, columns = axes(operator, height, width)
    if output.shape[1:3] != (rows.outputs, columns.outputs):
        raise operator.fault(
            f"should make {rows.outputs} x {columns.outputs} of its input, but the output has the"
            f" shape {list(output.shape)}; the file is corrupt"
        )
    return {
        "in_height": source.shape[1],
        "in_width": source.shape[2],
        "channels": source.shape[3],
        "out_height": rows.outputs,
        "out_width": columns.outputs,
        "height": height,
        "width": width,
        "stride_y": rows.stride,
        "stride_x": columns.stride,
        "dilation_y": rows.dilation,
        "dilation_x": columns.dilation,
        "pad_top": rows.before,
        "pad_left": columns.before,
        "zero_point": source.zero_point,
    }


def pointwise_window(positions: int, channels: int, zero_point: int) -> dict[str, int]:
    """struct sp_nn_window of a kernel of 1 x 1 over a row of positions."""
    ones = ("in_height", "out_height", "height", "width")
    steps = ("stride_y", "stride_x", "dilation_y", "dilation_x")
    return {
        **dict.fromkeys((*ones, *steps), 1),
        "in_width": positions,
        "out_width": positions,
        "channels": channels,
        "pad_top": 0,
        "pad_left": 0,
        "zero_point": zero_point,
    }


def is_pointwise(operator: Operator, weights: Tensor) -> bool:
    """Whether a convolution looks at each position of its input once and alone."""
    strides = (operator.option("StrideH"), operator.option("StrideW"))
    return weights.shape[1:3] == (1, 1) and strides == (1, 1)


@dataclass(frozen=True)
class Axis:
    """One axis of a window: its kernel spans `extent` values, which lie `dilation` apart."""

    extent: int
    stride: int
    dilation: int
    outputs: int
    # values outside of the input that the first windows see, and the last ones
    before: int
    after: int


def axes(operator: Operator, height: int, width: int) -> tuple[Axis, Axis]:
    """How a kernel of height x width goes down and across the input of `operator`.

    Raises:
        UserError: if its options make no sense.
    """
    return _axis(operator, 0, height, "H"), _axis(operator, 1, width, "W")


def kernel_size(operator: Operator) -> tuple[int, int]:
    """Height and width of the kernel of a convolution or pooling."""
    if operator.name in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        return operator.option("FilterHeight"), operator.option("FilterWidth")
    _, height, width, _ = constant(operator, 1, "INT8", 4).shape
    return height, width


def _axis(operator: Operator, number: int, kernel: int, letter: str) -> Axis:
    stride = operator.option(f"Stride{letter}")
    name = f"Dilation{letter}Factor"
    dilation = operator.option(name) if name in operator.options else 1
    padding = operator.option("Padding")
    if padding not in (SAME, VALID) or min(stride, dilation, kernel) < 1:
        raise operator.fault("its padding, stride, dilation or kernel size makes no sense")
    if max(stride, dilation, kernel) > SIZE_MAX:
        raise operator.fault(f"its stride, dilation or kernel size is over {SIZE_MAX}")
    margins = operator.margins[number]
    size = operator.input(0).shape[number + 1] + sum(margins)
    extent = (kernel - 1) * dilation + 1
    outputs = -(-size // stride) if padding == SAME else (size + stride - extent) // stride
    around = max((outputs - 1) * stride + extent - size, 0)
    before, after = margins[0] + around // 2, margins[1] + around - around // 2
    if before > SIZE_MAX:
        raise operator.fault(f"is padded by more than {SIZE_MAX}")
    return Axis(extent, stride, dilation, outputs, before, after)
