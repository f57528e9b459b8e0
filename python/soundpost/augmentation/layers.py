# SPDX-License-Identifier: Apache-2.0
"""What else is heard in a window: a sound of another class, or noise, or noise alone."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from soundpost.augmentation.audio import pink_noise
from soundpost.augmentation.columns import (
    SILENCE,
    Columns,
    Decibels,
    between_class_gains,
    mix_power,
    silence,
)
from soundpost.augmentation.config import AugmentationConfig
from soundpost.augmentation.corpus import Corpus, Integers, Places
from soundpost.augmentation.warp import warp
from soundpost.errors import UserError
from soundpost.frontend import FrontendConfig, FrontendTables, recording_columns
from soundpost.frontend.config import SAMPLE_RATE
from soundpost.frontend.tables import STEPS_PER_DB

NOISE_S = 20
"""Seconds of each colour of noise, of which a window is a part."""
NOISE_RMS = 0.1

BEGINNING = 0.3
"""Share of windows with silence that have it before the sound too."""
_BEFORE = (0.02, 0.2)
_AFTER = (0.04, 1.0)

# a share of 0 or 1 would have no level
_LEAST_SHARE = 1e-6


@dataclass(frozen=True)
class Layer:
    """A second sound in some of n windows.

    Attributes:
        corpus: what it is drawn from.
        rows: which windows have it, shape (n,).
        places: where it lies in its corpus; n of them, also where it is not wanted.
        gains_db: of the window that is there, shape (n,).
        second_db: of the sound that is added, shape (n,).
        level_counts: whether the network sees how loud a window is.
    """

    corpus: Corpus
    rows: NDArray[np.bool_]
    places: Places
    gains_db: Decibels
    second_db: Decibels
    level_counts: bool

    def add(self, windows: Columns, rows: slice | Integers) -> None:
        """Add the sound to `windows`, which are those of `rows`, in place."""
        chosen = self.rows[rows]
        first_db, second_db = self.gains_db[rows][chosen], self.second_db[rows][chosen]
        second = self.corpus.windows(self.places.at(rows).at(chosen))
        windows[chosen] = mix_power(
            windows[chosen], second, first_db, second_db, level_counts=self.level_counts
        )

    def loudness(self, first_db: Decibels) -> Decibels:
        """Level in dB of windows that had `first_db`, with the sound, shape (n,)."""
        second_db = self.corpus.loudness(self.places) + self.second_db
        powers = 10.0 ** ((first_db + self.gains_db) / 10.0) + 10.0 ** (second_db / 10.0)
        both = 10.0 * np.log10(powers)
        return np.asarray(np.where(self.rows, both, first_db))


def between_class(
    corpus: Corpus,
    places: Places,
    loudness: Decibels,
    chances: NDArray[np.float64],
    config: AugmentationConfig,
    random: np.random.Generator,
) -> tuple[Layer, NDArray[np.float32], Integers]:
    """Windows of other classes beside those at `places`; see `between_class_gains`.

    Args:
        corpus: what both are drawn from.
        places: n windows.
        loudness: of them in dB, shape (n,).
        chances: how often each clip is drawn, shape (clips,).
        config: says how many are mixed, and how.
        random: source of chance.

    Returns:
        The layer, the share of each window's own label (1 where nothing is added), and the label
        that has the rest; both of shape (n,).

    Raises:
        UserError: if all clips are of one class.
    """
    count = len(places.clips)
    rows = random.uniform(size=count) < config.between_class
    if rows.any() and len(np.unique(corpus.labels[chances > 0.0])) < 2:
        raise UserError("between_class mixes two classes and the clips are of one; set it to 0")
    own = corpus.labels[places.clips]
    clips = random.choice(len(chances), count, p=chances)
    while (same := rows & (corpus.labels[clips] == own)).any():
        clips[same] = random.choice(len(chances), int(same.sum()), p=chances)
    others = warp(corpus, corpus.places(clips, random, config.audible_db), config, random)
    beta = config.between_class_beta
    share = np.clip(random.beta(beta, beta, count), _LEAST_SHARE, 1.0 - _LEAST_SHARE)
    gains = between_class_gains(loudness, corpus.loudness(others), share)
    kept = np.where(rows, share, 1.0).astype(np.float32)
    return Layer(corpus, rows, others, *gains, corpus.level_counts), kept, corpus.labels[clips]


def window_noise(
    corpus: Corpus, loudness: Decibels, config: AugmentationConfig, random: np.random.Generator
) -> Layer:
    """White or pink noise beside windows of `corpus`.

    Args:
        corpus: what the windows are drawn from.
        loudness: of the windows in dB, shape (n,).
        config: says how many have noise, and how much.
        random: source of chance.
    """
    count = len(loudness)
    noise = noise_corpus(corpus.frontend, corpus.window)
    rows = random.uniform(size=count) < config.window_noise
    places = noise.places(random.integers(len(noise.labels), size=count), random)
    low, high = config.noise_snr_db
    wanted = loudness - random.uniform(low, high, count)
    second_db = wanted - noise.loudness(places)
    return Layer(noise, rows, places, np.zeros(count), second_db, corpus.level_counts)


@dataclass(frozen=True)
class Silence:
    """A floor of noise in place of what is before and behind a sound, in some of n windows.

    Attributes:
        corpus: the noise.
        rows: which windows have it, shape (n,).
        places: where it lies in its corpus; n of them.
        floor_db: gain of the noise, shape (n,).
        before: columns left before the loudest one of a window, shape (n,).
        after: columns left behind it.
    """

    corpus: Corpus
    rows: NDArray[np.bool_]
    places: Places
    floor_db: Decibels
    before: Integers
    after: Integers

    def add(self, windows: Columns, rows: slice | Integers) -> None:
        """Put it into `windows`, which are those of `rows`, in place."""
        chosen = self.rows[rows]
        steps = np.rint(STEPS_PER_DB * self.floor_db[rows][chosen]).astype(np.int16)
        floor = self.corpus.windows(self.places.at(rows).at(chosen)) + steps[:, None, None]
        # there is some noise everywhere
        floor = np.clip(floor, SILENCE + 1, 127).astype(np.int8)
        before, after = self.before[rows][chosen], self.after[rows][chosen]
        windows[chosen] = silence(windows[chosen], floor, before, after)


def silence_around(
    corpus: Corpus, loudness: Decibels, config: AugmentationConfig, random: np.random.Generator
) -> Silence:
    """Silence around the loudest part of windows of `corpus`.

    Args:
        corpus: what the windows are drawn from.
        loudness: of the windows in dB, shape (n,).
        config: says how many have silence, and how deep it is.
        random: source of chance.
    """
    count = len(loudness)
    noise = noise_corpus(corpus.frontend, corpus.window)
    rows = random.uniform(size=count) < config.silence
    places = noise.places(random.integers(len(noise.labels), size=count), random)
    low, high = config.silence_db
    floor_db = loudness - random.uniform(low, high, count) - noise.loudness(places)
    before, after = (
        np.ceil(corpus.window * random.uniform(least, most, count)).astype(np.int64)
        for least, most in (_BEFORE, _AFTER)
    )
    whole = random.uniform(size=count) >= BEGINNING
    return Silence(noise, rows, places, floor_db, np.where(whole, corpus.window, before), after)


@lru_cache(maxsize=2)
def noise_corpus(frontend: FrontendConfig, window: int) -> Corpus:
    """White and pink noise as the front end hears it, the same each time."""
    tables = FrontendTables.from_config(frontend)
    random = np.random.default_rng(0)
    count = NOISE_S * SAMPLE_RATE + window * frontend.hop
    sounds = (random.standard_normal(count), pink_noise(count, random))
    pcm = [np.clip(np.rint(NOISE_RMS * 2**15 * s), -(2**15), 2**15 - 1) for s in sounds]
    variants = [[recording_columns(tables, samples.astype(np.int16))] for samples in pcm]
    return Corpus(variants, np.array([0, 1]), 2, window, frontend)
