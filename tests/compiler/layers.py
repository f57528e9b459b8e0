# SPDX-License-Identifier: Apache-2.0
"""Random models of one or two layers that multiply, as hypothesis' strategies."""

import math
from typing import TypeAlias

import numpy as np
from hypothesis import strategies as st
from models import Call, Spec, build, options
from numpy.typing import NDArray

ACTIVATIONS = st.sampled_from([0, 1, 2, 3])  # none, relu, relu_n1_to_1, relu6
SIZES = st.integers(1, 9)
STRIDES = st.integers(1, 3)
SEEDS = st.integers(0, 2**32 - 1)
ZERO_POINTS = st.integers(-128, 127)

WindowCase: TypeAlias = tuple[NDArray[np.int64], dict[str, int]]


def window_size(size: int, kernel: int, stride: int, dilation: int, same: bool) -> int:
    extent = (kernel - 1) * dilation + 1
    return math.ceil(size / stride) if same else (size - extent + stride) // stride


def random_weights(
    rng: np.random.Generator, shape: tuple[int, ...], dimension: int, per_channel: bool
) -> Spec:
    scales = np.exp(rng.normal(-5, 1, shape[dimension] if per_channel else 1))
    weights = rng.integers(-127, 128, shape)
    return Spec(shape, scales, dimension=dimension, data=weights)


def random_bias(
    rng: np.random.Generator, source: Spec, weights: Spec, outputs: int, depth: int
) -> Spec:
    """A bias of about the size of the sums, in their scale."""
    scales = np.float32(source.scales[0]) * np.asarray(weights.scales, np.float32)
    return Spec((outputs,), scales, kind="int32", data=rng.normal(0, 3e3 * depth**0.5, outputs))


def fitting_scale(rng: np.random.Generator, source: Spec, weights: Spec, depth: int) -> float:
    """An output scale that spreads the sums over int8, and then some or less."""
    deviation = source.scales[0] * np.mean(weights.scales) * 75 * 75 * math.sqrt(depth)
    return float(deviation / 50 * math.exp(rng.normal(0, 1)))


@st.composite
def window_cases(
    draw: st.DrawFn, with_filter: bool = False, pointwise: bool = False
) -> tuple[NDArray[np.int64], dict[str, int]]:
    """Input size, kernel, stride and dilation, and the window's part of the options.

    `with_filter` keeps to what core/nn has filters of their own for, `pointwise` to 1 x 1.
    """
    same = draw(st.booleans())
    widths = st.sampled_from([3, 5]) if with_filter else st.integers(1, 5)
    kernel = np.array([draw(st.integers(1, 5)), draw(widths)])
    stride = np.array([draw(STRIDES), draw(st.integers(1, 2) if with_filter else STRIDES)])
    dilation = np.ones(2, int)
    if not with_filter:
        dilation = np.array([draw(st.sampled_from([1, 1, 2])), draw(st.sampled_from([1, 1, 3]))])
    if pointwise:
        kernel = stride = dilation = np.ones(2, int)
    least = np.ones(2, int) if same else (kernel - 1) * dilation + 1
    size = least + np.array([draw(st.integers(0, 9)), draw(st.integers(0, 9))])
    fields = {"padding": 0 if same else 1, "strideH": int(stride[0]), "strideW": int(stride[1])}
    return np.array([size, kernel, stride, dilation]), fields


def conv_2d(
    case: WindowCase,
    channels: int,
    outputs: int,
    activation: int,
    per_channel: bool,
    biased: bool,
    zero_point: int,
    seed: int,
) -> bytes:
    """CONV_2D with random weights and scales."""
    (size, kernel, stride, dilation), fields = case
    rng = np.random.default_rng(seed)
    depth = int(kernel.prod()) * channels
    source = Spec((1, *size, channels), [math.exp(rng.normal(-3, 2))], [zero_point])
    weights = random_weights(rng, (outputs, *kernel, channels), 0, per_channel)
    same = fields["padding"] == 0
    shape = [window_size(*axis, same) for axis in zip(size, kernel, stride, dilation, strict=True)]
    scale = fitting_scale(rng, source, weights, depth)
    output = Spec((1, *shape, outputs), [scale], [rng.integers(-128, 128)])
    tensors = [source, weights, output]
    if biased:
        tensors.append(random_bias(rng, source, weights, outputs, depth))
    call = options(
        "Conv2DOptions",
        **fields,
        dilationHFactor=int(dilation[0]),
        dilationWFactor=int(dilation[1]),
        fusedActivationFunction=activation,
    )
    inputs = [0, 1, 3] if biased else [0, 1]
    return build(tensors, [Call("CONV_2D", inputs, 2, call)], 0, 2)


def depthwise_conv_2d(
    case: WindowCase,
    channels: int,
    multiplier: int,
    activation: int,
    per_channel: bool,
    zero_point: int,
    seed: int,
) -> bytes:
    """DEPTHWISE_CONV_2D with random weights and scales."""
    (size, kernel, stride, dilation), fields = case
    rng = np.random.default_rng(seed)
    outputs = channels * multiplier
    source = Spec((1, *size, channels), [math.exp(rng.normal(-3, 2))], [zero_point])
    weights = random_weights(rng, (1, *kernel, outputs), 3, per_channel)
    same = fields["padding"] == 0
    shape = [window_size(*axis, same) for axis in zip(size, kernel, stride, dilation, strict=True)]
    scale = fitting_scale(rng, source, weights, int(kernel.prod()))
    output = Spec((1, *shape, outputs), [scale], [rng.integers(-128, 128)])
    bias = random_bias(rng, source, weights, outputs, int(kernel.prod()))
    call = options(
        "DepthwiseConv2DOptions",
        **fields,
        depthMultiplier=multiplier,
        dilationHFactor=int(dilation[0]),
        dilationWFactor=int(dilation[1]),
        fusedActivationFunction=activation,
    )
    calls = [Call("DEPTHWISE_CONV_2D", [0, 1, 3], 2, call)]
    return build([source, weights, output, bias], calls, 0, 2)


def fully_connected(
    rows: int,
    depth: int,
    outputs: int,
    activation: int,
    per_channel: bool,
    biased: bool,
    zero_point: int,
    seed: int,
) -> bytes:
    """FULLY_CONNECTED with random weights and scales."""
    rng = np.random.default_rng(seed)
    source = Spec((1, rows, depth), [math.exp(rng.normal(-3, 2))], [zero_point])
    weights = random_weights(rng, (outputs, depth), 0, per_channel)
    scale = fitting_scale(rng, source, weights, depth)
    output = Spec((1, rows, outputs), [scale], [rng.integers(-128, 128)])
    tensors = [source, weights, output]
    if biased:
        tensors.append(random_bias(rng, source, weights, outputs, depth))
    call = options("FullyConnectedOptions", fusedActivationFunction=activation, keepNumDims=True)
    inputs = [0, 1, 3 if biased else -1]
    return build(tensors, [Call("FULLY_CONNECTED", inputs, 2, call)], 0, 2)


def joined(
    first: WindowCase, channels: int, outputs: int, second: int, relu: bool, seed: int
) -> bytes:
    """CONV_2D, and a DEPTHWISE_CONV_2D of 3 x 3 with the stride `second` after it."""
    (size, kernel, stride, dilation), fields = first
    rng = np.random.default_rng(seed)
    same = fields["padding"] == 0
    shape = [window_size(*axis, same) for axis in zip(size, kernel, stride, dilation, strict=True)]
    last = [window_size(n, 3, second, 1, True) for n in shape]
    source = Spec((1, *size, channels), [0.5], [rng.integers(-128, 128)])
    weights = random_weights(rng, (outputs, *kernel, channels), 0, True)
    depth = int(kernel.prod()) * channels
    scale = fitting_scale(rng, source, weights, depth)
    between = Spec((1, *shape, outputs), [scale], [-128 if relu else rng.integers(-128, 128)])
    weights2 = random_weights(rng, (1, 3, 3, outputs), 3, True)
    output = Spec(
        (1, *last, outputs),
        [fitting_scale(rng, between, weights2, 9)],
        [rng.integers(-128, 128)],
    )
    bias = random_bias(rng, source, weights, outputs, depth)
    bias2 = random_bias(rng, between, weights2, outputs, 9)
    tensors = [source, weights, bias, between, weights2, bias2, output]
    conv = options(
        "Conv2DOptions",
        **fields,
        dilationHFactor=int(dilation[0]),
        dilationWFactor=int(dilation[1]),
        fusedActivationFunction=int(relu),
    )
    depthwise = options(
        "DepthwiseConv2DOptions", padding=0, strideH=second, strideW=second, depthMultiplier=1
    )
    calls = [
        Call("CONV_2D", [0, 1, 2], 3, conv),
        Call("DEPTHWISE_CONV_2D", [3, 4, 5], 6, depthwise),
    ]
    return build(tensors, calls, 0, 6)


def residual(
    sizes: tuple[int, int, int],
    activation: int,
    zero_points: tuple[int, int, int],
    seed: int,
) -> bytes:
    """A sum of the input and of what it is with a constant added, in a scale of its own."""
    rng = np.random.default_rng(seed)
    shape, other = (1, *sizes), (sizes[2],)
    scales = np.exp(rng.normal(-3, 1, 2))
    output_scale = max(scales) * math.exp(rng.normal(0, 1))
    tensors = [
        Spec(shape, scales[:1], zero_points[:1]),
        Spec(other, scales[:1], [0], data=rng.integers(-128, 128, other)),
        Spec(shape, scales[1:], zero_points[1:2]),
        Spec(shape, [output_scale], zero_points[2:]),
    ]
    plain = options("AddOptions")
    fused = options("AddOptions", fusedActivationFunction=activation)
    calls = [Call("ADD", [0, 1], 2, plain), Call("ADD", [0, 2], 3, fused)]
    return build(tensors, calls, 0, 3)


_QUANTIZATION = (ACTIVATIONS, st.booleans())
CONVOLUTIONS = st.builds(
    conv_2d, window_cases(), SIZES, SIZES, *_QUANTIZATION, st.booleans(), ZERO_POINTS, SEEDS
)
# whole groups of channels, most often as networks have them
DEEP_CONVOLUTIONS = st.builds(
    conv_2d,
    window_cases(),
    st.sampled_from([4, 8, 12, 24]),
    st.sampled_from([4, 7, 8, 16]),
    st.sampled_from([0, 0, 1]),
    st.just(True),
    st.just(True),
    ZERO_POINTS,
    SEEDS,
)
# as sp_nn_conv_columns() takes them, half of them
COLUMN_CONVOLUTIONS = st.builds(
    conv_2d,
    window_cases(with_filter=True),
    st.sampled_from([4, 8, 12]),
    SIZES,
    st.sampled_from([0, 0, 1]),
    st.booleans(),
    st.booleans(),
    ZERO_POINTS,
    SEEDS,
)
DEPTHWISE_CONVOLUTIONS = st.builds(
    depthwise_conv_2d,
    window_cases(),
    SIZES,
    st.integers(1, 4),
    *_QUANTIZATION,
    ZERO_POINTS,
    SEEDS,
)
FILTERS = st.builds(
    depthwise_conv_2d,
    window_cases(with_filter=True),
    st.integers(1, 4),
    st.integers(1, 2),
    *_QUANTIZATION,
    ZERO_POINTS,
    SEEDS,
)
DENSE_LAYERS = st.builds(
    fully_connected,
    st.integers(1, 9),
    st.integers(1, 40),
    st.integers(1, 11),
    *_QUANTIZATION,
    st.booleans(),
    ZERO_POINTS,
    SEEDS,
)
PAIRS = st.builds(
    joined,
    st.one_of(window_cases(), window_cases(with_filter=True), window_cases(pointwise=True)),
    st.one_of(st.just(1), SIZES),
    SIZES,
    st.integers(1, 2),
    st.booleans(),
    SEEDS,
)
# large enough for sp_nn_add_tables()
RESIDUALS = st.builds(
    residual,
    st.tuples(st.integers(8, 10), st.integers(8, 10), st.integers(8, 10)),
    ACTIVATIONS,
    st.tuples(ZERO_POINTS, ZERO_POINTS, ZERO_POINTS),
    SEEDS,
)
