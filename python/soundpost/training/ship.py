# SPDX-License-Identifier: Apache-2.0
"""From finished runs to the files of a model's folder."""

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from soundpost import __version__
from soundpost.datasets import Dataset
from soundpost.files import whole_file, write_text
from soundpost.models.generate import generated_files
from soundpost.models.model import Model
from soundpost.models.recipe import Recipe
from soundpost.models.tflm import ARENAS
from soundpost.training.card import render_card
from soundpost.training.job import INT8_MODEL
from soundpost.training.summary import cross_validation

RECIPE = "recipe.yaml"
FILES = (INT8_MODEL, "results.json", "card.md", "golden.npz")
"""What is written beside the generated C."""
_OF_THE_RUN = ("job_sha256", "recipe_sha256")


def ship(
    path: Path,
    folder: Path,
    dataset: Dataset,
    validation: Mapping[str, Any],
    runs: Sequence[tuple[Path, Mapping[str, Any]]],
) -> None:
    """Write FILES and the generated C into `folder`, and the recipe if it is not there.

    Everything is made elsewhere first: a network that cannot be compiled changes nothing. What was
    measured of another network (ARENAS) is removed.

    Args:
        path: of the recipe that all runs are of.
        folder: to write to.
        dataset: what the runs learnt from and were tested on.
        validation: what recordings held out of the training folds said of the recipe.
        runs: folders and results, that of the network to ship first.

    Raises:
        UserError: if a file cannot be written, or the network cannot be compiled.
    """
    recipe = Recipe.from_file(path)
    kept = [{key: value for key, value in run.items() if key not in _OF_THE_RUN} for _, run in runs]
    results = {
        "generator": f"soundpost train {__version__}",
        "name": recipe.name,
        "recipe_sha256": recipe.digest,
        "tensorflow": version("tensorflow-cpu"),
        "data": {"dataset": dataset.name, "notes": list(dataset.notes)},
        "validation": dict(validation),
        "cross_validation": cross_validation(kept),
        "runs": kept,
    }
    # scipy, which would slow the start of every command
    from soundpost.models.golden import write_golden

    network = (runs[0][0] / INT8_MODEL).read_bytes()
    old = folder / INT8_MODEL
    same = old.is_file() and old.read_bytes() == network
    with tempfile.TemporaryDirectory() as name:
        made = Path(name)
        shutil.copyfile(path, made / RECIPE)
        (made / INT8_MODEL).write_bytes(network)
        if same and (folder / ARENAS).is_file():
            shutil.copyfile(folder / ARENAS, made / ARENAS)
        for file, text in generated_files(Model(made)).items():
            write_text(made / file, text)
        write_golden(made)
        write_text(made / "results.json", json.dumps(results, indent=1) + "\n")
        write_text(made / "card.md", render_card(recipe, results))
        for source in sorted(made.iterdir()):
            target = folder / source.name
            if source.name == RECIPE and target.exists() and target.samefile(path):
                continue
            with whole_file(target) as temporary:
                shutil.copyfile(source, temporary)
    if not same:
        (folder / ARENAS).unlink(missing_ok=True)
