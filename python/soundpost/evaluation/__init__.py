# SPDX-License-Identifier: Apache-2.0
"""How well a network names clips it has not heard."""

from soundpost.evaluation.hear import Hearing
from soundpost.evaluation.pipeline import SensorScorer
from soundpost.evaluation.scorers import FloatScorer, Int8Scorer, SameScorer, Scorer
from soundpost.evaluation.verdict import Verdict, mean_scores, vote

__all__ = [
    "FloatScorer",
    "Hearing",
    "Int8Scorer",
    "SameScorer",
    "Scorer",
    "SensorScorer",
    "Verdict",
    "mean_scores",
    "vote",
]
