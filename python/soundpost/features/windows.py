# SPDX-License-Identifier: Apache-2.0
"""From clips to windows: what the sensor's front end would make of a clip in the street."""

from collections.abc import Iterator, Sequence
from math import ceil

import numpy as np

from soundpost.augmentation import AugmentationConfig
from soundpost.datasets import Clip
from soundpost.features.cache import FeatureCache
from soundpost.features.extract import extract
from soundpost.features.recorder import Columns, EvaluationRecorder, TrainingRecorder
from soundpost.frontend import FrontendConfig, Normalisation, kept_columns, normalised_windows


def training_columns(
    clips: Sequence[Clip],
    frontend: FrontendConfig,
    window: int,
    augmentation: AugmentationConfig,
    seed: int,
    *,
    cache: FeatureCache | None = None,
    jobs: int = 1,
) -> Iterator[list[Columns]]:
    """For each clip its columns, one array of at least `window` columns a variant.

    What is drawn depends on `seed` and the clip's name only, not on the other clips; only what the
    noise "clips" sounds like follows from them.

    Args:
        clips: a training set; those that the noise "clips" is drawn from, too.
        frontend: makes the columns.
        window: columns of an inference.
        augmentation: what is varied.
        seed: of the chance.
        cache: where columns are kept; None keeps nothing.
        jobs: see `extract`.

    Raises:
        UserError: see `extract`.
    """
    others = tuple(clips) if "clips" in augmentation.noise else ()
    recorder = TrainingRecorder(frontend, window, augmentation, seed, others)
    return (found.columns for found in extract(recorder, clips, cache, jobs))


def window_step(window: int, overlap: float) -> int:
    """Columns from the start of a window to that of the next one.

    Args:
        window: columns of a window.
        overlap: share of a window that the next one begins before its end, 0 to under 1.
    """
    return max(1, ceil((1.0 - overlap) * window))


def evaluation_windows(
    clips: Sequence[Clip],
    frontend: FrontendConfig,
    window: int,
    normalisation: Normalisation,
    *,
    overlap: float = 0.5,
    cache: FeatureCache | None = None,
    jobs: int = 1,
) -> Iterator[Columns]:
    """For each clip the network's inputs, shape (count, window, bands).

    A clip is heard as it is, over the microphone's noise; only a short one is surrounded. The
    noise depends on the clip's name only.

    Args:
        clips: to be heard.
        frontend: makes the columns.
        window: columns of an inference.
        normalisation: what becomes of their values.
        overlap: share of a window that the next one begins before its end, 0 to under 1.
        cache: where columns are kept; None keeps nothing.
        jobs: see `extract`.

    Raises:
        UserError: see `extract`.
    """
    step = window_step(window, overlap)
    recorder = EvaluationRecorder(frontend, window)
    for found in extract(recorder, clips, cache, jobs):
        (made,) = found.columns
        columns = kept_columns(made, window, normalisation)
        starts = range(0, len(columns) - window + 1, step)
        yield normalised_windows(np.stack([columns[s : s + window] for s in starts]), normalisation)
