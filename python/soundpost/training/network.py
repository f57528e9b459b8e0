# SPDX-License-Identifier: Apache-2.0
"""A recipe's network in Keras."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundpost.augmentation.epoch import to_float
from soundpost.features import Columns
from soundpost.models.recipe import Recipe
from soundpost.tf import load_keras
from soundpost.zoo.build import Builder


def build(recipe: Recipe, batch: int | None = None) -> Any:
    """The untrained Keras model: (batch, window, bands, 1) floats to (batch, classes) scores."""
    builder = Builder(load_keras(), recipe.training.l2)
    return builder.model(recipe.layers, recipe.input_shape, recipe.name, batch)


def float_scores(model: Any, windows: Columns) -> NDArray[np.float32]:
    """Scores of the float model for int8 windows (n, columns, bands): shape (n, classes)."""
    return np.asarray(model.predict(to_float(windows), batch_size=512, verbose=0), np.float32)
