# SPDX-License-Identifier: Apache-2.0
"""A network's card: its results as a page that a person reads."""

from collections.abc import Mapping
from typing import Any

import jinja2

from soundpost.datasets.dataset import LAYOUTS
from soundpost.frontend.config import SAMPLE_RATE
from soundpost.models.recipe import Recipe
from soundpost.training.summary import pooled_classes, tested
from soundpost.zoo import multiplications, parameters
from soundpost.zoo.describe import describe

_ESC = (
    "K. J. Piczak, *ESC: Dataset for Environmental Sound Classification*, ACM Multimedia 2015. "
    "The recordists are credited in the dataset's LICENSE."
)
_CITATIONS = {
    "urbansound8k": (
        "UrbanSound8K: J. Salamon, C. Jacoby, J. P. Bello, *A Dataset and Taxonomy for Urban Sound "
        "Research*, ACM Multimedia 2014. The recordists are credited in the dataset's "
        "FREESOUNDCREDITS.txt."
    ),
    "esc10": f"ESC-10: {_ESC}",
    "esc50": f"ESC-50: {_ESC}",
}


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"


def _folds(folds: list[int]) -> str:
    return " + ".join(map(str, folds))


def _citation(dataset: str) -> str:
    return _CITATIONS.get(dataset, "Recordings of one's own.")


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
    shipped, rows = runs[0], tested(runs)
    one = "test" in shipped
    heard = {fold for run in rows for fold in run["test_folds"]}
    samples = recipe.frontend.fft_size + (recipe.window - 1) * recipe.frontend.hop
    return environment.get_template("card.md.j2").render(
        recipe=recipe,
        results=results,
        citation=_citation(recipe.data.dataset),
        licence=LAYOUTS[recipe.data.dataset].licence,
        shipped=shipped,
        rows=rows,
        named=shipped["test"] if one else pooled_classes(rows, recipe.classes) if rows else None,
        gaps=[run["test"]["accuracy"] - run["float_accuracy"] for run in rows],
        # the recipe was compared on the shipped network's training folds
        held_out=sorted(heard & {*shipped["train_folds"]}) if one else [],
        seen=sorted(heard & {*recipe.data.seen}),
        seconds=samples / SAMPLE_RATE,
        layers=describe(recipe.layers),
        parameters=parameters(recipe.costs),
        multiplications=multiplications(recipe.costs),
    )
