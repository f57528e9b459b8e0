# SPDX-License-Identifier: Apache-2.0
"""The windows that every engine is counted on, and whether all give the same bytes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundpost.errors import UserError
from soundpost.models.model import models_folder

GOLDEN = 7
"""Windows of golden.npz, which have TFLM's scores; noise, which has none, comes after them."""

FILE = "windows.bin"


def _golden(model: str) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    path = models_folder() / model / "golden.npz"
    try:
        with np.load(path) as arrays:
            return arrays["windows"][:GOLDEN], arrays["scores"][:GOLDEN]
    except (OSError, ValueError, KeyError) as error:
        raise UserError(
            f"{path}: no golden vectors; make them: soundpost generate --golden"
        ) from error


def write_windows(model: str, folder: Path) -> None:
    """Write the windows of a model, one behind the other, to where its programs look for them.

    Raises:
        UserError: if the model has no golden vectors.
    """
    windows, _ = _golden(model)
    noise = np.random.default_rng(1).integers(-128, 128, windows.shape[1:], np.int8)
    (folder / FILE).write_bytes(windows.tobytes() + noise.tobytes())


def differences(model: str, outputs: Mapping[str, Sequence[bytes]]) -> list[str]:
    """Where engines differ, a line each: from TFLM's golden scores, or from one another on noise.

    Args:
        model: name of a folder of models/.
        outputs: bytes for each window, by the name of who gave them.
    """
    _, scores = _golden(model)
    expected = [row.tobytes() for row in scores]
    lines = []
    for name, given in outputs.items():
        expected = [*expected, *given[len(expected) :]]
        wrong = [i for i, one in enumerate(expected) if i >= len(given) or given[i] != one]
        if wrong:
            lines.append(f"{model}, {name}: other scores for window {', '.join(map(str, wrong))}")
    return lines
