# SPDX-License-Identifier: Apache-2.0
"""Plain convolutions with residual sums, behind a stem that strides twice.

After K. He and others, Deep Residual Learning for Image Recognition, CVPR 2016, with one
convolution a sum. The stem leaves a sixteenth of the places, where plain convolutions are
affordable. Larger networks, with a stem of one convolution alone, are teachers.

With `time_padding` "valid" a layer's column depends on columns of sound alone, never on where a
window ends. What a window shares with the one before it is then the same, so that it can be kept.
"""

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from soundpost.errors import require
from soundpost.zoo.inverted_residual import Stem, as_pair, require_pair
from soundpost.zoo.layers import (
    Convolution,
    Dense,
    Depthwise,
    Dropout,
    GlobalMean,
    Layer,
    Pad,
    Residual,
)

KERNEL = (3, 3)
TimePadding: TypeAlias = Literal["same", "valid"]
TIME_PADDINGS = ("same", "valid")


@dataclass(frozen=True)
class Block:
    """One convolution; it adds its input where neither strides nor width change the shape.

    Attributes:
        filters: its output channels.
        strides: columns and bands.
        kernel: its sides, columns and bands.
    """

    filters: int
    strides: tuple[int, ...] = (1, 1)
    kernel: tuple[int, ...] = KERNEL

    def __post_init__(self) -> None:
        """Check every choice; a UserError names the one that does not fit."""
        require("filters", self.filters, self.filters >= 1, "1 or more")
        require_pair("strides", self.strides)
        require_pair("kernel", self.kernel)


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
        time_padding: "same" pads columns and bands alike; "valid" pads bands only, and sums leave
            out the columns that a convolution cannot reach.
    """

    architecture: str
    stem: Stem
    blocks: tuple[Block, ...]
    pointwise: int = 0
    head: int = 0
    time_padding: TimePadding = "same"

    def __post_init__(self) -> None:
        """Check every choice; a UserError names the one that does not fit."""
        require("blocks", "empty", bool(self.blocks), "a list with at least one entry")
        for name in ("pointwise", "head"):
            require(name, getattr(self, name), getattr(self, name) >= 0, "0 or more")
        known = self.time_padding in TIME_PADDINGS
        require("time_padding", self.time_padding, known, " or ".join(TIME_PADDINGS))

    def layers(self, classes: int, dropout: float) -> tuple[Layer, ...]:
        """The whole network; `dropout` is before the last layer."""
        stem = self.stem
        layers = self._padded(
            Convolution(stem.filters, as_pair(stem.kernel), as_pair(stem.strides))
        )
        if self.pointwise:
            layers += self._padded(Depthwise(KERNEL, (2, 2)))
            layers.append(Convolution(self.pointwise, (1, 1)))
        channels = self.pointwise or stem.filters
        for block in self.blocks:
            kernel, strides = as_pair(block.kernel), as_pair(block.strides)
            if strides == (1, 1) and channels == block.filters:
                inner = self._padded(Convolution(block.filters, kernel, activation=None))
                layers.append(Residual(tuple(inner), activation="relu"))
            else:
                layers += self._padded(Convolution(block.filters, kernel, strides))
            channels = block.filters
        if self.head:
            layers.append(Convolution(self.head, (1, 1)))
        return (*layers, GlobalMean(), Dropout(dropout), Dense(classes, "softmax"))

    def _padded(self, layer: Convolution | Depthwise) -> list[Layer]:
        if self.time_padding == "same":
            return [layer]
        # as many bands come out as with "same"
        before = (layer.kernel[1] - 1) // 2
        after = layer.kernel[1] - 1 - before
        pad: list[Layer] = [Pad((0, after), (0, before))] if after else []
        return [*pad, replace(layer, padding="valid")]
