# SPDX-License-Identifier: Apache-2.0
"""`soundpost features`."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from soundpost.datasets import open_dataset, split_by_fold
from soundpost.features.cache import DEFAULT_FOLDER, ENVIRONMENT, FeatureCache
from soundpost.models.recipe import Recipe

features_app = typer.Typer(
    no_args_is_help=True, help="Columns of clips, and the cache that keeps them."
)
Folder = Annotated[
    Path, typer.Option("--cache", envvar=ENVIRONMENT, help="Folder of all that is cached.")
]


def _cache(folder: Path) -> FeatureCache:
    return FeatureCache(folder / "features")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


@features_app.command()
def make(
    recipe: Annotated[Path, typer.Argument(help="recipe.yaml of a network.")],
    data: Annotated[Path, typer.Option(help="Folder of the recipe's dataset.")],
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 for one a processor.")] = 0,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Make all columns that training RECIPE's first network takes, beforehand.

    Training makes what is missing itself.
    """
    from soundpost.features.extract import extract, processors
    from soundpost.features.recorder import EvaluationRecorder, TrainingRecorder

    chosen, cache, console = Recipe.from_file(recipe), _cache(folder), Console(stderr=True)
    dataset = open_dataset(chosen.data.dataset, data, chosen.classes)
    train, test = split_by_fold(dataset.clips, chosen.data.directions[0])
    augmentation, seed = chosen.training.augmentation, chosen.training.seeds[0]
    varied = TrainingRecorder(chosen.frontend, chosen.drawn, augmentation, seed, tuple(train))
    plain = EvaluationRecorder(chosen.frontend, chosen.window)
    origins: Counter[str] = Counter()
    for recorder, clips, what in (
        (varied, train, f"{len(train)} clips in {augmentation.variants} renderings"),
        (plain, [*train, *test], f"{len(train) + len(test)} clips as they are"),
    ):
        found = extract(recorder, clips, cache, jobs or processors())
        for extracted in track(found, what, len(clips), console=console):
            origins[extracted.origin] += 1
    typer.echo(", ".join(f"{count} {origin}" for origin, count in sorted(origins.items())))
    _tell(cache)


@features_app.command()
def info(folder: Folder = DEFAULT_FOLDER) -> None:
    """Tell how large the cache is."""
    _tell(_cache(folder))


@features_app.command()
def clear(folder: Folder = DEFAULT_FOLDER) -> None:
    """Remove all that is in the cache; it is made again when it is wanted."""
    cache = _cache(folder)
    files, size = cache.clear()
    typer.echo(f"{cache.folder}: removed {files} files, {_megabytes(size)}")


def _tell(cache: FeatureCache) -> None:
    files, size = cache.size()
    typer.echo(f"{cache.folder}: {files} files, {_megabytes(size)}")
