# SPDX-License-Identifier: Apache-2.0
"""Which network is tested on which clips: each clip once a seed, by one that never heard its
recording.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundpost.datasets import Clip, Dataset, check_disjoint, open_dataset
from soundpost.errors import UserError
from soundpost.evaluation.candidate import Candidate, Folds
from soundpost.models.recipe import Recipe


@dataclass(frozen=True)
class Part:
    """A network and the clips that it is tested on."""

    candidate: Candidate
    folds: Folds
    clips: list[Clip]


def open_for(recipe: Recipe, layout: str, folder: Path) -> Dataset:
    """A dataset whose labels are those of a recipe's classes, which may be more than its own.

    Raises:
        UserError: if the dataset cannot be opened, or has a class that the recipe has not.
    """
    dataset = open_dataset(layout, folder)
    strange = [name for name in dataset.classes if name not in recipe.classes]
    if strange:
        raise UserError(
            f"{recipe.name} does not know {', '.join(strange)} of {dataset.title}; "
            f"it knows {', '.join(recipe.classes)}: take another network or dataset"
        )
    labels = [recipe.classes.index(name) for name in dataset.classes]
    clips = [replace(clip, label=labels[clip.label]) for clip in dataset.clips]
    return replace(dataset, classes=recipe.classes, clips=clips)


def make_plan(
    candidates: Sequence[Candidate], dataset: Dataset, folds: Sequence[Folds] = ()
) -> list[Part]:
    """What each network is tested on.

    Args:
        candidates: networks of one recipe.
        dataset: opened for that recipe.
        folds: of each network; by default those that it was trained to be tested on, or else all
            that it was not trained on. A network that was trained on another dataset has heard
            none.

    Raises:
        UserError: if a network would be tested on what it was trained on, if it is not known what
            that was, if two networks of one seed would be tested on the same clips, or if those
            of several seeds would not be.
    """
    first = candidates[0]
    for candidate in candidates[1:]:
        if candidate.model.recipe != first.model.recipe:
            raise UserError(
                f"{candidate.folder} and {first.folder} have different recipes; "
                "evaluate them one by one, and give the results to soundpost compare"
            )
    if folds and len(folds) != len(candidates):
        raise UserError(
            f"--folds is given {len(folds)} times for {len(candidates)} networks; "
            "give it once for each, in their order"
        )
    there = tuple(sorted({clip.fold for clip in dataset.clips}))
    parts: list[Part] = []
    for number, candidate in enumerate(candidates):
        heard = _heard(candidate, dataset)
        chosen = folds[number] if folds else _default(candidate, heard, there)
        parts.append(_part(candidate, dataset, chosen, heard, there))
    _check_rounds(parts)
    return parts


def seeds_of(parts: Sequence[Part]) -> NDArray[np.int64] | None:
    """Seed of the network that each clip of a plan goes to; None if each clip goes to one only."""
    if not _repeated(parts):
        return None
    seeds = [part.candidate.seed for part in parts]
    return np.repeat(np.array(seeds, np.int64), [len(part.clips) for part in parts])


def _repeated(parts: Sequence[Part]) -> bool:
    folds = [fold for part in parts for fold in part.folds]
    return len(set(folds)) < len(folds)


def _check_rounds(parts: Sequence[Part]) -> None:
    """See that each clip is tested once or, if more often, once by each seed."""
    for number, part in enumerate(parts):
        for other in parts[:number]:
            shared = sorted(set(part.folds) & set(other.folds))
            seeds = {part.candidate.seed, other.candidate.seed}
            if shared and (None in seeds or len(seeds) == 1):
                raise UserError(
                    f"{other.candidate.folder} and {part.candidate.folder} would both be tested on "
                    f"fold {_listed(shared)}; give each clip to one network of a seed, with "
                    "--folds for each"
                )
    if not _repeated(parts):
        return
    rounds: dict[int | None, set[int]] = {}
    for part in parts:
        rounds.setdefault(part.candidate.seed, set()).update(part.folds)
    (seed, first), *others = rounds.items()
    for another, folds in others:
        if folds != first:
            raise UserError(
                f"networks of seed {seed} are tested on fold {_listed(sorted(first))}, those of "
                f"seed {another} on fold {_listed(sorted(folds))}; train what is missing, or name "
                "the runs to be tested"
            )


def _heard(candidate: Candidate, dataset: Dataset) -> Folds:
    """Folds of `dataset` that a network was trained on."""
    if candidate.model.recipe.data.dataset != dataset.name:
        return ()
    if candidate.train_folds is None:
        raise UserError(
            f"nobody knows what {candidate.folder} was trained on, for it holds no results.json; "
            "say it with --trained-on"
        )
    return candidate.train_folds


def _default(candidate: Candidate, heard: Folds, there: Folds) -> Folds:
    meant = candidate.test_folds if heard else None
    chosen = tuple(fold for fold in meant or there if fold not in heard)
    if not chosen:
        raise UserError(
            f"{candidate.folder} was trained on every fold; "
            "evaluate networks of its recipe that were trained on a part of them"
        )
    return chosen


def _part(
    candidate: Candidate, dataset: Dataset, chosen: Folds, heard: Folds, there: Folds
) -> Part:
    seen, missing = sorted(set(chosen) & set(heard)), sorted(set(chosen) - set(there))
    if seen:
        raise UserError(
            f"{candidate.folder} was trained on fold {_listed(seen)}; "
            f"test it on others with --folds, there is fold {_listed(there)}"
        )
    if missing:
        raise UserError(
            f"fold {_listed(missing)} holds no clip; there is fold {_listed(there)} in "
            f"{dataset.title}"
        )
    clips = [clip for clip in dataset.clips if clip.fold in chosen]
    trained = [clip for clip in dataset.clips if clip.fold in heard]
    if trained:
        check_disjoint(training=trained, test=clips)
    return Part(candidate, chosen, clips)


def _listed(folds: Sequence[int]) -> str:
    return ", ".join(map(str, folds))
