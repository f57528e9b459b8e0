# SPDX-License-Identifier: Apache-2.0
"""Plain 3x3 convolutions with residual sums, behind a stem that strides twice.

After K. He and others, Deep Residual Learning for Image Recognition, CVPR 2016, with one
convolution a sum. The stem leaves a sixteenth of the places, where plain convolutions are
affordable. Larger networks, with a stem of one convolution alone, are teachers.
"""

from dataclasses import dataclass

from soundpost.errors import require
from soundpost.zoo.inverted_residual import Stem, as_pair, require_pair
from soundpost.zoo.layers import (
    Convolution,
    Dense,
    Depthwise,
    Dropout,
    GlobalMean,
    Layer,
    Residual,
)

KERNEL = (3, 3)


@dataclass(frozen=True)
class Block:
    """One 3x3 convolution; it adds its input where neither strides nor width change the shape.

    Attributes:
        filters: its output channels.
        strides: columns and bands.
    """

    filters: int
    strides: tuple[int, ...] = (1, 1)

    def __post_init__(self) -> None:
        """Check every choice; a UserError names the one that does not fit."""
        require("filters", self.filters, self.filters >= 1, "1 or more")
        require_pair("strides", self.strides)


@dataclass(frozen=True)
class ResidualConvolution:
    """A network of the family.

    Attributes:
        architecture: "residual_convolution".
        stem: the first convolution.
        blocks: what follows the stem, in turn.
        pointwise: channels behind a 3x3 depthwise convolution of stride 2 that ends the stem, 0 to
            leave that out.
        head: channels of a pointwise convolution before the mean, 0 for none.
    """

    architecture: str
    stem: Stem
    blocks: tuple[Block, ...]
    pointwise: int = 0
    head: int = 0

    def __post_init__(self) -> None:
        """Check every choice; a UserError names the one that does not fit."""
        require("blocks", "empty", bool(self.blocks), "a list with at least one entry")
        for name in ("pointwise", "head"):
            require(name, getattr(self, name), getattr(self, name) >= 0, "0 or more")

    def layers(self, classes: int, dropout: float) -> tuple[Layer, ...]:
        """The whole network; `dropout` is before the last layer."""
        stem = self.stem
        layers: list[Layer] = [
            Convolution(stem.filters, as_pair(stem.kernel), as_pair(stem.strides))
        ]
        if self.pointwise:
            layers += [Depthwise(KERNEL, (2, 2)), Convolution(self.pointwise, (1, 1))]
        channels = self.pointwise or stem.filters
        for block in self.blocks:
            strides = as_pair(block.strides)
            if strides == (1, 1) and channels == block.filters:
                inner = Convolution(block.filters, KERNEL, activation=None)
                layers.append(Residual((inner,), activation="relu"))
            else:
                layers.append(Convolution(block.filters, KERNEL, strides))
            channels = block.filters
        if self.head:
            layers.append(Convolution(self.head, (1, 1)))
        return (*layers, GlobalMean(), Dropout(dropout), Dense(classes, "softmax"))
