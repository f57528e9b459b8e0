# SPDX-License-Identifier: Apache-2.0
"""What several tested runs of one recipe say together."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

import numpy as np

Run = Mapping[str, Any]


def tested(runs: Sequence[Run]) -> list[Run]:
    """Those of `runs` that were tested, as results.json holds them."""
    return [run for run in runs if "test" in run]


def cross_validation(runs: Sequence[Run]) -> dict[str, Any] | None:
    """Accuracy over all tested clips by seed, with mean and spread of the seeds.

    Each seed's networks together name each clip once: so it is one accuracy, of clips, and not a
    mean of folds of different sizes.

    Args:
        runs: as results.json holds them.

    Returns:
        None if a seed lacks a split that another one has, if splits share a test fold, or if there
        is one split only. `deviation` is that of a sample, None for one seed. All are shares.
    """
    by_seed = defaultdict[int, list[Run]](list)
    for run in tested(runs):
        by_seed[run["seed"]].append(run)
    splits = {tuple(sorted(map(_split, of_seed))) for of_seed in by_seed.values()}
    if len(splits) != 1:
        return None
    (of_each,) = splits
    folds = Counter(fold for _, test in of_each for fold in test)
    if len(of_each) < 2 or max(folds.values()) > 1:
        return None
    seeds = [
        {
            "seed": seed,
            "accuracy": round(_pooled(of_seed, [run["test"]["accuracy"] for run in of_seed]), 4),
            "float_accuracy": round(_pooled(of_seed, [r["float_accuracy"] for r in of_seed]), 4),
        }
        for seed, of_seed in by_seed.items()
    ]
    of_seeds = [seed["accuracy"] for seed in seeds]
    return {
        "splits": len(of_each),
        "clips": sum(_clips(next(iter(by_seed.values())))),
        "seeds": seeds,
        "mean": round(fmean(of_seeds), 4),
        "deviation": round(stdev(of_seeds), 4) if len(of_seeds) > 1 else None,
    }


def pooled_classes(runs: Sequence[Run], classes: Sequence[str]) -> dict[str, Any]:
    """Confusion matrix of all tested runs, and recall and precision of each class by it."""
    confusion = np.sum([run["test"]["confusion"] for run in tested(runs)], axis=0)
    right = np.diag(confusion)
    return {
        "classes": {
            name: {
                "clips": int(confusion[n].sum()),
                "recall": _share(right[n], confusion[n].sum()),
                "precision": _share(right[n], confusion[:, n].sum()),
            }
            for n, name in enumerate(classes)
        },
        "confusion": confusion.tolist(),
    }


def _split(run: Run) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(run["train_folds"]), tuple(run["test_folds"])


def _clips(runs: Sequence[Run]) -> list[int]:
    return [run["test"]["clips"] for run in runs]


def _pooled(runs: Sequence[Run], accuracies: Sequence[float]) -> float:
    return float(np.average(accuracies, weights=_clips(runs)))


def _share(part: int, whole: int) -> float | None:
    return round(float(part / whole), 4) if whole else None
