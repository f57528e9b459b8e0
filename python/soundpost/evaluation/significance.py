# SPDX-License-Identifier: Apache-2.0
"""Whether two networks differ on the same clips."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundpost.datasets import Clip
from soundpost.errors import UserError
from soundpost.evaluation.verdict import RESAMPLES, Verdict, by_recording


@dataclass(frozen=True)
class Difference:
    """How a second network does against a first.

    Attributes:
        clips: that both were tested on.
        recordings: that these are of.
        first_only: clips that the first named, in more of its seeds than the second.
        second_only: clips that the second named, in more of its seeds than the first.
        accuracy: the second's less the first's, -1 to 1.
        interval: of 95 %, of that difference.
        p: probability of so uneven a split of first_only and second_only, were both alike.
        by_seed: the difference of the networks of each seed that both have.
    """

    clips: int
    recordings: int
    first_only: int
    second_only: int
    accuracy: float
    interval: tuple[float, float]
    p: float
    by_seed: dict[int, float]


def difference(first: Verdict, second: Verdict, seed: int = 0) -> Difference | None:
    """How `second` does against `first`, None if no clip is in both.

    Of several seeds, the share of them that named a clip is compared, clip by clip.

    The interval is by paired percentile bootstrap over recordings (B. Efron, R. J. Tibshirani, An
    Introduction to the Bootstrap, 1993), which holds where clips of a recording resemble each
    other. p is that of the exact McNemar test (Q. McNemar, Psychometrika 12, 1947), which takes
    clips as independent, and so is too small where recordings have many clips; of several seeds it
    is the sign test, to which McNemar's is equal otherwise.

    Raises:
        UserError: if the two do not agree on what a clip is.
    """
    clips, gains = _gains(first, second)
    if not clips:
        return None
    one, two = first.by_seed(), second.by_seed()
    by_seed = {seed: _gains(one[seed], two[seed])[1] for seed in one if seed in two}
    sums, sizes = by_recording(clips, gains)
    random = np.random.default_rng(seed)
    drawn = random.integers(len(sizes), size=(RESAMPLES, len(sizes)))
    low, high = np.quantile(sums[drawn].sum(1) / sizes[drawn].sum(1), [0.025, 0.975])
    first_only, second_only = int((gains < 0).sum()), int((gains > 0).sum())
    return Difference(
        clips=len(clips),
        recordings=len(sizes),
        first_only=first_only,
        second_only=second_only,
        accuracy=float(gains.mean()),
        interval=(float(low), float(high)),
        p=mcnemar(first_only, second_only),
        by_seed={seed: float(each.mean()) for seed, each in by_seed.items() if each.size},
    )


def _gains(first: Verdict, second: Verdict) -> tuple[list[Clip], NDArray[np.float64]]:
    """Clips of both, and by how much more of the second's seeds each was named, shape (clips,)."""
    one, two = _named(first), _named(second)
    clips, gains = [], []
    for name, (clip, right) in one.items():
        if name not in two:
            continue
        other, other_right = two[name]
        if (clip.label, clip.group) != (other.label, other.group):
            raise UserError(
                f"clip {name} is of another class or recording in one of the evaluations; "
                "make both from the same dataset"
            )
        clips.append(clip)
        gains.append(np.mean(other_right) - np.mean(right))
    return clips, np.array(gains, np.float64)


def _named(verdict: Verdict) -> dict[str, tuple[Clip, list[bool]]]:
    """Clips by their names, and whether each was named by the networks that heard it."""
    found: dict[str, tuple[Clip, list[bool]]] = {}
    for clip, right in zip(verdict.clips, verdict.right.tolist(), strict=True):
        found.setdefault(clip.name, (clip, []))[1].append(right)
    return found


def mcnemar(first_only: int, second_only: int) -> float:
    """Two-sided p of the exact McNemar test: that of a fair coin."""
    # half a second that most commands do not need
    from scipy.stats import binomtest

    count = first_only + second_only
    return float(binomtest(first_only, count).pvalue) if count else 1.0


def holm(values: Sequence[float]) -> list[float]:
    """p values of several tests, adjusted for their number (S. Holm, 1979)."""
    adjusted, greatest = [0.0] * len(values), 0.0
    for rank, n in enumerate(sorted(range(len(values)), key=lambda n: values[n])):
        greatest = max(greatest, min(1.0, (len(values) - rank) * values[n]))
        adjusted[n] = greatest
    return adjusted
