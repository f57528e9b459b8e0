# SPDX-License-Identifier: Apache-2.0
"""Networks under models/ are what their recipes, results and cards say."""

import hashlib
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from soundpost.datasets import open_dataset, split_by_fold
from soundpost.evaluation import Int8Scorer, Verdict, vote
from soundpost.features import evaluation_windows
from soundpost.models import Recipe
from soundpost.models.model import models_folder, shipped_models
from soundpost.training import summary
from soundpost.training.card import render_card
from soundpost.zoo import multiplications, parameters


@pytest.fixture(scope="module", params=shipped_models())
def folder(request: pytest.FixtureRequest) -> Path:
    return models_folder() / str(request.param)


@pytest.fixture(scope="module")
def recipe(folder: Path) -> Recipe:
    return Recipe.from_file(folder / "recipe.yaml")


@pytest.fixture(scope="module")
def results(folder: Path) -> Any:
    return json.loads((folder / "results.json").read_text())


@pytest.fixture(scope="module")
def model(folder: Path) -> bytes:
    return (folder / "model.tflite").read_bytes()


def tensor(model: bytes, which: str) -> Any:
    """The input or output tensor as the `tflite` package, which is not ours, reads it."""
    tflite = pytest.importorskip("tflite")
    graph = tflite.Model.GetRootAs(model, 0).Subgraphs(0)
    index = graph.Inputs(0) if which == "input" else graph.Outputs(0)
    return graph.Tensors(index)


def test_input_is_a_window_as_it_is(model: bytes, recipe: Recipe) -> None:
    found = tensor(model, "input")
    assert found.ShapeAsNumpy().tolist() == [1, recipe.window, recipe.frontend.bands, 1]
    assert found.Type() == 9  # int8
    assert found.Quantization().ScaleAsNumpy().tolist() == [1 / 32]
    assert found.Quantization().ZeroPointAsNumpy().tolist() == [0]


def test_output_is_a_score_a_class(model: bytes, recipe: Recipe) -> None:
    found = tensor(model, "output")
    assert found.ShapeAsNumpy().tolist() == [1, len(recipe.classes)]
    assert found.Type() == 9  # int8
    assert found.Quantization().ScaleAsNumpy().tolist() == [1 / 256]
    assert found.Quantization().ZeroPointAsNumpy().tolist() == [-128]


def test_cost_is_that_of_the_thesis() -> None:
    recipe = Recipe.from_file(models_folder() / "stride_ds_24" / "recipe.yaml")
    # 60 x 31 input; 540 k multiply-accumulates are published for Stride-DS-24
    assert multiplications(recipe.costs) == 539920
    weights_of_layers = [25 * 24, 25 * 24 + 24 * 36, 25 * 36 + 36 * 54, 648 * 64, 64 * 10]
    biases_of_layers = [24, 24 + 36, 36 + 54, 64, 10]
    assert parameters(recipe.costs) == sum(weights_of_layers) + sum(biases_of_layers)


def test_parameters_are_those_of_the_file(model: bytes, recipe: Recipe) -> None:
    tflite = pytest.importorskip("tflite")
    graph = tflite.Model.GetRootAs(model, 0).Subgraphs(0)
    file = tflite.Model.GetRootAs(model, 0)
    count = 0
    for n in range(graph.TensorsLength()):
        found = graph.Tensors(n)
        if file.Buffers(found.Buffer()).DataLength() and found.Type() in (2, 9):
            shape = found.ShapeAsNumpy()
            size = int(np.prod(shape))
            # int32 tensors of one dimension are biases; a reshape's shape has two entries
            count += size if found.Type() == 9 or (len(shape) == 1 and size > 2) else 0
    assert count == parameters(recipe.costs)


def test_nothing_is_stale(folder: Path, recipe: Recipe, results: Any, model: bytes) -> None:
    shipped = results["runs"][0]
    assert results["recipe_sha256"] == recipe.digest
    assert shipped["model_sha256"] == hashlib.sha256(model).hexdigest()
    assert shipped["model_bytes"] == len(model)
    assert (folder / "card.md").read_text() == render_card(recipe, results)


def test_results_agree_with_themselves(recipe: Recipe, results: Any) -> None:
    first = recipe.data.directions[0]
    assert results["runs"][0]["train_folds"] == list(first.train)
    assert results["runs"][0]["test_folds"] == list(first.test)
    assert results["runs"][0]["seed"] == recipe.training.seeds[0]
    assert results["cross_validation"] == summary.cross_validation(results["runs"])
    for run in summary.tested(results["runs"]):
        test = run["test"]
        confusion = np.array(test["confusion"])
        assert confusion.sum() == test["clips"]
        assert test["accuracy"] == round(float(np.trace(confusion) / confusion.sum()), 4)
        assert test["interval_95"][0] < test["accuracy"] < test["interval_95"][1]
        for n, name in enumerate(recipe.classes):
            row = test["classes"][name]
            assert row["clips"] == confusion[n].sum()
            assert row["recall"] == pytest.approx(confusion[n, n] / confusion[n].sum(), abs=1e-4)


def test_int8_costs_little(results: Any) -> None:
    runs = summary.tested(results["runs"])
    costs = [run["float_accuracy"] - run["test"]["accuracy"] for run in runs]
    # a single run also moves by a few clips that lie on the border, either way
    assert costs[0] < 0.005
    assert np.mean(costs) < 0.005


def test_it_names_real_clips(urbansound8k: Path) -> None:
    # the others learnt from every clip
    folder = models_folder() / "stride_ds_24"
    recipe = Recipe.from_file(folder / "recipe.yaml")
    results = json.loads((folder / "results.json").read_text())
    model = (folder / "model.tflite").read_bytes()
    pytest.importorskip("tflite_micro", reason="no TFLM interpreter; pip install tflite-micro")
    _, test = split_by_fold(
        open_dataset("urbansound8k", urbansound8k, recipe.classes).clips, recipe.data.directions[0]
    )
    by_class = defaultdict(list)
    for clip in test:
        by_class[clip.label].append(clip)
    clips = [clip for label in by_class for clip in by_class[label][::12]]
    heard = (recipe.frontend, recipe.window, recipe.normalisation)
    windows = list(evaluation_windows(clips, *heard, overlap=recipe.overlap_pct / 100))
    chosen = vote(Int8Scorer(model).scores(np.concatenate(windows)), [len(w) for w in windows])
    accuracy = Verdict(clips, chosen).accuracy
    # 60 to 80 clips: three standard errors
    spread = 3 * np.sqrt(0.25 / len(clips))
    assert accuracy == pytest.approx(results["runs"][0]["test"]["accuracy"], abs=spread)
