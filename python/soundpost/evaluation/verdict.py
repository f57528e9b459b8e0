# SPDX-License-Identifier: Apache-2.0
"""What became of clips that a network was asked to name."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundpost.datasets import Clip

RESAMPLES = 2000
"""Bootstrap draws of a confidence interval."""

Means = NDArray[np.float64]


def mean_scores(scores: NDArray[np.float32], counts: Sequence[int]) -> Means:
    """Mean scores of each clip over its windows, shape (clips, classes).

    Args:
        scores: shape (windows of all clips in turn, classes).
        counts: windows of each clip, 1 or more.
    """
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    sums = np.add.reduceat(scores.astype(np.float64), starts)
    return np.asarray(sums / np.asarray(counts)[:, None])


def vote(scores: NDArray[np.float32], counts: Sequence[int]) -> NDArray[np.int64]:
    """The class of each clip: the greatest of its mean scores; see mean_scores."""
    return np.asarray(mean_scores(scores, counts).argmax(axis=1), np.int64)


@dataclass(frozen=True)
class Verdict:
    """What became of test clips.

    Attributes:
        clips: the clips, one or more.
        chosen: class that each was given, shape (clips,).
        scores: mean scores of each, shape (clips, classes); None if they were not kept.
        seeds: of the networks that heard them, shape (clips,), where each clip is there once for
            each seed; None where it is there once.
    """

    clips: Sequence[Clip]
    chosen: NDArray[np.int64]
    scores: Means | None = None
    seeds: NDArray[np.int64] | None = None

    @classmethod
    def by_scores(
        cls, clips: Sequence[Clip], scores: Means, seeds: NDArray[np.int64] | None = None
    ) -> "Verdict":
        """The verdict that gives each clip the class with its greatest mean score."""
        return cls(clips, np.asarray(scores.argmax(axis=1), np.int64), scores, seeds)

    def part(self, of: NDArray[np.bool_]) -> "Verdict":
        """The verdict on a part of the clips, which `of` marks, shape (clips,)."""
        clips = [clip for clip, chosen in zip(self.clips, of, strict=True) if chosen]
        scores = None if self.scores is None else self.scores[of]
        seeds = None if self.seeds is None else self.seeds[of]
        return Verdict(clips, self.chosen[of], scores, seeds)

    def by_seed(self) -> "dict[int, Verdict]":
        """The verdict on the networks of each seed, each clip once; empty without seeds."""
        if self.seeds is None:
            return {}
        found = {int(seed): self.part(self.seeds == seed) for seed in np.unique(self.seeds)}
        return {seed: replace(part, seeds=None) for seed, part in found.items()}

    @property
    def labels(self) -> NDArray[np.int64]:
        """Class that each clip is of, shape (clips,)."""
        return np.array([clip.label for clip in self.clips], np.int64)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each clip was named, shape (clips,)."""
        return np.asarray(self.chosen == self.labels)

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Mean score of the class that each clip was given, 0 to 1, shape (clips,)."""
        assert self.scores is not None
        return np.asarray(self.scores[np.arange(len(self.clips)), self.chosen])

    @property
    def accuracy(self) -> float:
        """Share of clips that were named."""
        return float(self.right.mean())

    def interval(self, seed: int = 0) -> tuple[float, float]:
        """95 % confidence interval of the accuracy.

        Percentile bootstrap over recordings (B. Efron, 1979): clips of one recording resemble each
        other, so that counting them as independent would make the interval too narrow. Of several
        seeds it is that of their mean accuracy; what other seeds would give is not in it.

        Where all clips are right, or none, all draws are alike. The interval is then the exact one
        of as many trials as there are recordings (C. J. Clopper, E. S. Pearson, Biometrika 26,
        1934).
        """
        right, size = by_recording(self.clips, self.right.astype(np.float64))
        if self.right.all() or not self.right.any():
            least = float(0.025 ** (1 / len(size)))
            return (least, 1.0) if self.right.all() else (0.0, 1.0 - least)
        random = np.random.default_rng(seed)
        drawn = random.integers(len(size), size=(RESAMPLES, len(size)))
        low, high = np.quantile(right[drawn].sum(1) / size[drawn].sum(1), [0.025, 0.975])
        return float(low), float(high)

    def confusion(self, classes: int) -> NDArray[np.int64]:
        """Clips by true class (row) and chosen class (column)."""
        table = np.zeros((classes, classes), np.int64)
        np.add.at(table, (self.labels, self.chosen), 1)
        return table

    def summary(self, classes: Sequence[str]) -> dict[str, Any]:
        """All of it as plain numbers, for results.json; accuracies are shares."""
        confusion = self.confusion(len(classes))
        low, high = self.interval()
        sides = {
            name: np.array([clip.foreground is side for clip in self.clips])
            for name, side in (("foreground", True), ("background", False))
        }
        return {
            "clips": len(self.clips),
            "recordings": len({clip.group for clip in self.clips}),
            "accuracy": round(self.accuracy, 4),
            "interval_95": [round(low, 4), round(high, 4)],
            "salience": {
                name: {"clips": int(side.sum()), "accuracy": _share(self.right[side])}
                for name, side in sides.items()
            },
            "classes": {
                name: {
                    "clips": int(confusion[n].sum()),
                    "recall": _share(self.right[self.labels == n]),
                    "precision": _share(self.right[self.chosen == n]),
                }
                for n, name in enumerate(classes)
            },
            "confusion": confusion.tolist(),
        }


def by_recording(
    clips: Sequence[Clip], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Sum of `values` and number of clips of each recording, in the order of their names."""
    groups = {name: n for n, name in enumerate(sorted({clip.group for clip in clips}))}
    member = np.array([groups[clip.group] for clip in clips])
    sums = np.bincount(member, weights=values)
    return np.asarray(sums, np.float64), np.asarray(np.bincount(member), np.int64)


def _share(right: NDArray[np.bool_]) -> float | None:
    return round(float(right.mean()), 4) if right.size else None
