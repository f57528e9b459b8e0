# SPDX-License-Identifier: Apache-2.0
"""Every network of models/ is whole: its C is current, and gives what TFLM gives."""

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from soundpost._core import lib

from soundpost.errors import UserError
from soundpost.frontend import recording_columns
from soundpost.models import Recipe
from soundpost.models.generate import generated_files, stale_files
from soundpost.models.golden import real_windows, tflm_scores
from soundpost.models.model import Model, models_folder
from soundpost.synth.render import render_scene
from soundpost.synth.schedule import street_scene

FOLDERS = sorted(path.parent for path in models_folder().glob("*/model.tflite"))


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    assert isinstance(request.param, Path)
    return request.param


def test_generated_files_are_current(folder: Path) -> None:
    assert stale_files(folder) == []


def test_golden_scores_are_tflms_and_ours(folder: Path) -> None:
    golden = np.load(folder / "golden.npz")
    windows, scores = golden["windows"], golden["scores"]
    assert len(windows) >= 32
    # scores that hardly move would hide a wrong kernel
    assert np.ptp(scores.astype(int), axis=0).max() > 100
    assert (Model(folder).network.run(windows) == scores).all()
    assert (tflm_scores(folder / "model.tflite", windows) == scores).all()


def test_windows_of_golden_have_their_mean_taken_away(folder: Path) -> None:
    windows = np.load(folder / "golden.npz")["windows"]
    assert windows.dtype == np.int8
    if Recipe.from_file(folder / "recipe.yaml").normalisation != "window_mean":
        pytest.skip("no mean of the window is taken away")
    means = windows.mean(axis=(1, 2, 3), dtype=np.float64)
    # the mean is taken away, to the rounding of it and what saturates
    assert np.abs(means).max() < 1


def test_a_model_without_normalisation_sees_its_columns(folder: Path) -> None:
    recipe = Recipe.from_file(folder / "recipe.yaml")
    training = replace(recipe.training, lead=0)
    recipe = replace(recipe, normalisation="none", training=training)
    model = Model(folder, recipe)
    assert model.c.normalisation == lib.SP_NORMALISATION_NONE
    assert ".normalisation = SP_NORMALISATION_NONE," in generated_files(model)["model.c"]
    pcm, _ = render_scene(street_scene(5, 1))
    columns = recording_columns(model.tables, pcm)
    windows = real_windows(model, pcm, 7)[..., 0]
    assert len(windows) == (len(columns) - recipe.window) // 7 + 1
    for number, window in enumerate(windows):
        assert np.array_equal(window, columns[7 * number : 7 * number + recipe.window])


def test_a_streaming_form_is_used_by_default(folder: Path) -> None:
    model = Model(folder)
    if model.stream is None:
        pytest.skip("it has no streaming form")
    # else every window would be computed as a whole
    assert math.ceil(model.recipe.window / 2) % model.stream.streamed.columns == 0


def test_a_model_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(UserError, match="stride_ds_24"):
        Model.find("no_such_model")


def test_a_network_that_does_not_fit_its_recipe_is_refused(folder: Path, tmp_path: Path) -> None:
    recipe = (folder / "recipe.yaml").read_text(encoding="utf-8")
    (tmp_path / "recipe.yaml").write_text(re.sub(r"\n  bands: \d+", "\n  bands: 40", recipe))
    (tmp_path / "model.tflite").write_bytes((folder / "model.tflite").read_bytes())
    with pytest.raises(UserError, match="windows are"):
        Model(tmp_path)
