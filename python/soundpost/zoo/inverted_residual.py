# SPDX-License-Identifier: Apache-2.0
"""Our own family: inverted residuals, and a mean in place of a big dense layer.

After M. Sandler and others, MobileNetV2, CVPR 2018. Every layer is one that the compiler has a
kernel for, strides come first, so that what is kept in RAM is small, and sums join narrow layers.
"""

from dataclasses import dataclass

from soundpost.errors import require
from soundpost.zoo.layers import (
    Activation,
    Convolution,
    Dense,
    Depthwise,
    Dropout,
    GlobalMean,
    Layer,
    Pair,
    Residual,
)

ACTIVATIONS = ("relu", "relu6")


def require_pair(name: str, values: tuple[int, ...]) -> None:
    """Refuse sides or strides that are not two numbers from 1, by a UserError."""
    good = len(values) == 2 and min(values) >= 1
    require(name, list(values), good, "two numbers from 1, along columns and along bands")


def as_pair(values: tuple[int, ...]) -> Pair:
    """What require_pair let through, in its type."""
    return values[0], values[1]


@dataclass(frozen=True)
class Stem:
    """The plain convolution that a network begins with.

    Attributes:
        filters: its output channels.
        kernel: its sides, columns and bands.
        strides: its strides, columns and bands.
    """

    filters: int
    kernel: tuple[int, ...]
    strides: tuple[int, ...]

    def __post_init__(self) -> None:
        """Check every choice; a UserError names the one that does not fit."""
        require("filters", self.filters, self.filters >= 1, "1 or more")
        require_pair("kernel", self.kernel)
        require_pair("strides", self.strides)


@dataclass(frozen=True)
class Stage:
    """Blocks of one width: pointwise to more channels, depthwise, pointwise to fewer.

    Attributes:
        filters: channels between blocks.
        blocks: how many; all but one that strides or changes the width add their input.
        expansion: channels within a block, as a multiple of those before it, rounded; with 1 the
            first pointwise convolution is left out.
        strides: of the first block, columns and bands; equal, since TensorFlow computes no other
            depthwise convolutions.
        kernel: sides of the depthwise convolutions, columns and bands.
    """

    filters: int
    blocks: int
    expansion: float
    strides: tuple[int, ...] = (1, 1)
    kernel: tuple[int, ...] = (3, 3)

    def __post_init__(self) -> None:
        """Check every choice; a UserError names the one that does not fit."""
        for name in ("filters", "blocks", "expansion"):
            require(name, getattr(self, name), getattr(self, name) >= 1, "1 or more")
        require_pair("strides", self.strides)
        equal = self.strides[0] == self.strides[1]
        require("strides", list(self.strides), equal, "two equal numbers; the stem's may differ")
        require_pair("kernel", self.kernel)


@dataclass(frozen=True)
class InvertedResidual:
    """A network of the family.

    Attributes:
        architecture: "soundpost_ir".
        stem: the first convolution.
        stages: blocks.
        head: channels of a pointwise convolution before the mean, 0 for none.
        dense: units of a hidden dense layer after the mean, 0 for none.
        activation: one of ACTIVATIONS.
    """

    architecture: str
    stem: Stem
    stages: tuple[Stage, ...]
    head: int = 0
    dense: int = 0
    activation: Activation = "relu"

    def __post_init__(self) -> None:
        """Check every choice; a UserError names the one that does not fit."""
        require("stages", "empty", bool(self.stages), "a list with at least one entry")
        for name in ("head", "dense"):
            require(name, getattr(self, name), getattr(self, name) >= 0, "0 or more")
        known = self.activation in ACTIVATIONS
        require("activation", self.activation, known, " or ".join(ACTIVATIONS))

    def layers(self, classes: int, dropout: float) -> tuple[Layer, ...]:
        """The whole network; `dropout` is before the last layer."""
        act = self.activation
        stem = self.stem
        layers: list[Layer] = [
            Convolution(stem.filters, as_pair(stem.kernel), as_pair(stem.strides), activation=act)
        ]
        channels = stem.filters
        for stage in self.stages:
            for number in range(stage.blocks):
                strides = as_pair(stage.strides) if number == 0 else (1, 1)
                block = self._block(stage, channels, strides)
                kept = strides == (1, 1) and channels == stage.filters
                layers += [Residual(block)] if kept else block
                channels = stage.filters
        if self.head:
            layers.append(Convolution(self.head, (1, 1), activation=act))
        layers.append(GlobalMean())
        if self.dense:
            layers.append(Dense(self.dense, "relu"))
        return (*layers, Dropout(dropout), Dense(classes, "softmax"))

    def _block(self, stage: Stage, channels: int, strides: Pair) -> tuple[Layer, ...]:
        wide = Convolution(round(stage.expansion * channels), (1, 1), activation=self.activation)
        return (
            *([wide] if stage.expansion > 1 else []),
            Depthwise(as_pair(stage.kernel), strides, activation=self.activation),
            Convolution(stage.filters, (1, 1), activation=None),
        )
