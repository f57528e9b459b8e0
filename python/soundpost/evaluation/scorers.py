# SPDX-License-Identifier: Apache-2.0
"""Scores of windows: by the float network, or by the int8 one."""

from pathlib import Path
from typing import Literal, Protocol
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from soundpost.augmentation.epoch import to_float
from soundpost.compiler import Network
from soundpost.errors import UserError
from soundpost.features import Columns
from soundpost.models.interpreter import TflmNetwork
from soundpost.models.model import SCORE_SCALE, SCORE_ZERO_POINT
from soundpost.tf import load_keras

Scores = NDArray[np.float32]

Engine = Literal["tflm", "compiled"]


class Scorer(Protocol):
    """Scores windows.

    Attributes:
        name: what it runs, to be read.
    """

    name: str

    def scores(self, windows: Columns) -> Scores:
        """Scores of int8 windows (n, columns, bands), one or more: shape (n, classes)."""


class Int8Scorer:
    """A full int8 .tflite; its scores are multiples of 1/256.

    Both engines give the same.
    """

    def __init__(self, model: Path | bytes, engine: Engine = "tflm") -> None:
        """Read a network.

        Args:
            model: a .tflite file, or its bytes.
            engine: "tflm" for TensorFlow Lite Micro's interpreter, "compiled" for core/nn.

        Raises:
            UserError: if the file cannot be read, is corrupt or holds what core/nn does not
                support; or if the interpreter is not installed.
        """
        compiled = Network.from_tflite(model)
        data = model if isinstance(model, bytes) else model.read_bytes()
        self._network = compiled if engine == "compiled" else TflmNetwork(data)
        self.name = f"int8, {'TFLM' if engine == 'tflm' else 'compiled C'}"

    def scores(self, windows: Columns) -> Scores:
        """See Scorer."""
        outputs = self._network.run(windows[..., np.newaxis]).astype(np.float32)
        return np.asarray((outputs - SCORE_ZERO_POINT) * np.float32(SCORE_SCALE))


class SameScorer:
    """A full int8 .tflite on TFLM, each window of it held against the compiled C."""

    name = "int8, TFLM and compiled C"

    def __init__(self, model: Path | bytes) -> None:
        """Read a network; see Int8Scorer."""
        self._tflm, self._compiled = Int8Scorer(model), Int8Scorer(model, "compiled")

    def scores(self, windows: Columns) -> Scores:
        """See Scorer.

        Raises:
            UserError: if the two differ in any bit.
        """
        scores = self._tflm.scores(windows)
        differ = int((scores != self._compiled.scores(windows)).any(axis=1).sum())
        if differ:
            raise UserError(
                f"the compiled C gives {differ} of {len(windows)} windows other scores than TFLM, "
                "a fault of soundpost compile; report it with the .tflite"
            )
        return scores


class FloatScorer:
    """A Keras model; needs TensorFlow."""

    name = "float, Keras"

    def __init__(self, model: Path) -> None:
        """Read a network.

        Args:
            model: a .keras file.

        Raises:
            UserError: if TensorFlow is not installed, or the file cannot be read.
        """
        keras = load_keras()
        try:
            self._model = keras.models.load_model(model, compile=False)
        except (OSError, ValueError, TypeError, KeyError, BadZipFile) as error:
            why = " ".join(str(error).split())
            raise UserError(f"{model}: no Keras model ({why}); give one that was saved") from error

    def scores(self, windows: Columns) -> Scores:
        """See Scorer."""
        return np.asarray(self._model(to_float(windows), training=False).numpy(), np.float32)
