# SPDX-License-Identifier: Apache-2.0
"""`soundpost evaluate`."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

from soundpost.datasets import DATASETS
from soundpost.errors import UserError
from soundpost.evaluation.candidate import Candidate, Folds
from soundpost.evaluation.candidates import find_candidates
from soundpost.evaluation.document import describe
from soundpost.evaluation.plan import make_plan, open_for
from soundpost.evaluation.run import SCORERS, ScorerName, evaluate_plan
from soundpost.evaluation.table import TABLE_COLUMNS, render_table
from soundpost.evaluation.verdict import Verdict
from soundpost.features import FeatureCache, processors
from soundpost.files import check_outputs, write_text
from soundpost.models.recipe import OVERLAPS

NOTHING = "none"


def parse_folds(option: str, text: str) -> Folds:
    """Read folds as `1,2,3`.

    Raises:
        UserError: if they are not of that form; it names the option.
    """
    parts = text.split(",")
    if not all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts):
        raise UserError(f"{option} {text}: write folds as 1,2,3")
    return tuple(dict.fromkeys(map(int, parts)))


def _trained_on(candidates: list[Candidate], texts: list[str]) -> list[Candidate]:
    if not texts:
        return candidates
    if len(texts) != len(candidates):
        raise UserError(
            f"--trained-on is given {len(texts)} times for {len(candidates)} networks; "
            "give it once for each, in their order"
        )
    folds = [() if text == NOTHING else parse_folds("--trained-on", text) for text in texts]
    return [
        replace(candidate, train_folds=chosen, test_folds=None)
        for candidate, chosen in zip(candidates, folds, strict=True)
    ]


def _find(names: list[str], recipe: Path | None, console: Console) -> list[Candidate]:
    found = []
    for name in names:
        candidates, left_out = find_candidates(name, recipe)
        found += candidates
        if left_out:
            console.print(
                f"{name}: left out {', '.join(left_out)}, trained to be tested on no fold",
                markup=False,
                soft_wrap=True,
            )
    return found


def _choose_scorer(option: str, name: str) -> ScorerName:
    for scorer in SCORERS:
        if scorer == name:
            return scorer
    raise UserError(f"{option} {name}: choose one of {', '.join(SCORERS)}")


def evaluate(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL...",
            help="Folder of a network, a name in models/, or a folder of runs such as "
            "build/train/NAME. Several networks, of one recipe, give one result; those of a seed "
            "are tested on different folds.",
        ),
    ],
    data: Annotated[Path, typer.Option(help="Folder of the dataset.")],
    dataset: Annotated[
        str | None,
        typer.Option(
            metavar="LAYOUT", help=f"{', '.join(DATASETS)}.  [default: that of the recipe]"
        ),
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option(help="Recipe of the networks.  [default: MODEL/recipe.yaml]")
    ] = None,
    folds: Annotated[
        list[str] | None,
        typer.Option(
            metavar="1,2",
            help="Folds to test on, once for each MODEL.  [default: those it was trained for]",
        ),
    ] = None,
    trained_on: Annotated[
        list[str] | None,
        typer.Option(
            metavar="1,2|none",
            help="Folds it was trained on, once for each MODEL.  [default: as results.json says]",
        ),
    ] = None,
    scorer: Annotated[
        str,
        typer.Option("--as", metavar="|".join(SCORERS), help="What runs the network."),
    ] = "sensor",
    against: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(SCORERS),
            help="Run the network so too, and tell for how many clips scores and class differ.",
        ),
    ] = None,
    overlap: Annotated[
        list[int] | None,
        typer.Option(
            metavar="|".join(map(str, OVERLAPS)),
            help="Overlap of windows in %; of all but the first only the accuracy is told.  "
            "[default: the recipe's]",
        ),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="HTML report to write.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that make features.")] = processors(),
) -> None:
    """Test MODEL on clips that it has not heard."""
    chosen = _choose_scorer("--as", scorer)
    other = _choose_scorer("--against", against) if against is not None else None
    if other == chosen:
        raise UserError(f"--against {other}: the network runs so already; choose another")
    for value in overlap or []:
        if value not in OVERLAPS:
            raise UserError(f"--overlap {value}: choose of {', '.join(map(str, OVERLAPS))}")
    if html is not None:
        check_outputs({"--html": html})
    console = Console(stderr=True, highlight=False)
    candidates = _trained_on(_find(models, recipe, console), trained_on or [])
    first = candidates[0].model.recipe
    overlaps = list(dict.fromkeys(overlap or [first.overlap_pct]))
    opened = open_for(first, dataset or first.data.dataset, data)
    parts = make_plan(candidates, opened, [parse_folds("--folds", text) for text in folds or []])
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        clips = sum(len(part.clips) for part in parts)
        task = progress.add_task("clips", total=clips * (len(overlaps) + (other is not None)))
        cache = FeatureCache.default()

        def run(name: ScorerName, at: list[int]) -> dict[int, Verdict]:
            told = partial(progress.advance, task)
            return evaluate_plan(parts, name, at, cache=cache, jobs=jobs, told=told)

        verdicts = run(chosen, overlaps)
        beside = (other, run(other, overlaps[:1])[overlaps[0]]) if other else None
    document = describe(parts, opened, chosen, verdicts, beside)
    if html is not None:
        from soundpost.evaluation.page import render_evaluation

        write_text(html, render_evaluation(document))
        console.print(f"wrote {html}", markup=False, soft_wrap=True)
    if as_json:
        typer.echo(json.dumps(document, indent=1))
    else:
        out = Console(highlight=False)
        out.width = max(out.width, TABLE_COLUMNS)
        out.print(render_table(document))
