# SPDX-License-Identifier: Apache-2.0
"""Every operator, with random shapes and quantisation, gives TFLM's bytes."""

import math

import numpy as np
import pytest
import tflm
from hypothesis import example, given, settings
from hypothesis import strategies as st
from layers import (
    ACTIVATIONS,
    COLUMN_CONVOLUTIONS,
    CONVOLUTIONS,
    DEEP_CONVOLUTIONS,
    DENSE_LAYERS,
    DEPTHWISE_CONVOLUTIONS,
    FILTERS,
    PAIRS,
    RESIDUALS,
    SEEDS,
    SIZES,
    ZERO_POINTS,
    fitting_scale,
    random_bias,
    random_weights,
    window_cases,
    window_size,
)
from models import Call, Spec, build, options
from ways import every_way

from soundpost.compiler import Network, compile_network
from soundpost.errors import UserError

WINDOWS = 6


def check(model: bytes, seed: int) -> None:
    """Random windows, and the two extremes, through both engines, in every way that there is."""
    networks = [Network(compiled) for compiled in every_way(model)]
    rng = np.random.default_rng(seed)
    shape = (WINDOWS, *networks[0].input_shape)
    windows = rng.integers(-128, 128, shape).astype(np.int8)
    windows[0], windows[1] = -128, 127
    expected = tflm.run(model, windows)
    for network in networks:
        np.testing.assert_array_equal(network.run(windows).reshape(expected.shape), expected)


@given(CONVOLUTIONS, SEEDS)
@settings(max_examples=400)
def test_conv_2d(model, seed):
    check(model, seed)


@given(COLUMN_CONVOLUTIONS, SEEDS)
@settings(max_examples=150)
def test_conv_2d_of_three_columns(model, seed):
    check(model, seed)


@given(DEEP_CONVOLUTIONS, SEEDS)
@settings(max_examples=150)
def test_conv_2d_with_deep_windows(model, seed):
    check(model, seed)


@given(DEPTHWISE_CONVOLUTIONS, SEEDS)
@settings(max_examples=400)
def test_depthwise_conv_2d(model, seed):
    check(model, seed)


@given(DENSE_LAYERS, SEEDS)
@settings(max_examples=400)
def test_fully_connected(model, seed):
    check(model, seed)


@given(FILTERS, SEEDS)
@settings(max_examples=300)
def test_windows_that_have_a_filter_of_their_own(model, seed):
    check(model, seed)


@given(PAIRS, SEEDS)
@settings(max_examples=200)
def test_layers_that_are_joined(model, seed):
    check(model, seed)


# decimals whose products and quotients are half-way in floats or in doubles, seldom in both
DECIMALS = st.sampled_from([0.05, 0.1, 0.2, 0.3, 0.4, 0.7, 0.8, 0.9, 1.1, 1.2, 1.5, 1.6, 2.4, 3.2])


@pytest.mark.parametrize("name", ["FULLY_CONNECTED", "MUL", "ADD"])
@given(scales=st.tuples(DECIMALS, DECIMALS, DECIMALS), value=st.integers(1, 5))
@settings(max_examples=150)
@example(scales=(1.5, 0.2, 1.6), value=1)
def test_values_half_way_between_two_steps(name, scales, value):
    first, second, result = scales
    shape = (1, 1) if name == "FULLY_CONNECTED" else (1, 1, 1)
    constant = np.full(shape, value, np.int8)
    tensors = [
        Spec((1, 1, 1), [first], [0]),
        Spec(shape, [second], [0], data=constant),
        Spec((1, 1, 1), [result], [0]),
    ]
    fields = {"keepNumDims": True} if name == "FULLY_CONNECTED" else {}
    kind = {"FULLY_CONNECTED": "FullyConnected", "MUL": "Mul", "ADD": "Add"}[name]
    model = build(tensors, [Call(name, [0, 1], 2, options(f"{kind}Options", **fields))], 0, 2)
    windows = np.arange(-128, 128).astype(np.int8).reshape(256, 1, 1)
    expected = tflm.run(model, windows)
    actual = Network.from_tflite(model).run(windows).reshape(expected.shape)
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("name", ["AVERAGE_POOL_2D", "MAX_POOL_2D"])
@given(case=window_cases(), channels=SIZES, activation=ACTIVATIONS, seed=SEEDS)
@settings(max_examples=200)
def test_pools(name, case, channels, activation, seed):
    (size, kernel, stride, dilation), fields = case
    same = fields["padding"] == 0
    # a pool has no dilation; its input is as large as if it had
    dilation = np.ones(2, int)
    rng = np.random.default_rng(seed)
    quantization = {
        "scales": [math.exp(rng.normal(-3, 1))],
        "zero_points": [rng.integers(-128, 128)],
    }
    shape = [window_size(*axis, same) for axis in zip(size, kernel, stride, dilation, strict=True)]
    source = Spec((1, *size, channels), **quantization)
    output = Spec((1, *shape, channels), **quantization)
    call = options(
        "Pool2DOptions",
        **fields,
        filterHeight=int(kernel[0]),
        filterWidth=int(kernel[1]),
        fusedActivationFunction=activation,
    )
    check(build([source, output], [Call(name, [0], 1, call)], 0, 1), seed)


@given(
    st.lists(SIZES, min_size=1, max_size=3),
    st.data(),
    st.booleans(),
    ZERO_POINTS,
    SEEDS,
)
@settings(max_examples=300)
def test_mean(sizes, data, keep, zero_point, seed):
    rng = np.random.default_rng(seed)
    shape = (1, *sizes)
    first = data.draw(st.integers(0, len(shape) - 1))
    last = data.draw(st.integers(first, len(shape) - 1))
    axes = list(range(first, last + 1))
    kept = [1 if axis in axes else n for axis, n in enumerate(shape) if keep or axis not in axes]
    # the network's output has a batch, whatever the mean leaves
    outer = [1, *kept]
    negative = [axis - len(shape) if rng.random() < 0.5 else axis for axis in axes]
    scale = math.exp(rng.normal(-3, 2))
    source = Spec(shape, [scale], [zero_point])
    quantization = {
        "scales": [scale * math.exp(rng.normal(-1, 1))],
        "zero_points": [rng.integers(-128, 128)],
    }
    tensors = [
        source,
        Spec((len(axes),), kind="int32", data=negative),
        Spec(kept, **quantization),
        Spec((len(outer),), kind="int32", data=outer),
        Spec(outer, **quantization),
    ]
    calls = [
        Call("MEAN", [0, 1], 2, options("ReducerOptions", keepDims=keep)),
        Call("RESHAPE", [2, 3], 4, options("ReshapeOptions", newShape=outer)),
    ]
    check(build(tensors, calls, 0, 4), seed)


@st.composite
def broadcasts(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A shape, and one that broadcasts to it."""
    shape = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=3)))
    other = tuple(draw(st.sampled_from([1, n])) for n in shape)
    return shape, other[draw(st.integers(0, len(other))) :]


@pytest.mark.parametrize("name", ["ADD", "MUL"])
@given(
    shapes=broadcasts(),
    activation=ACTIVATIONS,
    swapped=st.booleans(),
    zero_points=st.tuples(ZERO_POINTS, ZERO_POINTS, ZERO_POINTS),
    seed=SEEDS,
)
@settings(max_examples=300)
def test_pairs_with_a_constant(name, shapes, activation, swapped, zero_points, seed):
    rng = np.random.default_rng(seed)
    shape, other = (1, *shapes[0]), shapes[1]
    scales = np.exp(rng.normal(-3, 1, 2))
    output_scale = max(scales) if name == "ADD" else scales.prod() * 100
    tensors = [
        Spec(shape, [scales[0]], zero_points[:1]),
        Spec(other, [scales[1]], zero_points[1:2], data=rng.integers(-128, 128, other)),
        Spec(shape, [output_scale * math.exp(rng.normal(0, 1))], zero_points[2:]),
    ]
    call = options(f"{name.title()}Options", fusedActivationFunction=activation)
    inputs = [1, 0] if swapped else [0, 1]
    check(build(tensors, [Call(name, inputs, 2, call)], 0, 2), seed)


@pytest.mark.parametrize("name", ["ADD", "MUL"])
@given(
    sizes=st.tuples(SIZES, SIZES, SIZES),
    mean=st.booleans(),
    swapped=st.booleans(),
    zero_points=st.tuples(ZERO_POINTS, ZERO_POINTS, ZERO_POINTS),
    seed=SEEDS,
)
@settings(max_examples=150)
def test_pairs_of_two_tensors(name, sizes, mean, swapped, zero_points, seed):
    """The input and its mean over height and width, or the input and its maxima."""
    rng = np.random.default_rng(seed)
    shape = (1, *sizes)
    other = (1, 1, 1, sizes[2]) if mean else shape
    scale = math.exp(rng.normal(-3, 1))
    tensors = [
        Spec(shape, [scale], zero_points[:1]),
        Spec((2,), kind="int32", data=[1, 2]),
        Spec(other, [scale * 0.7 if mean else scale], [zero_points[1 if mean else 0]]),
        Spec(shape, [scale * (1.3 if name == "ADD" else scale * 100)], zero_points[2:]),
    ]
    pool = {"padding": 0, "strideH": 1, "strideW": 1, "filterHeight": 3, "filterWidth": 2}
    if mean:
        before = Call("MEAN", [0, 1], 2, options("ReducerOptions", keepDims=True))
    else:
        before = Call("MAX_POOL_2D", [0], 2, options("Pool2DOptions", **pool))
    call = Call(name, [2, 0] if swapped else [0, 2], 3, options(f"{name.title()}Options"))
    check(build(tensors, [before, call], 0, 3), seed)


@given(RESIDUALS, SEEDS)
@settings(max_examples=150)
def test_large_sums_of_two_tensors(model, seed):
    check(model, seed)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.data(), ZERO_POINTS, SEEDS)
@settings(max_examples=150)
def test_pad(sizes, data, zero_point, seed):
    margin = st.integers(0, 3)
    margins = [[0, 0], *([data.draw(margin), data.draw(margin)] for _ in sizes)]
    shape = (1, *sizes)
    padded = [size + sum(pair) for size, pair in zip(shape, margins, strict=True)]
    quantization = {"scales": [0.1], "zero_points": [zero_point]}
    tensors = [
        Spec(shape, **quantization),
        Spec((len(shape), 2), kind="int32", data=margins),
        Spec(padded, **quantization),
    ]
    check(build(tensors, [Call("PAD", [0, 1], 2, options("PadOptions"))], 0, 2), seed)


@given(
    st.integers(1, 4),
    st.integers(1, 30),
    st.floats(-9, 4),
    st.sampled_from([0.25, 1.0, 3.0]),
    ZERO_POINTS,
    SEEDS,
)
@settings(max_examples=400)
@example(1, 1, 0.0, 1.0, 0, 0)
def test_softmax(rows, depth, exponent, beta, zero_point, seed):
    tensors = [
        Spec((1, rows, depth), [2.0**exponent], [zero_point]),
        Spec((1, rows, depth), [1 / 256], [-128]),
    ]
    call = options("SoftmaxOptions", beta=beta)
    check(build(tensors, [Call("SOFTMAX", [0], 1, call)], 0, 1), seed)


def softmax_of(depth: int) -> bytes:
    tensors = [Spec((1, 1, depth), [1e-4], [0]), Spec((1, 1, depth), [1 / 256], [-128])]
    call = options("SoftmaxOptions", beta=1.0)
    return build(tensors, [Call("SOFTMAX", [0], 1, call)], 0, 1)


def test_softmax_over_as_many_nearly_equal_values_as_its_rounding_allows():
    check(softmax_of(511), seed=1)
    with pytest.raises(UserError, match="511"):
        Network.from_tflite(softmax_of(512))


def check_all_values(model: bytes) -> None:
    """All 256 inputs through both engines."""
    windows = np.arange(-128, 128).astype(np.int8).reshape(1, 256)
    expected = tflm.run(model, windows)
    np.testing.assert_array_equal(Network.from_tflite(model).run(windows), expected)


@given(st.floats(-12, 4), ZERO_POINTS)
@settings(max_examples=300)
def test_logistic(exponent, zero_point):
    tensors = [Spec((1, 256), [2.0**exponent], [zero_point]), Spec((1, 256), [1 / 256], [-128])]
    check_all_values(build(tensors, [Call("LOGISTIC", [0], 1)], 0, 1))


@pytest.mark.parametrize("name", ["RELU", "RELU6"])
@given(
    exponent=st.floats(-12, 4),
    ratio=st.floats(0.02, 20),
    zero_points=st.tuples(ZERO_POINTS, ZERO_POINTS),
)
@settings(max_examples=200)
# 4 x 1 / 1.6 is half-way in floats, and not in doubles
@example(exponent=0.0, ratio=1.6, zero_points=(0, 0))
def test_relus(name, exponent, ratio, zero_points):
    scale = 2.0**exponent
    tensors = [
        Spec((1, 256), [scale], zero_points[:1]),
        Spec((1, 256), [scale * ratio], zero_points[1:]),
    ]
    check_all_values(build(tensors, [Call(name, [0], 1)], 0, 1))


@given(
    case=window_cases(),
    around=st.lists(st.integers(0, 4), min_size=4, max_size=4),
    depthwise=st.booleans(),
    zero_point=ZERO_POINTS,
    seed=SEEDS,
)
@settings(max_examples=300)
def test_padding_before_a_convolution(case, around, depthwise, zero_point, seed):
    (size, kernel, stride, dilation), fields = case
    margins = np.array(around).reshape(2, 2)
    same = fields["padding"] == 0
    rng = np.random.default_rng(seed)
    padded = size + margins.sum(axis=1)
    shape = [
        window_size(*axis, same) for axis in zip(padded, kernel, stride, dilation, strict=True)
    ]
    source = Spec((1, *size, 3), [0.5], [zero_point])
    weights = random_weights(rng, (1 if depthwise else 3, *kernel, 3), 3 if depthwise else 0, True)
    depth = int(kernel.prod()) * (1 if depthwise else 3)
    tensors = [
        source,
        Spec((4, 2), kind="int32", data=[[0, 0], *margins.tolist(), [0, 0]]),
        Spec((1, *padded, 3), source.scales, source.zero_points),
        weights,
        random_bias(rng, source, weights, 3, depth),
        Spec((1, *shape, 3), [fitting_scale(rng, source, weights, depth)], [7]),
    ]
    kind = "DepthwiseConv2DOptions" if depthwise else "Conv2DOptions"
    table = options(
        kind, **fields, dilationHFactor=int(dilation[0]), dilationWFactor=int(dilation[1])
    )
    if depthwise:
        table.depthMultiplier = 1
    name = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
    model = build(tensors, [Call("PAD", [0, 1], 2), Call(name, [2, 3, 4], 5, table)], 0, 5)
    check(model, seed)
    extent = (kernel - 1) * dilation + 1
    names = [name] if not same and (margins.max(axis=1) < extent).all() else ["PAD", name]
    assert [step.operator_names for step in compile_network(model).steps] == names


@given(st.integers(2, 9), st.data(), SEEDS)
@settings(max_examples=200)
def test_rows_that_are_cut_off(height, data, seed):
    begin = data.draw(st.integers(0, height - 1))
    end = data.draw(st.integers(begin + 1, height))
    source = Spec((1, height, 3, 2), [0.5], [4])
    rows = Spec((1, end - begin, 3, 2), [0.5], [4])
    if data.draw(st.booleans()):
        size = data.draw(st.sampled_from([end - begin, -1])) if end == height else end - begin
        lists = [[0, begin, 0, 0], [1, size, -1, 2]]
        call = Call("SLICE", [0, 2, 3], 1)
    else:
        # from the end, beyond it, and masked
        first = data.draw(st.sampled_from([begin, begin - height]))
        last = data.draw(st.sampled_from([end, end - height] if end < height else [end, 99]))
        masks = {"beginMask": 0b1101 | (begin == 0) << 1, "endMask": 0b1101}
        lists = [[5, first, 0, 0], [0, last, 0, 0], [1, 1, 1, 1]]
        call = Call("STRIDED_SLICE", [0, 2, 3, 4], 1, options("StridedSliceOptions", **masks))
    # the rows and what they are of, both needed
    output = len(lists) + 2
    tensors = [source, rows, *(Spec((4,), kind="int32", data=values) for values in lists)]
    tensors.append(Spec(rows.shape, [1.0], [0]))
    add = Call("ADD", [1, 1], output, options("AddOptions"))
    check(build(tensors, [call, add], 0, output), seed)
