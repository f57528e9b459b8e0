# SPDX-License-Identifier: Apache-2.0
"""The clips of a run, and what a network hears of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundpost.augmentation.corpus import Corpus
from soundpost.datasets import Clip, Direction, hold_out, open_dataset, split_by_fold
from soundpost.evaluation import Verdict, vote
from soundpost.features import Columns, FeatureCache, evaluation_windows, training_columns
from soundpost.models.recipe import Recipe
from soundpost.training.job import Job
from soundpost.training.status import Reporter


@dataclass(frozen=True)
class Heard:
    """Clips as a network hears them in an evaluation.

    Attributes:
        clips: the clips.
        windows: of all clips in turn, shape (n, window, bands).
        counts: windows of each clip.
    """

    clips: Sequence[Clip]
    windows: Columns
    counts: list[int]

    def verdict(self, scores: NDArray[np.float32]) -> Verdict:
        """What scores of the windows, shape (n, classes), make of the clips."""
        return Verdict(self.clips, vote(scores, self.counts))


class Clips:
    """The clips of a job.

    Attributes:
        train: those that are learnt from.
        held_out: those held out of the training folds.
        test: those of the test folds.
    """

    def __init__(self, job: Job, recipe: Recipe, reporter: Reporter) -> None:
        """List and split them.

        Raises:
            UserError: if the dataset cannot be used, or the folds share a recording.
        """
        self._job, self._recipe, self._reporter = job, recipe, reporter
        self._cache = FeatureCache(job.cache)
        clips = open_dataset(recipe.data.dataset, job.data, recipe.classes).clips
        self.train, self.test = split_by_fold(clips, Direction(job.train, job.test))
        self.held_out: list[Clip] = []
        if job.held_out:
            self.train, self.held_out = hold_out(self.train, job.held_out, job.split_seed)

    def corpus(self) -> Corpus:
        """What epochs are drawn from.

        Raises:
            UserError: if a clip cannot be read.
        """
        recipe = self._recipe
        columns = training_columns(
            self.train,
            recipe.frontend,
            recipe.drawn,
            recipe.training.augmentation,
            self._job.seed,
            cache=self._cache,
            jobs=self._job.processes,
        )
        variants = list(self._reporter.track(columns, "training columns", len(self.train)))
        labels = np.array([clip.label for clip in self.train])
        return Corpus(
            variants,
            labels,
            len(recipe.classes),
            recipe.drawn,
            recipe.frontend,
            recipe.normalisation,
        )

    def hear(self, clips: Sequence[Clip]) -> Heard:
        """Clips as they are heard in an evaluation.

        Raises:
            UserError: if a clip cannot be read.
        """
        recipe = self._recipe
        windows = evaluation_windows(
            clips,
            recipe.frontend,
            recipe.window,
            recipe.normalisation,
            overlap=recipe.overlap_pct / 100,
            cache=self._cache,
            jobs=self._job.processes,
        )
        by_clip = list(self._reporter.track(windows, "windows", len(clips)))
        return Heard(clips, np.concatenate(by_clip), [len(windows) for windows in by_clip])

    def calibration(self) -> Columns:
        """Windows of training clips that quantisation takes its ranges from.

        Raises:
            UserError: if a clip cannot be read.
        """
        windows = self.hear(self.train).windows
        count = min(self._recipe.training.calibration, len(windows))
        random = np.random.default_rng(self._job.seed)
        chosen: NDArray[np.int64] = random.permutation(len(windows))[:count]
        return np.asarray(windows[chosen])
