# SPDX-License-Identifier: Apache-2.0
"""What networks are described in: layers, without any framework.

One description is counted (soundpost.zoo.cost), built in Keras (soundpost.zoo.build) and built for
quantisation-aware training, so that the three cannot differ. Sides and strides are pairs: columns,
then bands.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Pair: TypeAlias = tuple[int, int]
Padding: TypeAlias = Literal["same", "valid"]
Activation: TypeAlias = Literal["relu", "relu6"]


@dataclass(frozen=True)
class Convolution:
    """A convolution with batch normalisation in place of a bias."""

    filters: int
    kernel: Pair
    strides: Pair = (1, 1)
    padding: Padding = "same"
    activation: Activation | None = "relu"


@dataclass(frozen=True)
class Depthwise:
    """A convolution of each channel by itself, with batch normalisation in place of a bias."""

    kernel: Pair
    strides: Pair = (1, 1)
    padding: Padding = "same"
    activation: Activation | None = "relu"


@dataclass(frozen=True)
class Separable:
    """A bare depthwise convolution, then a pointwise one with batch normalisation."""

    filters: int
    kernel: Pair
    strides: Pair = (1, 1)
    padding: Padding = "same"
    activation: Activation | None = "relu"


@dataclass(frozen=True)
class MaxPool:
    """The greatest of each field of `size`; what is left over at the end is dropped."""

    size: Pair
    activation: Activation | None = None


@dataclass(frozen=True)
class Pad:
    """Zeros around a window.

    Attributes:
        after: columns and bands of them after the last ones.
        before: likewise before the first ones.
    """

    after: Pair
    before: Pair = (0, 0)


@dataclass(frozen=True)
class Residual:
    """The input added to what `layers` make of it.

    Where they lose columns or bands at the ends, having no padding there, the input loses the same:
    half of them at either end, and an odd one at the far end.
    """

    layers: tuple["Layer", ...]
    activation: Activation | None = None


@dataclass(frozen=True)
class Flatten:
    """All values in a row."""


@dataclass(frozen=True)
class GlobalMean:
    """The mean of each channel over columns and bands."""


@dataclass(frozen=True)
class Dropout:
    """In training, leaves out a share of the values, 0 to under 1."""

    share: float


@dataclass(frozen=True)
class Dense:
    """A fully connected layer with bias."""

    units: int
    activation: Literal["relu", "softmax"]


Layer: TypeAlias = (
    Convolution
    | Depthwise
    | Separable
    | MaxPool
    | Pad
    | Residual
    | Flatten
    | GlobalMean
    | Dropout
    | Dense
)
