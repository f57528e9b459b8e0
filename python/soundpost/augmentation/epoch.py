# SPDX-License-Identifier: Apache-2.0
"""Epochs of training windows, each drawn and varied anew.

All chance is drawn first, so that a batch can be made by itself when it is wanted.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundpost.augmentation.columns import (
    CURVE_POINTS,
    Columns,
    Decibels,
    equalise,
    mask,
    window_means,
)
from soundpost.augmentation.corpus import Corpus, Integers, Places
from soundpost.augmentation.layers import (
    Layer,
    Silence,
    between_class,
    silence_around,
    window_noise,
)
from soundpost.augmentation.warp import warp
from soundpost.frontend import normalised_windows, running_mean
from soundpost.training.config import TrainingConfig

Windows = NDArray[np.float32]
Targets = NDArray[np.float32]
Rows = slice | Integers
INPUT_SCALE = 1.0 / 32.0
"""What a step of a column's value is to the network, before quantisation and after."""


def to_float(windows: Columns) -> Windows:
    """The network's float input for int8 windows (n, columns, bands): shape (n, ..., 1)."""
    return windows[..., np.newaxis].astype(np.float32) * np.float32(INPUT_SCALE)


def blend(one: Windows, other: Windows, share: NDArray[np.float32]) -> Windows:
    """`share`, shape (n,), of each of `one`, shape (n, ...), and the rest of each of `other`."""
    wide = share.reshape((-1,) + (1,) * (one.ndim - 1))
    return np.asarray(wide * one + (1.0 - wide) * other)


@dataclass(frozen=True)
class _Plan:
    """What becomes of the n windows of an epoch.

    Attributes:
        corpus: what they are drawn from.
        places: where.
        leads: columns of each that are heard before its window begins, shape (n,).
        window: columns of a window.
        layers: what is heard in them beside, or in place of them.
        curves_db: equalisers with the gains of windows, shape (n, points).
        mask_starts: see `mask`; shape (n, masks, 2).
        mask_lengths: of the same shape.
        targets: shape (n, classes).
    """

    corpus: Corpus
    places: Places
    leads: Integers
    window: int
    layers: list[Layer | Silence]
    curves_db: Decibels
    mask_starts: Integers
    mask_lengths: Integers
    targets: Targets

    def inputs(self, rows: Rows) -> Windows:
        """Network inputs of some of the windows, shape (n, columns, bands, 1)."""
        heard = self.corpus.windows(self.places.at(rows))
        for layer in self.layers:
            layer.add(heard, rows)
        heard = equalise(heard, self.curves_db[rows])
        if self.corpus.normalisation == "running_mean":
            heard = running_mean(heard, self.window)
        starts, offsets = self.leads[rows, np.newaxis], np.arange(self.window)
        windows = heard[np.arange(len(heard))[:, np.newaxis], starts + offsets]
        inputs = normalised_windows(windows, self.corpus.normalisation)
        means = np.zeros(len(inputs), np.int8)
        if self.corpus.level_counts:
            means = window_means(inputs)
        mask(inputs, self.mask_starts[rows], self.mask_lengths[rows], means)
        return to_float(inputs)


def _draw_plan(corpus: Corpus, config: TrainingConfig, random: np.random.Generator) -> _Plan:
    augmentation = config.augmentation
    count = config.windows // config.batch * config.batch
    window = corpus.window - config.lead
    leads = np.zeros(count, np.int64)
    chances = corpus.probabilities(config.class_balance)
    clips = random.choice(len(corpus.labels), count, p=chances)
    places = Places(clips, np.empty_like(clips), np.empty_like(clips))
    curves_db = np.empty((count, CURVE_POINTS))
    mask_starts = np.empty((count, augmentation.masks, 2), np.int64)
    mask_lengths = np.empty_like(mask_starts)
    most = (augmentation.masked_columns, augmentation.masked_bands)
    sizes = (window, corpus.frontend.bands)
    for row, clip in enumerate(clips):
        curves_db[row] = random.normal(0.0, augmentation.equalisation_db, CURVE_POINTS)
        places.variants[row], places.starts[row] = corpus.draw(
            clip, random, augmentation.audible_db
        )
        for number in range(augmentation.masks):
            for axis in (0, 1):
                length = random.integers(min(most[axis], sizes[axis]) + 1)
                start = random.integers(sizes[axis] - length + 1)
                mask_starts[row, number, axis], mask_lengths[row, number, axis] = start, length
    if config.lead:
        leads = random.integers(config.lead, size=count, endpoint=True)
    targets = np.eye(corpus.classes, dtype=np.float32)[corpus.labels[clips]]
    layers: list[Layer | Silence] = []
    if augmentation.varies_windows:
        # a generator of its own: what is drawn above does not change with what is asked for here
        other = np.random.default_rng(random.integers(2**63))
        places = warp(corpus, places, augmentation, other)
        loudness = corpus.loudness(places)
        around = silence_around(corpus, loudness, augmentation, other.spawn(1)[0])
        mixed, shares, labels = between_class(
            corpus, places, loudness, chances, augmentation, other
        )
        targets = blend(targets, np.eye(corpus.classes, dtype=np.float32)[labels], shares)
        noise = window_noise(corpus, mixed.loudness(loudness), augmentation, other)
        layers = [around, mixed, noise]
        most_db = augmentation.window_gain_db
        gains_db = other.spawn(1)[0].uniform(-most_db, most_db, (count, 1))
        curves_db += gains_db
    smoothing = np.float32(config.label_smoothing)
    targets = targets * (1 - smoothing) + smoothing / np.float32(corpus.classes)
    return _Plan(
        corpus, places, leads, window, layers, curves_db, mask_starts, mask_lengths, targets
    )


def batches(
    corpus: Corpus, config: TrainingConfig, random: np.random.Generator
) -> Iterator[tuple[Windows, Targets]]:
    """One epoch, a batch at a time: inputs (batch, columns, bands, 1), targets (batch, classes).

    The count is cut to whole batches. All of `random` that the epoch needs is drawn before the
    first batch is made.

    Raises:
        UserError: if windows are to be mixed between classes and there is one.
    """
    plan = _draw_plan(corpus, config, random)
    count, alpha = len(plan.targets), config.augmentation.mixup
    if alpha:
        # H. Zhang et al., mixup, ICLR 2018
        share = random.beta(alpha, alpha, count).astype(np.float32)
        share = np.maximum(share, 1.0 - share)
        partners = random.permutation(count)
    for start in range(0, count, config.batch):
        rows = slice(start, start + config.batch)
        inputs, targets = plan.inputs(rows), plan.targets[rows]
        if alpha:
            inputs = blend(inputs, plan.inputs(partners[rows]), share[rows])
            targets = blend(targets, plan.targets[partners[rows]], share[rows])
        yield inputs, targets


def epoch(
    corpus: Corpus, config: TrainingConfig, random: np.random.Generator
) -> tuple[Windows, Targets]:
    """All of `batches` at once."""
    inputs, targets = zip(*batches(corpus, config, random), strict=True)
    return np.concatenate(inputs), np.concatenate(targets)
