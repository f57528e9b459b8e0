# SPDX-License-Identifier: Apache-2.0
"""`soundpost train`."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Annotated, Any

import typer
from rich.console import Console

from soundpost.datasets import open_dataset
from soundpost.errors import UserError
from soundpost.features import FeatureCache, processors
from soundpost.files import check_outputs
from soundpost.models.recipe import Recipe
from soundpost.training.campaign import Campaign, check_tools
from soundpost.training.executors import EXECUTORS, Executor
from soundpost.training.executors.local import LocalExecutor
from soundpost.training.plan import (
    Plan,
    Where,
    plan_to_compare,
    plan_to_ship,
    read_direction,
    read_seeds,
)
from soundpost.training.ship import FILES, ship


def train(
    recipes: Annotated[
        list[Path], typer.Argument(metavar="RECIPE...", help="recipe.yaml of each network.")
    ],
    data: Annotated[Path, typer.Option(help="Folder of the recipes' dataset.")],
    folds: Annotated[
        list[str] | None,
        typer.Option(
            help="Folds to learn from and to test on, as 2,3:1; once for each split. By default "
            "the recipe's splits."
        ),
    ] = None,
    seeds: Annotated[
        str | None, typer.Option(help="Seeds, as 1,2,3. By default the recipe's.")
    ] = None,
    validate: Annotated[
        bool,
        typer.Option(
            "--validate",
            help="Hold recordings out of the training folds and report on them alone; no test "
            "clip is heard.",
        ),
    ] = False,
    every: Annotated[
        bool,
        typer.Option("--all", help="All splits and seeds of the recipe, not its first alone."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the network, its results, card and C; the recipe's by default."
        ),
    ] = None,
    runs: Annotated[Path, typer.Option(help="Folder that runs are kept and gone on with in.")] = (
        Path("build/train")
    ),
    executor: Annotated[
        str, typer.Option(help="local: processes of this machine; ray: a Ray cluster.")
    ] = "local",
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Networks trained at a time by the local executor; by default as many as there "
            "are processors for the recipes' threads.",
        ),
    ] = None,
    address: Annotated[
        str | None, typer.Option(help="Ray cluster to join; by default one is started here.")
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Train anew what is done or begun already.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print each run's results, one JSON object a line.")
    ] = False,
) -> None:
    """Train networks by their recipes, and go on with what was begun.

    The recipe's own splits and seeds give all of a model's folder: model.tflite, results.json,
    card.md, golden.npz and C. With --folds, --seeds or --validate, only runs are made, each in a
    folder of its own in --runs.
    """
    check_tools()
    chosen = [(path, Recipe.from_file(path)) for path in recipes]
    _check_names([recipe.name for _, recipe in chosen])
    threads = max(recipe.training.threads for _, recipe in chosen)
    local = jobs or max(1, processors() // threads)
    at_once = local if executor == "local" else 1
    where = Where(data, runs, FeatureCache.default().folder, max(1, processors() // at_once))
    shipping = not (folds or seeds or validate)
    if shipping:
        plans = [plan_to_ship(path, recipe, where, every) for path, recipe in chosen]
        targets = _targets(plans, out)
    else:
        if every or out is not None:
            raise UserError("--all and --out go without --folds, --seeds and --validate")
        directions = [read_direction(text) for text in folds or []]
        numbers = read_seeds(seeds) if seeds else None
        plans = [plan_to_compare(*one, where, directions, numbers, validate) for one in chosen]
        targets = []
    campaign = Campaign(Console(stderr=True), _executor(executor, local, address), restart)
    results = iter(campaign.run([job for plan in plans for job in plan.jobs]))
    found = [[next(results) for _ in plan.jobs] for plan in plans]
    for plan, folder, of_plan in zip(plans, targets, found, strict=False):
        own = list(zip(plan.runs, of_plan[-len(plan.runs) :], strict=True))
        ship(
            plan.path,
            folder,
            open_dataset(plan.recipe.data.dataset, data, plan.recipe.classes),
            of_plan[0]["validation"],
            [(job.folder(plan.recipe), run) for job, run in own],
        )
    for plan, of_plan in zip(plans, found, strict=True):
        _print(plan, of_plan, as_json)


def _check_names(names: Sequence[str]) -> None:
    if len(set(names)) < len(names):
        raise UserError(f"recipes share a name ({', '.join(names)}); give each one of its own")


def _targets(plans: Sequence[Plan], out: Path | None) -> list[Path]:
    """The folder of each plan's network.

    Raises:
        UserError: if one could not be written to, so that nobody trains in vain.
    """
    if out is not None and len(plans) > 1:
        raise UserError("--out is for one recipe; leave it, and each network goes to its own")
    folders = [out or plan.path.parent for plan in plans]
    for folder in folders:
        check_outputs({f"--out ({name})": folder / name for name in FILES})
    return folders


def _executor(name: str, jobs: int, address: str | None) -> Executor:
    match name:
        case "local":
            return LocalExecutor(jobs)
        case "ray":
            from soundpost.training.executors.ray import RayExecutor

            return RayExecutor(address)
    raise UserError(f"--executor {name}: choose one of {', '.join(EXECUTORS)}")


def _print(plan: Plan, results: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    if as_json:
        for job, run in zip(plan.jobs, results, strict=True):
            typer.echo(json.dumps({"recipe": plan.recipe.name, "run": job.name, **run}))
        return
    for job, run in zip(plan.jobs, results, strict=True):
        typer.echo(f"{plan.recipe.name} {job.name}: {_accuracy(run)}")
    tests = [run["test"]["accuracy"] for run in results if "test" in run]
    if len(tests) > 1:
        typer.echo(
            f"{plan.recipe.name}: mean test accuracy {mean(tests):.1%}, "
            f"{min(tests):.1%} to {max(tests):.1%} in {len(tests)} runs"
        )


def _accuracy(run: Mapping[str, Any]) -> str:
    parts = []
    if "validation" in run:
        held = run["validation"]
        parts.append(
            f"validation accuracy {held['int8_accuracy']:.1%} (float {held['accuracy']:.1%})"
        )
    if "test" in run:
        parts.append(
            f"test accuracy {run['test']['accuracy']:.1%} (float {run['float_accuracy']:.1%})"
        )
    return ", ".join(parts) or "trained, not tested"
