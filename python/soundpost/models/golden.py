# SPDX-License-Identifier: Apache-2.0
"""Golden vectors: windows of a synthesised street, and what TFLM makes of them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundpost.files import whole_file
from soundpost.frontend import kept_columns, normalised_windows, recording_columns
from soundpost.models.interpreter import TflmNetwork
from soundpost.models.model import Model
from soundpost.synth.render import render_scene
from soundpost.synth.schedule import street_scene

GOLDEN_WINDOWS = 64
GOLDEN_SECONDS = 120
GOLDEN_SEED = 1


def real_windows(model: Model, pcm: NDArray[np.int16], hop: int) -> NDArray[np.int8]:
    """Windows of a recording, as the network sees them.

    Args:
        model: whose front end and window to use.
        pcm: samples at 16 kHz.
        hop: columns from one window to the next.

    Returns:
        Shape (n, window, bands, 1).
    """
    recipe = model.recipe
    columns = recording_columns(model.tables, pcm)
    columns = kept_columns(columns, recipe.window, recipe.normalisation)
    starts = range(0, len(columns) - recipe.window + 1, hop)
    windows = [columns[s : s + recipe.window] for s in starts]
    raw = np.array(windows, np.int8).reshape(-1, *recipe.input_shape[:2])
    return normalised_windows(raw, recipe.normalisation)[..., np.newaxis]


def tflm_scores(path: Path, windows: NDArray[np.int8]) -> NDArray[np.int8]:
    """What TensorFlow Lite Micro's interpreter makes of windows, shape (n, classes).

    Raises:
        UserError: if the interpreter is not installed.
    """
    return TflmNetwork(path.read_bytes()).run(windows)


def write_golden(folder: Path) -> None:
    """Write golden.npz into a model's folder: `windows`, and `scores` by TFLM."""
    model = Model(folder)
    pcm, _ = render_scene(street_scene(GOLDEN_SECONDS, GOLDEN_SEED))
    windows = real_windows(model, pcm, model.recipe.window)[:GOLDEN_WINDOWS]
    scores = tflm_scores(folder / "model.tflite", windows)
    with whole_file(folder / "golden.npz") as temporary:
        np.savez_compressed(temporary, windows=windows, scores=scores)
