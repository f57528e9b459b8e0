# SPDX-License-Identifier: Apache-2.0
"""`soundpost train`, from clips to a network's folder."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from soundpost.errors import UserError
from soundpost.models.generate import generated_files, stale_files
from soundpost.models.model import Model
from soundpost.training.command import train
from soundpost.training.plan import Where
from soundpost.training.ship import FILES

app = typer.Typer()
app.command()(train)


def run(*arguments: object) -> Any:
    result = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def test_without_tensorflow_the_mend_is_named(
    make_recipe: Any, where: Where, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("tensorflow", "tflite_micro"):
        monkeypatch.setitem(sys.modules, name, None)
    recipe = make_recipe()
    with pytest.raises(UserError, match=r"pip install -e '\.\[train\]'"):
        run(recipe, "--data", where.data)
    assert [path.name for path in recipe.parent.iterdir()] == ["recipe.yaml"]


@pytest.mark.usefixtures("tensorflow")
def test_training_is_reproducible_and_whole(
    make_recipe: Any, where: Where, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOUNDPOST_CACHE", str(where.cache))
    recipe = make_recipe()
    for out in ("a", "b"):
        result = run(
            *(recipe, "--data", where.data),
            *("--out", tmp_path / out, "--runs", where.runs / out, "--jobs", 1),
        )
        assert "tiny 1-2-seed1: epoch 2: loss" in result.stderr
        lines = result.stdout.splitlines()
        assert lines[0].startswith("tiny 1-none-seed1-held1: validation accuracy")
        assert lines[1].startswith("tiny 1-2-seed1: test accuracy")
    names = {path.name for path in (tmp_path / "a").iterdir()}
    assert names == {"recipe.yaml", *FILES, *generated_files(Model(tmp_path / "a"))}
    assert not stale_files(tmp_path / "a")
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()

    # what is done is not done again, and is found by another choice of the same runs
    split = (recipe, "--data", where.data, "--folds", "1:2", "--runs", where.runs / "a")
    again = run(*split, "--json")
    assert "epoch" not in again.stderr
    (line,) = again.stdout.splitlines()
    found = json.loads(line)
    assert (found["train_folds"], found["test_folds"], found["seed"]) == ([1], [2], 1)
    assert found["test"]["clips"] == 4

    # but not if the recipe has changed meanwhile
    recipe.write_text(recipe.read_text().replace("epochs: 2", "epochs: 1"))
    with pytest.raises(UserError, match=r"another state of tiny's recipe.*--restart"):
        run(*split)
    anew = run(*split, "--restart", "--jobs", 1)
    assert "epoch 1: loss" in anew.stderr
    assert "epoch 2: loss" not in anew.stderr


@pytest.mark.usefixtures("tensorflow")
def test_a_user_s_mistake_in_a_run_is_one_line(make_recipe: Any, where: Where) -> None:
    with pytest.raises(UserError, match="fold 7 holds no clip") as error:
        run(make_recipe(), "--data", where.data, "--folds", "1:7", "--runs", where.runs)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--folds", "1:1"], r"--folds 1:1: test is \(1,\)"),
        (["--folds", "one:2"], "--folds one:2: give folds"),
        (["--folds", ":2"], "--folds :2: give folds"),
        (["--seeds", "1;2"], "--seeds 1;2: give numbers"),
        (["--validate", "--out", "x"], "--all and --out go without"),
        (["--seeds", "1", "--all"], "--all and --out go without"),
        (["--executor", "slurm"], "--executor slurm: choose one of local, ray"),
    ],
)
@pytest.mark.usefixtures("tensorflow")
def test_faulty_arguments_are_named_before_anything_is_done(
    make_recipe: Any, where: Where, arguments: list[str], says: str
) -> None:
    recipe = make_recipe()
    with pytest.raises(UserError, match=says):
        run(recipe, "--data", where.data, "--runs", where.runs, *arguments)
    assert not where.runs.exists()


@pytest.mark.usefixtures("tensorflow")
def test_recipes_of_one_name_are_refused(make_recipe: Any, where: Where) -> None:
    recipe = make_recipe()
    with pytest.raises(UserError, match=r"share a name \(tiny, tiny\)"):
        run(recipe, recipe, "--data", where.data)
