# SPDX-License-Identifier: Apache-2.0
"""Clips through the sensor itself: core/sensor from samples to smoothed scores."""

import numpy as np
from numpy.typing import NDArray

from soundpost._core import lib
from soundpost.evaluation.verdict import Means
from soundpost.features import window_step
from soundpost.features.rendering import window_samples
from soundpost.models.model import SCORE_SCALE, Model
from soundpost.sensor import Sensor

MOST_WINDOWS = int(lib.SP_SMOOTHING_MAX)
"""Windows that the sensor's detector takes the mean of."""


class SensorScorer:
    """The sensor's pipeline as it is built: front end, windows, compiled network, vote.

    The vote is the detector's mean over windows. It holds MOST_WINDOWS of them, so that of a longer
    clip is taken in parts, and their means are joined by their numbers of windows. The silence gate
    is open: it goes by sound pressure levels, and what those of a dataset's clips were nobody
    knows.
    """

    name = "sensor, C"

    def __init__(self, model: Model) -> None:
        """Take a model."""
        self.model = model

    def sensor(self, overlap: float) -> Sensor:
        """A sensor that is about to hear a clip.

        Args:
            overlap: share of a window that the next one begins before its end, 0 to under 1.

        Raises:
            UserError: if the sensor has no such window or no such overlap.
        """
        settings = {
            "window_hop": window_step(self.model.recipe.window, overlap),
            "gate_cdb": 0,
            "smoothing_windows": MOST_WINDOWS,
            # the leader is then never unknown
            "unknown_pct": 1,
            "hysteresis_pct": 0,
        }
        return Sensor(self.model, settings)

    def mean_scores(self, pcm: NDArray[np.int16], overlap: float) -> Means:
        """Mean scores of a clip over its windows, shape (classes,).

        Args:
            pcm: samples at 16 kHz, shape (n,), a window or more.
            overlap: see `sensor`.

        Raises:
            UserError: see `sensor`.
        """
        recipe = self.model.recipe
        step, length = window_step(recipe.window, overlap), recipe.window
        least = window_samples(recipe.frontend, length)
        sensor = self.sensor(overlap)
        windows = (len(pcm) - least) // (step * recipe.frontend.hop) + 1
        heard, sums = 0, np.zeros(len(recipe.classes), np.int64)
        for first in range(0, windows, MOST_WINDOWS):
            count = min(MOST_WINDOWS, windows - first)
            end = window_samples(recipe.frontend, length + (first + count - 1) * step)
            for _ in sensor.lines(pcm[heard:end]):
                pass
            heard = end
            # core/detector rounds the mean down, by less than a step of the sum
            sums += -(-sensor.smoothed_q8.astype(np.int64) * count // 256)
            sensor.forget_scores()
        return np.asarray(sums * SCORE_SCALE / windows)
