# SPDX-License-Identifier: Apache-2.0
"""The architectures that a recipe can name, and what it can choose of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from soundpost.zoo.inverted_residual import InvertedResidual, Stage, Stem
from soundpost.zoo.layers import Layer
from soundpost.zoo.residual_convolution import Block, ResidualConvolution
from soundpost.zoo.thesis import PUBLISHED, thesis_layers


@runtime_checkable
class Architecture(Protocol):
    """What `network` in a recipe is read as: a dataclass of ARCHITECTURES."""

    @property
    def architecture(self) -> str:
        """Its name in ARCHITECTURES."""

    def layers(self, classes: int, dropout: float) -> tuple[Layer, ...]:
        """The whole network for so many classes; `dropout` is before the last layer."""


@dataclass(frozen=True)
class ThesisNetwork:
    """One of the thesis's networks, which leave nothing to choose.

    Attributes:
        architecture: one of thesis.PUBLISHED.
    """

    architecture: str

    def layers(self, classes: int, dropout: float) -> tuple[Layer, ...]:
        """The whole network; `dropout` is before the last layer."""
        return thesis_layers(self.architecture, classes, dropout)


ARCHITECTURES: Mapping[str, type[ThesisNetwork | InvertedResidual | ResidualConvolution]] = {
    **dict.fromkeys(PUBLISHED, ThesisNetwork),
    "soundpost_ir": InvertedResidual,
    "residual_convolution": ResidualConvolution,
}
"""What a recipe's network.architecture may be."""

EXAMPLES: Mapping[str, Architecture] = {
    "soundpost_ir": InvertedResidual(
        "soundpost_ir",
        stem=Stem(16, (3, 3), (2, 2)),
        stages=(Stage(24, 2, 3, (2, 2)), Stage(32, 3, 3, (2, 2)), Stage(48, 2, 3, (2, 2))),
        head=128,
    ),
    "residual_convolution": ResidualConvolution(
        "residual_convolution",
        stem=Stem(16, (3, 3), (2, 2)),
        pointwise=24,
        blocks=(Block(48, (2, 2)), Block(48), Block(64, (2, 2)), Block(64)),
    ),
}
"""One of each of our families that is no larger than the thesis's Stride."""
