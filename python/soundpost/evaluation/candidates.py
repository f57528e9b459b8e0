# SPDX-License-Identifier: Apache-2.0
"""The networks of a folder: one, or the finished runs of a recipe."""

import json
from pathlib import Path

from soundpost.errors import UserError
from soundpost.evaluation.candidate import RESULTS, Candidate
from soundpost.models.model import find_folder

RUN_FILES = ("job.json", RESULTS)
"""Either tells that a folder is a run's."""


def find_candidates(name: str, recipe: Path | None = None) -> tuple[list[Candidate], list[str]]:
    """Read a network, or all of a folder of runs such as build/train/NAME.

    Args:
        name: see Candidate.find; or a folder that holds folders of runs.
        recipe: see Candidate.find.

    Returns:
        The networks, and the names of runs that are left out: those that were trained to be tested
        on no fold, to choose a recipe by or to be shipped.

    Raises:
        UserError: see Candidate.find; or if a run is not finished, or none is to be tested.
    """
    folder = find_folder(name)
    runs = sorted(
        inner for inner in folder.iterdir() if any((inner / file).is_file() for file in RUN_FILES)
    )
    if (folder / "model.tflite").is_file() or not runs:
        return [Candidate.find(name, recipe)], []
    tested = [run for run in runs if _is_tested(run)]
    if not tested:
        raise UserError(f"{folder}: none of its runs was trained to be tested on a fold")
    left_out = [run.name for run in runs if run not in tested]
    return [Candidate.find(str(run), recipe) for run in tested], left_out


def _is_tested(run: Path) -> bool:
    path = run / RESULTS
    if not path.is_file():
        raise UserError(
            f"{run} is not finished; go on with soundpost train, or name the runs to be tested"
        )
    try:
        return bool(json.loads(path.read_text(encoding="utf-8")).get("test_folds"))
    except (OSError, ValueError, RecursionError, AttributeError) as error:
        raise UserError(f"{path} cannot be read ({error}); train the network again") from error
