# SPDX-License-Identifier: Apache-2.0
"""Recipes of models/ fit the sensor, and train; the thesis's is what the thesis says."""

import json
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from soundpost.frontend.config import SAMPLE_RATE
from soundpost.models import Recipe
from soundpost.training.campaign import Campaign
from soundpost.training.executors.local import LocalExecutor
from soundpost.training.plan import Where, plan_to_compare
from soundpost.zoo import multiplications, parameters

MODELS = Path(__file__).resolve().parents[2] / "models"
NAMES = ("esc10", "urban10", "urban10_stream", "thesis/stride_ds_24")
MOST_MACS_PER_S = 4.5e6
FLASH = 512 * 1024


def path_of(name: str) -> Path:
    return MODELS / name / "recipe.yaml"


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_fits_the_sensor(name: str) -> None:
    recipe = Recipe.from_file(path_of(name))
    # windows overlap by half
    hop_s = recipe.frontend.hop * recipe.window / 2 / SAMPLE_RATE
    assert multiplications(recipe.costs) / hop_s < MOST_MACS_PER_S
    assert parameters(recipe.costs) < FLASH / 2
    # what is tested on is never learnt from
    for direction in recipe.data.directions:
        assert not set(direction.train) & set(direction.test)


def test_every_fold_of_esc10_is_tested_once() -> None:
    first, *others = Recipe.from_file(path_of("esc10")).data.directions
    assert (first.train, first.test) == ((1, 2, 3, 4, 5), ())
    assert sorted(fold for direction in others for fold in direction.test) == [1, 2, 3, 4, 5]
    assert all(len(direction.train) == 4 for direction in others)


@pytest.mark.parametrize("name", NAMES[1:3])
def test_the_thesis_is_compared_on_the_same_splits(name: str) -> None:
    ours, theirs = (Recipe.from_file(path_of(each)) for each in (name, NAMES[3]))
    assert theirs.data.directions == ours.data.directions[1:]
    assert theirs.training.seeds == ours.training.seeds
    assert theirs.classes == ours.classes
    # 100 epochs of 30,000 windows
    assert theirs.training.steps * theirs.training.batch * theirs.training.epochs == 3_000_000


@pytest.mark.usefixtures("tensorflow")
@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_trains(name: str, where: Where, tmp_path: Path) -> None:
    values = yaml.safe_load(path_of(name).read_text())
    values["classes"] = ["noise", "tone"]
    values["data"] = {
        "dataset": "urbansound8k",
        "directions": [{"train": [1], "test": [2]}],
        "validation": 0.5,
    }
    batch = values["training"]["batch"]
    values["training"] |= {"seeds": [1], "epochs": 2, "windows": 2 * batch, "calibration": 20}
    values["training"]["augmentation"]["variants"] = 2
    if "warmup_steps" in values["training"]:
        values["training"]["warmup_steps"] = 1
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump(values))
    plan = plan_to_compare(path, Recipe.from_file(path), where, None, None, False)
    (results,) = Campaign(Console(quiet=True), LocalExecutor(1), False).run(plan.jobs)
    assert results["test"]["clips"] == 4
    (job,) = plan.jobs
    history = json.loads((job.folder(plan.recipe) / "history.json").read_text())
    assert [epoch["epoch"] for epoch in history] == [1, 2]
    # where there is an epoch to choose, clips are held out to choose it by
    assert ("accuracy" in history[0]) == (values["training"].get("keep") == "best")
