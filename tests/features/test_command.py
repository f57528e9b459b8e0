# SPDX-License-Identifier: Apache-2.0
"""`soundpost features` as it is typed."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml
from typer.testing import CliRunner

from soundpost.cli import app
from soundpost.datasets import open_dataset, split_by_fold
from soundpost.errors import UserError
from soundpost.features import FeatureCache, evaluation_windows, training_columns
from soundpost.models import Recipe

RECIPE = Path(__file__).resolve().parents[2] / "models/stride_ds_24/recipe.yaml"


def run(*arguments: str | Path) -> list[str]:
    done = CliRunner().invoke(app, ["features", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A recipe of two classes, whose clips lie beside it in the layout of UrbanSound8K."""
    values = yaml.safe_load(RECIPE.read_text())
    values["classes"] = ["noise", "tone"]
    values["data"]["directions"] = [{"train": [1], "test": [2]}]
    values["training"]["augmentation"] |= {"variants": 2, "noise": ["clips"], "chance": 1.0}
    path, random, rows = tmp_path / "recipe.yaml", np.random.default_rng(0), []
    path.write_text(yaml.safe_dump(values))
    for fold in (1, 2):
        (tmp_path / "audio" / f"fold{fold}").mkdir(parents=True)
        for number in range(3):
            name = f"{fold}{number}-{number % 2}-0-0.wav"
            samples = 0.1 * random.standard_normal(20000)
            soundfile.write(tmp_path / "audio" / f"fold{fold}" / name, samples, 16000)
            label = ["noise", "tone"][number % 2]
            rows.append(f"{name},{fold}{number},0,1,1,{fold},{number % 2},{label}")
    (tmp_path / "metadata").mkdir()
    header = "slice_file_name,fsID,start,end,salience,fold,classID,class"
    (tmp_path / "metadata" / "UrbanSound8K.csv").write_text("\n".join([header, *rows]))
    return path


def test_what_is_made_is_what_training_takes(recipe: Path) -> None:
    folder = recipe.parent / "cache"
    arguments = ("make", recipe, "--data", recipe.parent, "--jobs", "1", "--cache", folder)
    assert run(*arguments)[0] == "9 made"
    assert run(*arguments)[0] == "9 cached"
    chosen, cache = Recipe.from_file(recipe), FeatureCache(folder / "features")
    files = {path.name: path.stat().st_mtime_ns for path in cache.folder.rglob("*.columns")}
    dataset = open_dataset("urbansound8k", recipe.parent, chosen.classes)
    train, test = split_by_fold(dataset.clips, chosen.data.directions[0])
    training = chosen.training
    frontend, window = chosen.frontend, chosen.window
    list(
        training_columns(
            train, frontend, window, training.augmentation, training.seeds[0], cache=cache
        )
    )
    for clips in (train, test):
        list(evaluation_windows(clips, frontend, window, "window_mean", cache=cache))
    assert files == {p.name: p.stat().st_mtime_ns for p in cache.folder.rglob("*.columns")}


def test_a_damage_is_told(recipe: Path) -> None:
    folder = recipe.parent / "cache"
    arguments = ("make", recipe, "--data", recipe.parent, "--jobs", "1", "--cache", folder)
    run(*arguments)
    first = min((folder / "features").rglob("*.columns"))
    first.write_bytes(first.read_bytes()[:100])
    assert run(*arguments)[0] == "8 cached, 1 damaged"
    assert run(*arguments)[0] == "9 cached"


def test_size_and_clearing(recipe: Path) -> None:
    folder = recipe.parent / "cache"
    assert run("info", "--cache", folder) == [f"{folder / 'features'}: 0 files, 0.0 MB"]
    run("make", recipe, "--data", recipe.parent, "--jobs", "1", "--cache", folder)
    (line,) = run("info", "--cache", folder)
    assert line.startswith(f"{folder / 'features'}: 9 files, 0.0")
    (line,) = run("clear", "--cache", folder)
    assert line.startswith(f"{folder / 'features'}: removed 9 files")
    assert run("info", "--cache", folder) == [f"{folder / 'features'}: 0 files, 0.0 MB"]


def test_a_missing_dataset_is_told_before_anything_is_written(recipe: Path) -> None:
    folder = recipe.parent / "cache"
    with pytest.raises(UserError, match="nothere"):
        run("make", recipe, "--data", recipe.parent / "nothere", "--cache", folder)
    assert not folder.exists()
