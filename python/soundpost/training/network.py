# SPDX-License-Identifier: Apache-2.0
"""A recipe's network in Keras."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundpost.augmentation.epoch import to_float
from soundpost.features import Columns
from soundpost.models.recipe import Recipe
from soundpost.tf import load_keras
from soundpost.training.normalisation import normalisation
from soundpost.zoo.build import Builder


def build(recipe: Recipe, batch: int | None = None, learning: bool = False) -> Any:
    """The untrained Keras model: (batch, window, bands, 1) floats to (batch, classes) scores.

    Args:
        recipe: what it is of.
        batch: fixed size of a batch, or None for any.
        learning: with the recipe's normalisation, which only matters in training.
    """
    keras = load_keras()
    normalise = normalisation(recipe.training) if learning else None
    builder = Builder(keras, recipe.training.l2, normalise)
    return builder.model(recipe.layers, recipe.input_shape, recipe.name, batch)


def float_scores(model: Any, windows: Columns) -> NDArray[np.float32]:
    """Scores of the float model for int8 windows (n, columns, bands): shape (n, classes)."""
    return np.asarray(model.predict(to_float(windows), batch_size=512, verbose=0), np.float32)
