# SPDX-License-Identifier: Apache-2.0
"""Layers in words, for a card."""

from collections.abc import Sequence
from itertools import groupby

from soundpost.zoo.layers import (
    Convolution,
    Dense,
    Depthwise,
    Dropout,
    Flatten,
    GlobalMean,
    Layer,
    MaxPool,
    Pad,
    Pair,
    Residual,
    Separable,
)


def describe(layers: Sequence[Layer]) -> str:
    """A phrase a layer; repeated ones once, and none for what only training or shapes want."""
    phrases = []
    for phrase, group in groupby(_phrase(layer) for layer in layers):
        count = len(list(group))
        phrases.append(phrase if count == 1 or not phrase else f"{count} times {phrase}")
    return "; ".join(filter(None, phrases))


def _phrase(layer: Layer) -> str:
    match layer:
        case Convolution():
            return f"{_kind(layer)}convolution to {layer.filters}{_strides(layer.strides)}"
        case Depthwise():
            return f"{_kind(layer)}depthwise convolution{_strides(layer.strides)}"
        case Separable():
            how = f"{layer.filters}{_strides(layer.strides)}"
            return f"{_kind(layer)}depthwise separable convolution to {how}"
        case MaxPool():
            return f"{_sides(layer.size)} max pooling"
        case Residual():
            after = ", then ReLU" if layer.activation else ""
            return f"({describe(layer.layers)}), added to its input{after}"
        case GlobalMean():
            return "mean"
        case Dense(activation="relu"):
            return f"dense {layer.units}"
        case Dense():
            return "softmax"
        case Flatten() | Dropout() | Pad():
            return ""


def _kind(layer: Convolution | Depthwise | Separable) -> str:
    return f"{_sides(layer.kernel)} {'' if layer.activation else 'linear '}"


def _sides(pair: Pair) -> str:
    return f"{pair[0]}×{pair[1]}"


def _strides(pair: Pair) -> str:
    if pair == (1, 1):
        return ""
    return f", stride {pair[0]}" if pair[0] == pair[1] else f", stride {_sides(pair)}"
