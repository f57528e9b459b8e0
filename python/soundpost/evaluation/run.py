# SPDX-License-Identifier: Apache-2.0
"""Runs networks on the clips that a plan gives them."""

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np

from soundpost.errors import UserError
from soundpost.evaluation.candidate import Candidate
from soundpost.evaluation.hear import Hearing
from soundpost.evaluation.pipeline import SensorScorer
from soundpost.evaluation.plan import Part, seeds_of
from soundpost.evaluation.scorers import FloatScorer, Int8Scorer, Scorer
from soundpost.evaluation.verdict import Verdict
from soundpost.features import FeatureCache

ScorerName = Literal["float", "int8", "compiled", "sensor"]
SCORERS: tuple[ScorerName, ...] = get_args(ScorerName)

FLOAT_MODEL = "float.keras"


def make_scorer(candidate: Candidate, name: ScorerName) -> Scorer | SensorScorer:
    """What runs a network.

    Raises:
        UserError: if the network is not there in that form, or what runs it is not installed.
    """
    match name:
        case "sensor":
            return SensorScorer(candidate.model)
        case "int8":
            return Int8Scorer(candidate.folder / "model.tflite")
        case "compiled":
            return Int8Scorer(candidate.folder / "model.tflite", "compiled")
        case "float":
            path = candidate.folder / FLOAT_MODEL
            if not path.is_file():
                raise UserError(f"{path} is missing, the float network; train it again")
            return FloatScorer(path)


def evaluate_plan(
    parts: Sequence[Part],
    scorer: ScorerName,
    overlaps: Sequence[int],
    *,
    cache: FeatureCache | None = None,
    jobs: int = 1,
    told: Callable[[], None] = lambda: None,
) -> dict[int, Verdict]:
    """The verdict on the clips of all parts, by overlap.

    Args:
        parts: networks and their clips.
        scorer: what runs the networks.
        overlaps: of windows, in per cent.
        cache: where columns are kept; None keeps nothing.
        jobs: processes that make columns.
        told: called after each clip at each overlap.

    Raises:
        UserError: if a clip cannot be read, or see make_scorer.
    """
    scorers = [make_scorer(part.candidate, scorer) for part in parts]
    clips = [clip for part in parts for clip in part.clips]
    verdicts, seeds = {}, seeds_of(parts)
    for overlap in overlaps:
        scores = []
        for part, runs in zip(parts, scorers, strict=True):
            hearing = Hearing(part.candidate.model.recipe, overlap / 100, cache, jobs)
            for means in hearing.mean_scores(runs, part.clips):
                scores.append(means)
                told()
        verdicts[overlap] = Verdict.by_scores(clips, np.stack(scores), seeds)
    return verdicts
