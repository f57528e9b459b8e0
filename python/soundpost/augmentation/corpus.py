# SPDX-License-Identifier: Apache-2.0
"""Training clips as columns, and windows drawn from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from soundpost.augmentation.columns import (
    Columns,
    Decibels,
    level_span,
    levels,
    resample,
    shift_bands,
)
from soundpost.frontend import FrontendConfig, Normalisation

Integers = NDArray[np.int64]


class Places(NamedTuple):
    """Where windows lie, and how they are taken from there: each array of shape (n,).

    Attributes:
        clips: indices of clips.
        variants: indices of their renderings.
        starts: first columns.
        lengths: columns that windows are resampled from; None for a window's own.
        shifts: bands that they are moved up; None for none.
    """

    clips: Integers
    variants: Integers
    starts: Integers
    lengths: Integers | None = None
    shifts: Integers | None = None

    def at(self, rows: slice | NDArray[np.bool_] | Integers) -> "Places":
        """Some of them."""
        first = Places(self.clips[rows], self.variants[rows], self.starts[rows])
        chosen = (None if field is None else field[rows] for field in self[3:])
        return Places(*first[:3], *chosen)


@dataclass(frozen=True)
class Corpus:
    """Training clips as columns.

    Attributes:
        variants: for each clip its renderings, each of shape (count, bands), at least one.
        labels: class of each clip, shape (clips,).
        classes: number of classes.
        window: columns that are drawn at once.
        frontend: that made the columns.
        normalisation: what becomes of a window's values before the network sees them.
    """

    variants: Sequence[Sequence[Columns]]
    labels: Integers
    classes: int
    window: int
    frontend: FrontendConfig
    normalisation: Normalisation = "window_mean"

    @property
    def level_counts(self) -> bool:
        """Whether the network sees how loud a window is."""
        return self.normalisation == "none"

    def probabilities(self, balance: float) -> NDArray[np.float64]:
        """How often each clip is drawn; see TrainingConfig.class_balance."""
        sizes = np.bincount(self.labels, minlength=self.classes)
        weights = sizes[self.labels].astype(np.float64) ** -balance
        return np.asarray(weights / weights.sum())

    def draw(
        self, clip: int, random: np.random.Generator, audible_db: float = 0.0
    ) -> tuple[int, int]:
        """Rendering and first column of a window of `clip`.

        Args:
            clip: index of it.
            random: source of chance.
            audible_db: see AugmentationConfig.
        """
        variant = int(random.integers(len(self.variants[clip])))
        if audible_db:
            count = len(self.variants[clip][variant]) - self.window + 1
            tenths = sliding_window_view(self._levels[clip][variant], self._tenths(self.window))
            tenths = tenths[:count]
            loudest = tenths.max(axis=1)
            starts = np.flatnonzero(loudest >= loudest.max() - audible_db)
            return variant, int(starts[random.integers(len(starts))])
        columns = self.variants[clip][variant]
        return variant, int(random.integers(len(columns) - self.window + 1))

    def places(
        self, clips: Integers, random: np.random.Generator, audible_db: float = 0.0
    ) -> Places:
        """A window of each of `clips`; see `draw`."""
        drawn = [self.draw(clip, random, audible_db) for clip in clips]
        variants, starts = np.array(drawn).reshape(-1, 2).T
        return Places(clips, variants, starts)

    def windows(self, places: Places) -> Columns:
        """The columns at `places`, shape (n, window, bands)."""
        out = np.empty((len(places.clips), self.window, self.frontend.bands), np.int8)
        lengths = self._lengths(places)
        for window, clip, variant, start, length in zip(out, *places[:3], lengths, strict=True):
            columns = self.variants[clip][variant]
            if length == self.window:
                window[:] = columns[start : start + length]
            else:
                window[:] = resample(columns, start, length, self.window)
        if places.shifts is not None:
            shift_bands(out, places.shifts)
        return out

    def _lengths(self, places: Places) -> Integers:
        if places.lengths is None:
            return np.full(len(places.clips), self.window)
        return places.lengths

    @cached_property
    def _levels(self) -> list[list[NDArray[np.float32]]]:
        return [[levels(columns, self.frontend) for columns in clip] for clip in self.variants]

    def _tenths(self, length: int) -> int:
        """Tenths of a second that lie in so many columns, by the column where they begin."""
        return max(1, length - level_span(self.frontend) + 1)

    def loudness(self, places: Places) -> Decibels:
        """A-weighted level of the loudest tenth of a second of each window in dB, shape (n,).

        It is that of the columns which the windows are made from.
        """
        return np.array(
            [
                self._levels[clip][variant][start : start + self._tenths(length)].max()
                for clip, variant, start, length in zip(
                    *places[:3], self._lengths(places), strict=True
                )
            ],
            np.float64,
        )
