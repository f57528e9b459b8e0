# SPDX-License-Identifier: Apache-2.0
"""Which runs a recipe asks for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from soundpost.datasets import Direction
from soundpost.errors import UserError
from soundpost.models.recipe import Recipe
from soundpost.training.job import Job

_FOLDS = re.compile(r"\d+(,\d+)*")


@dataclass(frozen=True)
class Where:
    """What all jobs have in common.

    Attributes:
        data: folder of the dataset.
        runs: folder of all runs.
        cache: folder of features.
        processes: that features of a job are made in.
    """

    data: Path
    runs: Path
    cache: Path
    processes: int


def read_direction(text: str) -> Direction:
    """The folds of "2,3:1": those learnt from, and those tested on; "2,3" tests on none.

    Raises:
        UserError: if it is nothing of the kind.
    """
    train, _, test = text.partition(":")
    if not _FOLDS.fullmatch(train) or (test and not _FOLDS.fullmatch(test)):
        raise UserError(f"--folds {text}: give folds to learn from and to test on, such as 2,3:1")
    try:
        return Direction(_numbers(train), _numbers(test))
    except UserError as error:
        raise UserError(f"--folds {text}: {error}") from error


def read_seeds(text: str) -> tuple[int, ...]:
    """The seeds of "1,2,3".

    Raises:
        UserError: if it is nothing of the kind.
    """
    if not _FOLDS.fullmatch(text):
        raise UserError(f"--seeds {text}: give numbers, such as 1,2,3")
    return _numbers(text)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(",")) if text else ()


@dataclass(frozen=True)
class Plan:
    """The runs that are wanted of a recipe.

    Attributes:
        path: of the recipe.
        recipe: itself.
        runs: what tells how good it is; that of the network to ship first.
        validation: a run beside them that holds recordings out and never hears a test clip.
    """

    path: Path
    recipe: Recipe
    runs: tuple[Job, ...]
    validation: Job | None = None

    @property
    def jobs(self) -> list[Job]:
        """All of them, in the order in which they are told of."""
        return [*([self.validation] if self.validation else []), *self.runs]


def plan_to_ship(path: Path, recipe: Recipe, where: Where, every: bool) -> Plan:
    """What the files of a model's folder are made from.

    Args:
        path: of the recipe.
        recipe: itself.
        where: it is done.
        every: all splits and seeds of the recipe; else the first ones alone, unless that leaves
            nothing to be tested on.
    """
    first, *others = recipe.data.directions
    seeds = recipe.training.seeds
    if first.test:
        runs = _runs(path, recipe, where, recipe.data.directions, seeds)
    else:
        # others of the kind that is shipped would tell nothing
        runs = _runs(path, recipe, where, [first], seeds[:1])
        runs += _runs(path, recipe, where, others, seeds)
        every = True
    # with "best", each run holds recordings out itself
    validation = _validating(runs[0], recipe) if recipe.training.keep == "last" else None
    return Plan(path, recipe, tuple(runs if every else runs[:1]), validation)


def plan_to_compare(
    path: Path,
    recipe: Recipe,
    where: Where,
    directions: Sequence[Direction] | None,
    seeds: Sequence[int] | None,
    validate: bool,
) -> Plan:
    """Runs to compare recipes by.

    Args:
        path: of the recipe.
        recipe: itself.
        where: it is done.
        directions: splits; None takes the recipe's.
        seeds: None takes the recipe's.
        validate: whether to hold recordings out of the training folds and leave the test folds be.
    """
    chosen = directions or recipe.data.directions
    runs = _runs(path, recipe, where, chosen, seeds or recipe.training.seeds)
    if validate:
        runs = list(dict.fromkeys(_validating(job, recipe) for job in runs))
    return Plan(path, recipe, tuple(runs))


def teachers_of(jobs: Sequence[Job]) -> list[Job]:
    """What must be done before `jobs`, each once.

    Raises:
        UserError: if a teacher does not fit.
    """
    found = [teacher for job in jobs for teacher in job.teachers(job.read_recipe())]
    return list(dict.fromkeys(found))


def _runs(
    path: Path,
    recipe: Recipe,
    where: Where,
    directions: Sequence[Direction],
    seeds: Sequence[int],
) -> list[Job]:
    share = recipe.data.validation if recipe.training.keep == "best" else 0.0
    return [
        Job(
            recipe=path.resolve(),
            data=where.data.resolve(),
            train=direction.train,
            test=direction.test,
            seed=seed,
            held_out=share,
            split_seed=seed,
            runs=where.runs.resolve(),
            cache=where.cache.resolve(),
            processes=where.processes,
        )
        for seed in seeds
        for direction in directions
    ]


def _validating(job: Job, recipe: Recipe) -> Job:
    return replace(job, test=(), held_out=recipe.data.validation)
