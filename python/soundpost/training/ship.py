# SPDX-License-Identifier: Apache-2.0
"""From finished runs to the files of a model's folder."""

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from soundpost import __version__
from soundpost.files import whole_file, write_text
from soundpost.models.recipe import Recipe
from soundpost.training.card import render_card
from soundpost.training.job import INT8_MODEL

FILES = (INT8_MODEL, "results.json", "card.md")
_OF_THE_RUN = ("job_sha256", "recipe_sha256")


def ship(
    recipe: Recipe,
    folder: Path,
    validation: Mapping[str, Any],
    runs: Sequence[tuple[Path, Mapping[str, Any]]],
) -> None:
    """Write FILES into `folder`.

    Args:
        recipe: what all runs are of.
        folder: to write to.
        validation: what recordings held out of the training folds said of the recipe.
        runs: folders and results, that of the network to ship first.

    Raises:
        UserError: if a file cannot be written.
    """
    results = {
        "generator": f"soundpost train {__version__}",
        "name": recipe.name,
        "recipe_sha256": recipe.digest,
        "tensorflow": version("tensorflow-cpu"),
        "validation": dict(validation),
        "runs": [
            {key: value for key, value in run.items() if key not in _OF_THE_RUN} for _, run in runs
        ],
    }
    card = render_card(recipe, results)
    with whole_file(folder / INT8_MODEL) as path:
        path.write_bytes((runs[0][0] / INT8_MODEL).read_bytes())
    write_text(folder / "results.json", json.dumps(results, indent=1) + "\n")
    write_text(folder / "card.md", card)
