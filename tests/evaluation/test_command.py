# SPDX-License-Identifier: Apache-2.0
"""`soundpost evaluate`, as a user runs it."""

import importlib.util
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from soundpost.cli import app
from soundpost.datasets import Dataset
from soundpost.errors import UserError
from soundpost.evaluation import Verdict
from soundpost.evaluation.agreement import agreement
from soundpost.evaluation.page import render_evaluation
from soundpost.models.model import models_folder
from soundpost.models.recipe import Recipe
from soundpost.tf import load_keras, seed_everything
from soundpost.zoo.build import Builder

MakeRun = Callable[..., Path]
CheckSchema = Callable[[str, dict[str, Any]], None]
# of the shipped networks the one that a fold is left to test on
NAME = "stride_ds_24"
FOLDER = models_folder() / NAME


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUNDPOST_CACHE", str(tmp_path / "cache"))


def run(*arguments: object) -> str:
    """What a command prints on stdout."""
    command = [str(argument) for argument in arguments]
    result = CliRunner().invoke(app, command, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def evaluate(*arguments: object) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(run("evaluate", *arguments, "--json", "--jobs", 1))
    return document


def test_the_document_is_the_one_described(
    make_run: MakeRun, urban_folder: Path, check_schema: CheckSchema
) -> None:
    runs = [make_run(f"seed{seed}", [2, 3], [1], seed=seed) for seed in (1, 2)]
    overlaps = ("--overlap", 50, "--overlap", 0)
    document = evaluate(*runs, "--data", urban_folder, *overlaps, "--against", "compiled")
    check_schema("evaluate", document)
    assert [part["overlap_pct"] for part in document["overlaps"]] == [50, 0]
    assert document["test"]["clips"] == len(document["clips"]) == 20
    right = [clip["class"] == clip["chosen"] for clip in document["clips"]]
    assert document["test"]["accuracy"] == round(float(np.mean(right)), 4)
    alone = evaluate(NAME, "--data", urban_folder)
    assert (alone["by_seed"], alone["agreement"]) == (None, None)


def test_sensor_and_tflm_and_both_ways_of_the_cache_agree(urban_folder: Path) -> None:
    pytest.importorskip("tflite_micro", reason="no TFLM interpreter; pip install tflite-micro")
    by_sensor = evaluate(NAME, "--data", urban_folder)
    assert by_sensor["scorer"] == "sensor"
    for _ in ("made", "cached"):
        by_tflm = evaluate(NAME, "--data", urban_folder, "--as", "int8")
        assert by_tflm == by_sensor | {"scorer": "int8"}


def test_networks_of_a_cross_validation_make_one_result(
    make_run: MakeRun, urban_folder: Path
) -> None:
    runs = [make_run(str(n), [f for f in (1, 2, 3) if f != n], [n]) for n in (1, 2, 3)]
    document = evaluate(*runs, "--data", urban_folder)
    assert document["test"]["clips"] == 30
    assert [network["test_folds"] for network in document["networks"]] == [[1], [2], [3]]
    alone = [evaluate(each, "--data", urban_folder) for each in runs]
    assert document["clips"] == [clip for one in alone for clip in one["clips"]]
    assert document["by_fold"]["mean"] == pytest.approx(
        np.mean([one["test"]["accuracy"] for one in alone]), abs=1e-4
    )
    chosen = evaluate(*runs[:2], "--data", urban_folder, "--folds", "1", "--folds", "2")
    assert chosen["clips"] == document["clips"][:20]


def test_a_folder_of_runs_is_one_result(
    make_run: MakeRun, urban_folder: Path, tmp_path: Path
) -> None:
    for seed in (1, 2, 3):
        for fold in (1, 2, 3):
            others = [other for other in (1, 2, 3) if other != fold]
            make_run(f"runs-{fold}-seed{seed}", others, [fold], seed=seed)
    make_run("runs-none-held1", [1, 2], [])
    (tmp_path / "runs").mkdir()
    for folder in tmp_path.glob("runs-*"):
        folder.rename(tmp_path / "runs" / folder.name)
    command = ["evaluate", str(tmp_path / "runs"), "--data", str(urban_folder), "--jobs", "1"]
    result = CliRunner().invoke(app, [*command, "--json", "--against", "compiled"])
    assert result.exit_code == 0, result.output
    assert "left out runs-none-held1, trained to be tested on no fold" in result.stderr
    document = json.loads(result.stdout)
    assert len(document["clips"]) == 90
    assert [row["seed"] for row in document["by_seed"]["seeds"]] == [1, 2, 3]
    assert all(row["clips"] == 30 for row in document["by_seed"]["seeds"])
    # all nine are the same network
    assert document["by_seed"]["standard_deviation"] == 0
    assert document["by_seed"]["mean"] == document["test"]["accuracy"]
    found = document["agreement"]
    assert (found["clips"], found["chosen_differ"], found["scores_differ"]) == (90, 0, 0)
    assert "seed 3" in render_evaluation(document)
    text = run(*command, "--against", "compiled")
    assert "of 90 clips 0 get another class, and 0 other scores" in " ".join(text.split())

    (tmp_path / "runs" / "runs-3-seed3" / "results.json").rename(tmp_path / "results.json")
    (tmp_path / "runs" / "runs-3-seed3" / "job.json").touch()
    with pytest.raises(
        UserError, match=r"runs-3-seed3 is not finished; go on with soundpost train"
    ):
        run(*command)
    (tmp_path / "runs" / "runs-3-seed3" / "job.json").unlink()
    with pytest.raises(UserError, match=r"seed 1 are tested on fold 1, 2, 3, those of seed 3 on"):
        run(*command)


def test_a_difference_between_two_ways_is_counted(urban: Dataset) -> None:
    scores = np.eye(10)[:3]
    other = scores.copy()
    other[1] = scores[0]
    other[2] *= 1 - 2.0**-50
    clips = urban.clips[:3]
    one, two = (Verdict.by_scores(clips, found) for found in (scores, other))
    found = agreement(one, "int8", two)
    assert (found["clips"], found["chosen_differ"], found["scores_differ"]) == (3, 1, 2)
    assert found["greatest"] == 1.0
    assert found["difference"] == pytest.approx(one.accuracy - two.accuracy, abs=1e-4)


@pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None,
    reason="no TensorFlow; pip install -e '.[train]'",
)
def test_the_float_network_is_tested_too(make_run: MakeRun, urban_folder: Path) -> None:
    folder = make_run("a", [2, 3], [1])
    recipe = Recipe.from_file(folder / "recipe.yaml")
    seed_everything(3)
    model = Builder(load_keras(), 0.0).model(recipe.layers, recipe.input_shape, "model", None)
    model.save(folder / "float.keras")
    document = evaluate(folder, "--data", urban_folder, "--as", "float")
    assert (document["scorer"], document["test"]["clips"]) == ("float", 10)
    # an untrained network takes all classes for about as likely
    assert all(0.1 <= clip["confidence"] < 0.2 for clip in document["clips"])


def test_what_it_was_trained_on_can_be_said(make_run: MakeRun, urban_folder: Path) -> None:
    folder = make_run("a", [], [])
    (folder / "results.json").unlink()
    document = evaluate(folder, "--data", urban_folder, "--trained-on", "2")
    assert document["networks"][0]["train_folds"] == [2]
    assert document["networks"][0]["test_folds"] == [1, 3]
    document = evaluate(folder, "--data", urban_folder, "--trained-on", "none")
    assert document["networks"][0]["test_folds"] == [1, 2, 3]


def test_tables_hold_every_class_and_part(urban_folder: Path) -> None:
    text = run("evaluate", NAME, "--data", urban_folder, "--overlap", 75, "--overlap", 0)
    for wanted in ("air conditioner", "street music", "foreground", "overlap 0 %", "in 5 groups"):
        assert wanted in text
    assert "…" not in text


class References(HTMLParser):
    """Everything that a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        keys = ("href", "src", "xlink:href", "data", "srcset")
        self.found += [v for k, v in attrs if k in keys and v and not v.startswith("#")]


def test_the_page_needs_nothing_else(urban_folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    document = evaluate(NAME, "--data", urban_folder, "--html", page)
    text = page.read_text(encoding="utf-8")
    references = References()
    references.feed(text)
    assert references.found == []
    assert "script" not in references.tags
    assert references.tags.count("svg") == 3
    assert text == render_evaluation(document)
    for number in (f"{100 * document['test']['accuracy']:.1f}", "47,268", "539,920"):
        assert number in text


def test_names_of_files_do_no_harm(urban_folder: Path) -> None:
    document = evaluate(NAME, "--data", urban_folder)
    for clip in document["clips"]:
        clip |= {"name": "<script>alert(1)</script>", "chosen": "siren"}
    page = render_evaluation(document)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--as", "double"], "--as double: choose one of float, int8, compiled, sensor"),
        (["--against", "double"], "--against double: choose one of float, int8, compiled, sensor"),
        (["--against", "sensor"], "--against sensor: the network runs so already"),
        (["--overlap", "30"], "--overlap 30: choose of 0, 50, 75"),
        (["--folds", "one"], "--folds one: write folds as 1,2,3"),
        (["--folds", ""], "--folds : write folds as 1,2,3"),
        (["--folds", "2"], "was trained on fold 2"),
        (["--trained-on", "1", "--trained-on", "2"], "--trained-on is given 2 times for 1"),
        (["--as", "float"], "float.keras is missing"),
        (["--dataset", "esc10"], "is in the layout urbansound8k, not esc10"),
        (["--html", "/dev/null/a.html"], "--html: cannot write /dev/null/a.html"),
        (["--recipe", "/nowhere.yaml"], "/nowhere.yaml"),
    ],
)
def test_a_mistake_is_named(urban_folder: Path, arguments: list[str], says: str) -> None:
    with pytest.raises(UserError, match=re.escape(says)):
        run("evaluate", NAME, "--data", urban_folder, *arguments)


def test_the_shipped_results_come_out_again(datasets: Path) -> None:
    folder = datasets / "urbansound8k"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    results = json.loads((FOLDER / "results.json").read_text())
    document = evaluate(NAME, "--data", folder)
    assert document["test"] == results["runs"][0]["test"]
