# SPDX-License-Identifier: Apache-2.0
"""Epochs of training windows, each drawn and varied anew."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundpost.frontend import normalised_window
from soundpost.frontend.tables import STEPS_PER_DB
from soundpost.models.recipe import TrainingConfig
from soundpost.training.windows import Columns

Windows = NDArray[np.float32]
INPUT_SCALE = 1.0 / 32.0
"""What a step of a column's value is to the network, before quantisation and after."""
_CURVE_POINTS = 6


def to_float(windows: Columns) -> Windows:
    """The network's float input for int8 windows (n, columns, bands): shape (n, ..., 1)."""
    return windows[..., np.newaxis].astype(np.float32) * np.float32(INPUT_SCALE)


@dataclass(frozen=True)
class Corpus:
    """Training clips as columns.

    Attributes:
        variants: for each clip its renderings, each of shape (count, bands).
        labels: class of each clip, shape (clips,).
        classes: number of classes.
        window: columns of a window.
    """

    variants: Sequence[Sequence[Columns]]
    labels: NDArray[np.int64]
    classes: int
    window: int

    def probabilities(self, balance: float) -> NDArray[np.float64]:
        """How often each clip is drawn; see TrainingConfig.class_balance."""
        sizes = np.bincount(self.labels, minlength=self.classes)
        weights = sizes[self.labels].astype(np.float64) ** -balance
        return np.asarray(weights / weights.sum())

    def draw(self, clip: int, random: np.random.Generator) -> Columns:
        """A window's columns from a random rendering and place of `clip`."""
        columns = self.variants[clip][int(random.integers(len(self.variants[clip])))]
        start = int(random.integers(len(columns) - self.window + 1))
        return columns[start : start + self.window]


def equalise(columns: Columns, curve_db: NDArray[np.float64]) -> Columns:
    """Columns (count, bands) as a microphone with another response would give them.

    Args:
        columns: values in steps of 0.5 dB.
        curve_db: gain in dB at equal distances over the bands, shape (points,).
    """
    bands = columns.shape[1]
    at = np.linspace(0.0, len(curve_db) - 1.0, bands)
    steps = np.rint(STEPS_PER_DB * np.interp(at, np.arange(len(curve_db)), curve_db))
    return np.asarray(np.clip(columns + steps, -128, 127), np.int8)


def mask(window: Columns, most_columns: int, most_bands: int, random: np.random.Generator) -> None:
    """Set a run of columns and a run of bands of `window` to its mean, which is 0.

    After D. S. Park et al., SpecAugment, Interspeech 2019.
    """
    for axis, most in ((0, most_columns), (1, most_bands)):
        length = int(random.integers(min(most, window.shape[axis]) + 1))
        start = int(random.integers(window.shape[axis] - length + 1))
        np.moveaxis(window, axis, 0)[start : start + length] = 0


def mix(
    inputs: Windows, targets: Windows, alpha: float, random: np.random.Generator
) -> tuple[Windows, Windows]:
    """Mix each window with another (H. Zhang et al., mixup, ICLR 2018)."""
    if alpha == 0.0:
        return inputs, targets
    share = random.beta(alpha, alpha, len(inputs)).astype(np.float32)
    share = np.maximum(share, 1.0 - share)
    other = random.permutation(len(inputs))
    wide = share.reshape((-1,) + (1,) * (inputs.ndim - 1))
    mixed = wide * inputs + (1.0 - wide) * inputs[other]
    return mixed, share[:, None] * targets + (1.0 - share[:, None]) * targets[other]


def epoch(
    corpus: Corpus, config: TrainingConfig, random: np.random.Generator
) -> tuple[Windows, Windows]:
    """One epoch of inputs (windows, columns, bands, 1) and targets (windows, classes).

    The count is cut to whole batches.
    """
    augmentation = config.augmentation
    count = config.windows // config.batch * config.batch
    clips = random.choice(len(corpus.labels), count, p=corpus.probabilities(config.class_balance))
    windows = []
    for clip in clips:
        curve = random.normal(0.0, augmentation.equalisation_db, _CURVE_POINTS)
        window = normalised_window(equalise(corpus.draw(clip, random), curve))
        mask(window, augmentation.masked_columns, augmentation.masked_bands, random)
        windows.append(window)
    targets = np.eye(corpus.classes, dtype=np.float32)[corpus.labels[clips]]
    smoothing = np.float32(config.label_smoothing)
    targets = targets * (1 - smoothing) + smoothing / np.float32(corpus.classes)
    return mix(to_float(np.stack(windows)), targets, augmentation.mixup, random)
