# SPDX-License-Identifier: Apache-2.0
"""What a recipe says of quantisation."""

from dataclasses import dataclass

from soundpost.errors import require


@dataclass(frozen=True)
class QuantizationConfig:
    """Quantisation-aware training, after the network was trained in float.

    Attributes:
        epochs: passes with weights and activations rounded as int8 rounds them.
        learning_rate: at the first step; it falls to zero along a cosine.
    """

    epochs: int
    learning_rate: float

    def __post_init__(self) -> None:
        """Check every choice; a UserError names the one that does not fit."""
        require("epochs", self.epochs, self.epochs >= 1, "1 or more")
        require("learning_rate", self.learning_rate, self.learning_rate > 0, "over 0")
