# SPDX-License-Identifier: Apache-2.0
"""A network's card: its results as a page that a person reads."""

from collections.abc import Mapping
from typing import Any

import jinja2

from soundpost.models.recipe import Recipe
from soundpost.zoo import multiplications, parameters
from soundpost.zoo.describe import describe


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"


def _folds(folds: list[int]) -> str:
    return " + ".join(map(str, folds))


def render_card(recipe: Recipe, results: Mapping[str, Any]) -> str:
    """The card of a network, in Markdown.

    Args:
        recipe: what it was made by.
        results: what results.json holds.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("soundpost.training", "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters.update(percent=_percent, folds=_folds, points=_points)
    runs = results["runs"]
    return environment.get_template("card.md.j2").render(
        recipe=recipe,
        results=results,
        shipped=runs[0],
        gaps=[run["test"]["accuracy"] - run["float_accuracy"] for run in runs],
        # the recipe was compared on the shipped network's training folds
        seen=sorted(
            {fold for run in runs for fold in run["test_folds"]} & {*runs[0]["train_folds"]}
        ),
        layers=describe(recipe.layers),
        parameters=parameters(recipe.costs),
        multiplications=multiplications(recipe.costs),
    )
