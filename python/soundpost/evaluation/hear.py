# SPDX-License-Identifier: Apache-2.0
"""From clips to their mean scores."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from soundpost.datasets import Clip
from soundpost.evaluation.pipeline import SensorScorer
from soundpost.evaluation.scorers import Scorer
from soundpost.evaluation.verdict import Means, mean_scores
from soundpost.features import EvaluationRecorder, FeatureCache, evaluation_windows
from soundpost.models.recipe import Recipe

BATCH = 32
"""Clips whose windows are scored at once."""


@dataclass(frozen=True)
class Hearing:
    """How clips are heard.

    Attributes:
        recipe: front end, window and normalisation.
        overlap: share of a window that the next one begins before its end, 0 to under 1.
        cache: where columns are kept; None keeps nothing.
        jobs: processes that make columns.
    """

    recipe: Recipe
    overlap: float = 0.5
    cache: FeatureCache | None = None
    jobs: int = 1

    def mean_scores(self, scorer: Scorer | SensorScorer, clips: Sequence[Clip]) -> Iterator[Means]:
        """Mean scores of each clip over its windows, shape (classes,).

        Raises:
            UserError: if a clip cannot be read, or the scorer cannot hear it so.
        """
        recipe = self.recipe
        if isinstance(scorer, SensorScorer):
            recorder = EvaluationRecorder(recipe.frontend, recipe.window)
            for clip in clips:
                yield scorer.mean_scores(recorder.pcm(clip), self.overlap)
            return
        windows = evaluation_windows(
            clips,
            recipe.frontend,
            recipe.window,
            recipe.normalisation,
            overlap=self.overlap,
            cache=self.cache,
            jobs=self.jobs,
        )
        while batch := list(islice(windows, BATCH)):
            scores = scorer.scores(np.concatenate(batch))
            yield from mean_scores(scores, [len(some) for some in batch])
