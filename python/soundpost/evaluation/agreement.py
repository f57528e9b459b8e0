# SPDX-License-Identifier: Apache-2.0
"""Whether two ways of running the same networks give the same."""

from typing import Any

import numpy as np

from soundpost.evaluation.metrics import share
from soundpost.evaluation.verdict import Verdict


def agreement(verdict: Verdict, scorer: str, other: Verdict) -> dict[str, Any]:
    """What schema.md lists under `agreement`.

    Mean scores are compared as they are, to the last bit.

    Args:
        verdict: with scores.
        scorer: what ran the networks for `other`.
        other: the verdict on the same clips in the same order, with scores.
    """
    assert verdict.scores is not None
    assert other.scores is not None
    return {
        "scorer": scorer,
        "accuracy": share(other.accuracy),
        "difference": share(verdict.accuracy - other.accuracy),
        "clips": len(verdict.clips),
        "chosen_differ": int((verdict.chosen != other.chosen).sum()),
        "scores_differ": int((verdict.scores != other.scores).any(axis=1).sum()),
        "greatest": share(np.abs(verdict.scores - other.scores).max()),
    }
