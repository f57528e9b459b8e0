# SPDX-License-Identifier: Apache-2.0
"""Votes, intervals and tables against numbers worked out by hand."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from soundpost.datasets import Clip
from soundpost.evaluation import Verdict, vote


def clips(labels: list[int], groups: list[str]) -> list[Clip]:
    return [
        Clip(Path(f"{n}.wav"), label, group, 1, n % 2 == 0)
        for n, (label, group) in enumerate(zip(labels, groups, strict=True))
    ]


def test_a_vote_is_the_greatest_mean() -> None:
    # the first clip's windows disagree, and the sure one wins
    scores = np.array([[0.6, 0.4], [0.6, 0.4], [0.0, 1.0], [0.9, 0.1]], np.float32)
    assert vote(scores, [3, 1]).tolist() == [1, 0]


def test_summary_of_a_known_verdict() -> None:
    verdict = Verdict(clips([0, 0, 1, 1], ["a", "a", "b", "c"]), np.array([0, 1, 1, 1]))
    summary = verdict.summary(["x", "y", "z"])
    assert (summary["clips"], summary["recordings"], summary["accuracy"]) == (4, 3, 0.75)
    assert summary["confusion"] == [[1, 1, 0], [0, 2, 0], [0, 0, 0]]
    assert summary["classes"]["x"] == {"clips": 2, "recall": 0.5, "precision": 1.0}
    assert summary["classes"]["y"] == {"clips": 2, "recall": 1.0, "precision": 0.6667}
    assert summary["classes"]["z"] == {"clips": 0, "recall": None, "precision": None}
    assert summary["salience"]["foreground"] == {"clips": 2, "accuracy": 1.0}
    assert summary["salience"]["background"] == {"clips": 2, "accuracy": 0.5}


def test_an_interval_over_recordings_of_one_clip_is_the_binomial_one() -> None:
    count, right = 400, 280
    verdict = Verdict(
        clips([0] * count, [str(n) for n in range(count)]),
        np.array([0] * right + [1] * (count - right)),
    )
    low, high = verdict.interval()
    # normal approximation: 1.96 sqrt(p (1 - p) / n)
    assert (low, high) == pytest.approx((0.655, 0.745), abs=0.005)


def test_few_recordings_make_a_wide_interval() -> None:
    chosen = np.array([0] * 280 + [1] * 120)
    wide = Verdict(clips([0] * 400, [str(n // 40) for n in range(400)]), chosen).interval()
    assert wide[1] - wide[0] > 0.4


@pytest.mark.parametrize("recordings", [2, 10, 50])
def test_an_interval_is_wide_even_if_all_clips_are_right(recordings: int) -> None:
    heard = clips([0] * 100, [str(n % recordings) for n in range(100)])
    exact = binomtest(recordings, recordings).proportion_ci(0.95)
    assert Verdict(heard, np.zeros(100, int)).interval() == pytest.approx((exact.low, 1.0))
    assert Verdict(heard, np.ones(100, int)).interval() == pytest.approx((0.0, 1 - exact.low))
