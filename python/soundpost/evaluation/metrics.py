# SPDX-License-Identifier: Apache-2.0
"""What a verdict amounts to, as plain numbers; shares go from 0 to 1 and have four decimals."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundpost.evaluation.groups import group_of
from soundpost.evaluation.verdict import Verdict

THRESHOLDS = np.arange(101) / 100
"""Of the curve of unknown clips."""

BINS = 10
"""Of the reliability diagram, of equal width."""


def share(value: float | np.floating[Any]) -> float | None:
    """A share with four decimals; None if it is not a number."""
    return None if np.isnan(value) else round(float(value), 4)


def _ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    """Quotients, NaN where there is nothing to divide by."""
    quotients = np.full(len(part), np.nan)
    np.divide(part, whole, out=quotients, where=whole > 0)
    return quotients


def by_class(confusion: NDArray[np.int64], names: Sequence[str]) -> list[dict[str, Any]]:
    """Clips, precision, recall and F1 of each class.

    A share of nothing is None: the recall of a class without clips, the precision of a class that
    was never chosen, and F1, their harmonic mean, of a class with neither.

    Args:
        confusion: clips by true class (row) and chosen class (column).
        names: of the classes.
    """
    right, clips, chosen = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    shares = zip(
        _ratio(right, chosen), _ratio(right, clips), _ratio(2 * right, clips + chosen), strict=True
    )
    return [
        {
            "name": name,
            "clips": int(clips[n]),
            "chosen": int(chosen[n]),
            "precision": share(precision),
            "recall": share(recall),
            "f1": share(f1),
        }
        for n, (name, (precision, recall, f1)) in enumerate(zip(names, shares, strict=True))
    ]


def macro(confusion: NDArray[np.int64]) -> dict[str, Any]:
    """Means of recall and F1 over the classes that have clips."""
    right, clips, chosen = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    there = clips > 0
    return {
        "recall": share(_ratio(right, clips)[there].mean()),
        "f1": share(_ratio(2 * right, clips + chosen)[there].mean()),
    }


def in_short(verdict: Verdict) -> dict[str, Any]:
    """Clips, recordings, accuracy and its 95 % confidence interval."""
    return {
        "clips": len(verdict.clips),
        "recordings": len({clip.group for clip in verdict.clips}),
        "accuracy": share(verdict.accuracy),
        "interval_95": [share(end) for end in verdict.interval()],
    }


def by_fold(verdict: Verdict) -> dict[str, Any]:
    """Accuracy of each fold, their mean and, of two folds or more, their standard deviation."""
    of = np.array([clip.fold for clip in verdict.clips])
    folds = sorted(set(of.tolist()))
    parts = [verdict.part(of == fold) for fold in folds]
    found = [part.accuracy for part in parts]
    return {
        "mean": share(np.mean(found)),
        "standard_deviation": share(np.std(found, ddof=1)) if len(folds) > 1 else None,
        "folds": [{"fold": fold} | in_short(part) for fold, part in zip(folds, parts, strict=True)],
    }


def by_seed(verdict: Verdict) -> dict[str, Any] | None:
    """Accuracy of each seed, their mean and standard deviation; None without seeds."""
    parts = verdict.by_seed()
    if not parts:
        return None
    found = [part.accuracy for part in parts.values()]
    return {
        "mean": share(np.mean(found)),
        "standard_deviation": share(np.std(found, ddof=1)),
        "seeds": [{"seed": seed} | in_short(part) for seed, part in parts.items()],
    }


def by_salience(verdict: Verdict) -> dict[str, Any]:
    """Clips whose sound is in front of the others, and those in which it is not.

    Empty if the dataset does not say.
    """
    sides = np.array([clip.foreground for clip in verdict.clips])
    found = {}
    for name, side in (("foreground", True), ("background", False)):
        if (sides == side).any():
            found[name] = in_short(verdict.part(sides == side))
    return found


def by_group(verdict: Verdict, classes: Sequence[str]) -> dict[str, Any] | None:
    """The verdict with classes joined to groups; None unless there are two groups or more.

    A clip is right if the class that was chosen is of its class's group.
    """
    groups, of = group_of(classes)
    if len(groups) < 2:
        return None
    clips = [replace(clip, label=of[clip.label]) for clip in verdict.clips]
    joined = Verdict(clips, np.array(of)[verdict.chosen])
    confusion = joined.confusion(len(groups))
    return in_short(joined) | {
        "members": {
            group: [name for name, at in zip(classes, of, strict=True) if at == n]
            for n, group in enumerate(groups)
        },
        "groups": by_class(confusion, groups),
        "confusion": confusion.tolist(),
    }


def unknown_curve(verdict: Verdict) -> list[dict[str, Any]]:
    """What becomes of the clips if those under a threshold are called unknown.

    For each threshold the coverage, which is the share of clips whose confidence reaches it, and
    the precision, which is the share of these that are right (None if there are none).
    """
    confidence, right = verdict.confidence, verdict.right
    curve = []
    for threshold in THRESHOLDS:
        known = confidence >= threshold
        curve.append(
            {
                "threshold": round(float(threshold), 2),
                "coverage": share(known.mean()),
                "precision": share(right[known].mean()) if known.any() else None,
            }
        )
    return curve


def calibration(verdict: Verdict) -> dict[str, Any]:
    """Confidence against accuracy, in BINS bins of equal width.

    The expected calibration error is the mean distance of the two, weighted by clips (M. P. Naeini,
    G. F. Cooper, M. Hauskrecht, AAAI 2015; C. Guo and others, ICML 2017).
    """
    confidence, right = verdict.confidence, verdict.right
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    found, error = [], 0.0
    for n in range(BINS):
        inside = bins == n
        if not inside.any():
            continue
        mean, accuracy = float(confidence[inside].mean()), float(right[inside].mean())
        error += float(inside.mean()) * abs(mean - accuracy)
        found.append(
            {
                "from": n / BINS,
                "to": (n + 1) / BINS,
                "clips": int(inside.sum()),
                "confidence": share(mean),
                "accuracy": share(accuracy),
            }
        )
    return {"error": share(error), "bins": found}
