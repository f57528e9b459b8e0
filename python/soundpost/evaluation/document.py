# SPDX-License-Identifier: Apache-2.0
"""An evaluation as one JSON document; schema.md lists its keys."""

from collections.abc import Mapping, Sequence
from typing import Any

from soundpost import __version__
from soundpost.datasets import Dataset
from soundpost.evaluation.agreement import agreement
from soundpost.evaluation.costs import network_costs
from soundpost.evaluation.metrics import (
    by_class,
    by_fold,
    by_group,
    by_salience,
    by_seed,
    calibration,
    in_short,
    macro,
    share,
    unknown_curve,
)
from soundpost.evaluation.plan import Part
from soundpost.evaluation.verdict import Verdict
from soundpost.frontend.config import SAMPLE_RATE
from soundpost.settings import known_settings

FORMAT = "soundpost-evaluation/1"


def describe(
    parts: Sequence[Part],
    dataset: Dataset,
    scorer: str,
    verdicts: Mapping[int, Verdict],
    other: tuple[str, Verdict] | None = None,
) -> dict[str, Any]:
    """The document.

    Args:
        parts: networks and their clips.
        dataset: that the clips are of.
        scorer: what ran the networks, one of SCORERS.
        verdicts: on all clips, by overlap of windows in per cent; the first is the one that the
            document tells of, of the others it holds the accuracy.
        other: what else ran the networks, and the verdict at the first overlap then.
    """
    recipe = parts[0].candidate.model.recipe
    overlap, verdict = next(iter(verdicts.items()))
    confusion = verdict.confusion(len(recipe.classes))
    return {
        "format": FORMAT,
        "generator": f"soundpost evaluate {__version__}",
        "name": recipe.name,
        "recipe_sha256": recipe.digest,
        "scorer": scorer,
        "overlap_pct": overlap,
        "window_s": _window_seconds(parts[0]),
        "dataset": {
            "layout": dataset.name,
            "title": dataset.title,
            "clips": len(dataset.clips),
            "folds": sorted({clip.fold for clip in dataset.clips}),
        },
        "networks": [_network(part) for part in parts],
        "classes": list(recipe.classes),
        "test": verdict.summary(recipe.classes),
        "by_class": by_class(confusion, recipe.classes),
        "macro": macro(confusion),
        "by_fold": by_fold(verdict),
        "by_seed": by_seed(verdict),
        "by_salience": by_salience(verdict),
        "by_group": by_group(verdict, recipe.classes),
        "unknown": {"threshold": _unknown_threshold(), "curve": unknown_curve(verdict)},
        "calibration": calibration(verdict),
        "overlaps": [
            {"overlap_pct": percent} | in_short(found) for percent, found in verdicts.items()
        ],
        "agreement": agreement(verdict, *other) if other else None,
        "costs": network_costs(parts[0].candidate.model),
        "clips": _clips(verdict, recipe.classes),
    }


def _window_seconds(part: Part) -> float:
    recipe = part.candidate.model.recipe
    samples = recipe.frontend.fft_size + (recipe.window - 1) * recipe.frontend.hop
    return round(samples / SAMPLE_RATE, 3)


def _network(part: Part) -> dict[str, Any]:
    candidate = part.candidate
    return {
        "model_sha256": candidate.sha256,
        "train_folds": None if candidate.train_folds is None else list(candidate.train_folds),
        "test_folds": list(part.folds),
        "seed": candidate.seed,
        "clips": len(part.clips),
    }


def _unknown_threshold() -> float:
    """The sensor's own, as it is set unless somebody changes it."""
    return next(info.default for info in known_settings() if info.name == "unknown_pct") / 100


def _clips(verdict: Verdict, classes: Sequence[str]) -> list[dict[str, Any]]:
    seeds = [None] * len(verdict.clips) if verdict.seeds is None else verdict.seeds.tolist()
    return [
        {
            "name": clip.name,
            "recording": clip.group,
            "fold": clip.fold,
            "seed": seed,
            "foreground": clip.foreground,
            "class": classes[clip.label],
            "chosen": classes[chosen],
            "confidence": share(confidence),
        }
        for clip, seed, chosen, confidence in zip(
            verdict.clips, seeds, verdict.chosen, verdict.confidence, strict=True
        )
    ]
