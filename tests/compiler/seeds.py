# SPDX-License-Identifier: Apache-2.0
"""Small networks to make hostile files from: all operators, in files of about a kilobyte, so that
most of a file is structure and it compiles in a fraction of a millisecond.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from models import Call, Spec, build, options

VALID = 1
RELU = 1


def _data(*shape: int, scale: float = 0.1, zero_point: int = 3) -> Spec:
    return Spec(shape, [scale], [zero_point])


def _weights(*shape: int, channels: int | None = None, dimension: int = 0) -> Spec:
    """Weights, with a scale for each of some channels or one for all."""
    rng = np.random.default_rng(len(shape) + sum(shape))
    scales = np.linspace(0.01, 0.03, channels or 1)
    return Spec(shape, scales, dimension=dimension, data=rng.integers(-127, 128, shape))


def _bias(count: int, *scales: float) -> Spec:
    return Spec((count,), scales, kind="int32", data=np.arange(count) * 100 - 50)


def _integers(values: Any) -> Spec:
    found = np.asarray(values)
    return Spec(found.shape, kind="int32", data=found)


def _one(name: str, tensors: Sequence[Spec], chosen: Any = None) -> bytes:
    """One operator: its input, its output, and then what is constant."""
    return build(tensors, [Call(name, [0, *range(2, len(tensors))], 1, chosen)], 0, 1)


def _window(kind: str, **fields: int) -> Any:
    return options(kind, **{"strideW": 1, "strideH": 1, **fields})


def _layers() -> bytes:
    """Convolution, depthwise and pointwise layer, mean, dense, softmax: a network in small."""
    scales = 0.1 * np.linspace(0.01, 0.03, 3)
    tensors = [
        _data(1, 6, 5, 1),
        _weights(3, 3, 3, 1, channels=3),
        _bias(3, *scales),
        _data(1, 3, 3, 3),
        _weights(1, 3, 3, 3, channels=3, dimension=3),
        _data(1, 3, 3, 3),
        _weights(4, 1, 1, 3, channels=4),
        _data(1, 3, 3, 4),
        _integers([1, 2]),
        _data(1, 4),
        _weights(5, 4),
        _data(1, 5),
        _data(1, 5, scale=1 / 256, zero_point=-128),
    ]
    conv = _window("Conv2DOptions", strideW=2, strideH=2, fusedActivationFunction=RELU)
    calls = [
        Call("CONV_2D", [0, 1, 2], 3, conv),
        Call("DEPTHWISE_CONV_2D", [3, 4], 5, _window("DepthwiseConv2DOptions", depthMultiplier=1)),
        Call("CONV_2D", [5, 6], 7, _window("Conv2DOptions")),
        Call("MEAN", [7, 8], 9, options("ReducerOptions")),
        Call("FULLY_CONNECTED", [9, 10, -1], 11, options("FullyConnectedOptions")),
        Call("SOFTMAX", [11], 12, options("SoftmaxOptions", beta=1.0)),
    ]
    return build(tensors, calls, 0, 12)


def _residual() -> bytes:
    """Branches that meet again, a constant factor and a reshape."""
    tensors = [
        _data(1, 4, 3, 2),
        _data(1, 4, 3, 2, zero_point=-7),
        _data(1, 4, 3, 2),
        _data(1, 24),
        _weights(24),
        _data(1, 24),
        _integers([1, 24]),
    ]
    calls = [
        Call("RELU", [0], 1),
        Call("ADD", [0, 1], 2, options("AddOptions")),
        Call("RESHAPE", [2, 6], 3, options("ReshapeOptions")),
        Call("MUL", [3, 4], 5, options("MulOptions")),
    ]
    return build(tensors, calls, 0, 5)


def _pair() -> bytes:
    """A convolution of many channels with a depthwise layer behind it, which are joined."""
    tensors = [
        _data(1, 5, 4, 3),
        _weights(4, 2, 2, 3, channels=4),
        _data(1, 5, 4, 4),
        _weights(1, 3, 3, 8, channels=8, dimension=3),
        _data(1, 3, 2, 8),
    ]
    depthwise = _window("DepthwiseConv2DOptions", depthMultiplier=2, padding=VALID)
    calls = [
        Call("CONV_2D", [0, 1], 2, _window("Conv2DOptions")),
        Call("DEPTHWISE_CONV_2D", [2, 3], 4, depthwise),
    ]
    return build(tensors, calls, 0, 4)


def _cropped() -> bytes:
    """A sum of rows that were cut off in both ways."""
    tensors = [
        _data(1, 6, 2, 2),
        _integers([0, 1, 0, 0]),
        _integers([0, 5, 0, 0]),
        _integers([1, 1, 1, 1]),
        _data(1, 4, 2, 2),
        _integers([0, 2, 0, 0]),
        _integers([1, -1, 2, 2]),
        _data(1, 4, 2, 2),
        _data(1, 4, 2, 2, zero_point=-7),
    ]
    masks = options("StridedSliceOptions", beginMask=0b1101, endMask=0b1101)
    calls = [
        Call("STRIDED_SLICE", [0, 1, 2, 3], 4, masks),
        Call("SLICE", [0, 5, 6], 7, options("SliceOptions")),
        Call("ADD", [4, 7], 8, options("AddOptions")),
    ]
    return build(tensors, calls, 0, 8)


def _along() -> bytes:
    """What has a streaming form: a residual sum along time, and a mean."""
    tensors = [
        _data(1, 9, 2, 4),
        _weights(4, 3, 1, 4, channels=4),
        _data(1, 7, 2, 4),
        _integers([0, 1, 0, 0]),
        _integers([1, 7, 2, 4]),
        _data(1, 7, 2, 4),
        _data(1, 7, 2, 4),
        _integers([1, 2]),
        _data(1, 4),
    ]
    calls = [
        Call("CONV_2D", [0, 1], 2, _window("Conv2DOptions", padding=VALID)),
        Call("SLICE", [0, 3, 4], 5, options("SliceOptions")),
        Call("ADD", [2, 5], 6, options("AddOptions")),
        Call("MEAN", [6, 7], 8, options("ReducerOptions")),
    ]
    return build(tensors, calls, 0, 8)


def seeds() -> dict[str, bytes]:
    """All of them, by name."""
    pool = {"strideW": 2, "strideH": 1, "filterWidth": 2, "filterHeight": 3}
    probabilities = {"scale": 1 / 256, "zero_point": -128}
    return {
        "conv": _one(
            "CONV_2D",
            [
                _data(1, 5, 4, 3),
                _data(1, 3, 2, 4),
                _weights(4, 3, 3, 3, channels=4),
                _bias(4, *(0.1 * np.linspace(0.01, 0.03, 4))),
            ],
            _window("Conv2DOptions", padding=VALID, fusedActivationFunction=RELU),
        ),
        "depthwise": _one(
            "DEPTHWISE_CONV_2D",
            [_data(1, 5, 4, 2), _data(1, 5, 2, 4), _weights(1, 3, 5, 4), _bias(4, 0.001)],
            _window("DepthwiseConv2DOptions", strideW=2, depthMultiplier=2),
        ),
        "dense": _one(
            "FULLY_CONNECTED",
            [_data(1, 6), _data(1, 5), _weights(5, 6), _bias(5, 0.001)],
            options("FullyConnectedOptions", fusedActivationFunction=RELU),
        ),
        "average_pool": _one(
            "AVERAGE_POOL_2D",
            [_data(1, 5, 6, 2), _data(1, 5, 3, 2)],
            options("Pool2DOptions", **pool),
        ),
        "max_pool": _one(
            "MAX_POOL_2D",
            [_data(1, 5, 6, 2), _data(1, 3, 3, 2)],
            options("Pool2DOptions", padding=VALID, **pool),
        ),
        "pad": _one(
            "PAD",
            [_data(1, 3, 2, 2), _data(1, 4, 5, 2), _integers([[0, 0], [1, 0], [1, 2], [0, 0]])],
        ),
        "mean": _one(
            "MEAN",
            [_data(1, 3, 4, 2), _data(1, 2), _integers([1, 2])],
            options("ReducerOptions"),
        ),
        "softmax": _one(
            "SOFTMAX",
            [_data(1, 6), _data(1, 6, **probabilities)],
            options("SoftmaxOptions", beta=1.0),
        ),
        "logistic": _one("LOGISTIC", [_data(1, 6), _data(1, 6, **probabilities)]),
        "relu6": _one("RELU6", [_data(1, 6), _data(1, 6)]),
        "layers": _layers(),
        "residual": _residual(),
        "pair": _pair(),
        "cropped": _cropped(),
        "along": _along(),
    }
