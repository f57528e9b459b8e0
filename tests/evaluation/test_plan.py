# SPDX-License-Identifier: Apache-2.0
"""No network is tested on what it has heard, and no clip twice."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml

from soundpost.datasets import Dataset
from soundpost.errors import UserError
from soundpost.evaluation.candidate import Candidate
from soundpost.evaluation.costs import network_costs, parameters
from soundpost.evaluation.plan import make_plan, open_for
from soundpost.models.model import DEFAULT_MODEL, Model
from soundpost.zoo.cost import multiplications
from soundpost.zoo.cost import parameters as layer_parameters

MakeRun = Callable[..., Path]
# the network of make_run
NAME = "stride_ds_24"
MODEL = Model.find(NAME)


def test_shipped_networks_know_what_they_have_heard() -> None:
    candidate = Candidate.find(DEFAULT_MODEL)
    assert (candidate.train_folds, candidate.test_folds) == ((1, 2, 3), ())
    candidate = Candidate.find(NAME)
    assert (candidate.train_folds, candidate.test_folds) == ((2, 3), (1,))
    assert candidate.seed == 1


def test_folds_are_those_it_was_trained_for(make_run: MakeRun, urban: Dataset) -> None:
    (part,) = make_plan([Candidate.find(str(make_run("a", [3], [1])))], urban)
    assert part.folds == (1,)
    assert {clip.fold for clip in part.clips} == {1}
    (part,) = make_plan([Candidate.find(str(make_run("b", [3], [])))], urban)
    assert part.folds == (1, 2)


def test_several_networks_share_the_clips(make_run: MakeRun, urban: Dataset) -> None:
    runs = [make_run(str(n), [f for f in (1, 2, 3) if f != n], [n]) for n in (1, 2, 3)]
    parts = make_plan([Candidate.find(str(run)) for run in runs], urban)
    found = [clip.name for part in parts for clip in part.clips]
    assert sorted(found) == sorted(clip.name for clip in urban.clips)
    for part in parts:
        assert part.candidate.train_folds is not None
        assert not {clip.fold for clip in part.clips} & {*part.candidate.train_folds}


@pytest.mark.parametrize(
    ("train", "folds", "says"),
    [
        ([1, 2], [(2, 3)], "was trained on fold 2; test it on others"),
        ([1], [(2, 4)], "fold 4 holds no clip; there is fold 1, 2, 3"),
        ([1, 2, 3], [], "was trained on every fold"),
        ([1], [(2,), (3,)], "--folds is given 2 times for 1 networks"),
    ],
)
def test_what_cannot_be_tested_is_refused(
    make_run: MakeRun, urban: Dataset, train: list[int], folds: list[tuple[int, ...]], says: str
) -> None:
    candidate = Candidate.find(str(make_run("a", train, [])))
    with pytest.raises(UserError, match=says):
        make_plan([candidate], urban, folds)


def test_a_clip_for_two_networks_is_refused(make_run: MakeRun, urban: Dataset) -> None:
    runs = [Candidate.find(str(make_run(name, [3], [1, 2]))) for name in "ab"]
    with pytest.raises(UserError, match="both be tested on fold 1, 2"):
        make_plan(runs, urban)


def test_a_recording_on_both_sides_is_refused(make_run: MakeRun, urban: Dataset) -> None:
    candidate = Candidate.find(str(make_run("a", [2, 3], [1])))
    clips = [replace(clip, group="20") if clip.name == "1-4" else clip for clip in urban.clips]
    with pytest.raises(UserError, match="recording 20 has clips in training"):
        make_plan([candidate], replace(urban, clips=clips))


def test_a_network_without_a_history_is_refused(make_run: MakeRun, urban: Dataset) -> None:
    folder = make_run("a", [], [])
    (folder / "results.json").unlink()
    candidate = Candidate.find(str(folder))
    with pytest.raises(UserError, match=r"nobody knows .* say it with --trained-on"):
        make_plan([candidate], urban)
    (part,) = make_plan([replace(candidate, train_folds=(1,))], urban)
    assert part.folds == (2, 3)
    # of another dataset it has heard nothing
    (part,) = make_plan([candidate], replace(urban, name="folder"))
    assert part.folds == (1, 2, 3)


def test_networks_of_two_recipes_are_refused(make_run: MakeRun, urban: Dataset) -> None:
    first, second = make_run("a", [2], [1]), make_run("b", [1], [2])
    recipe = yaml.safe_load((second / "recipe.yaml").read_text())
    recipe["training"]["epochs"] = 31
    (second / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    with pytest.raises(UserError, match="different recipes"):
        make_plan([Candidate.find(str(first)), Candidate.find(str(second))], urban)


def test_a_recipe_may_lie_elsewhere(make_run: MakeRun, tmp_path: Path) -> None:
    folder = make_run("a", [2], [1])
    recipe = (folder / "recipe.yaml").rename(tmp_path / "other.yaml")
    with pytest.raises(UserError, match=r"recipe\.yaml"):
        Candidate.find(str(folder))
    assert Candidate.find(str(folder), recipe).model.recipe == MODEL.recipe


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ("[]", "does not tell of the model.tflite beside it"),
        ('{"runs": 3}', "does not tell of the model.tflite beside it"),
        ('{"runs": [3, {"model_sha256": "0"}]}', "does not tell of the model.tflite beside it"),
        ('{"model_sha256": "SHA", "train_folds": 3}', "train_folds must be a list of folds"),
        ('{"model_sha256": "SHA", "train_folds": [true]}', "train_folds must be a list of folds"),
        ('{"model_sha256": "SHA", "seed": "one"}', "seed must be a number"),
        ('{"model_sha256": "SHA", "recipe_sha256": "0"}', "trained by another recipe"),
        ('{"recipe_sha256": "0", "runs": [{"model_sha256": "SHA"}]}', "by another recipe"),
    ],
)
def test_a_broken_history_is_named(make_run: MakeRun, content: str, says: str) -> None:
    folder = make_run("a", [2], [1])
    sha = json.loads((folder / "results.json").read_text())["model_sha256"]
    (folder / "results.json").write_text(content.replace("SHA", sha))
    with pytest.raises(UserError, match=rf"results\.json.*{says}"):
        Candidate.find(str(folder))


def test_a_dataset_of_some_classes_gets_the_networks_labels(tmp_path: Path) -> None:
    for name in ("siren", "dog_bark"):
        (tmp_path / name).mkdir()
        for number in range(5):
            path = tmp_path / name / f"{name}{number}.wav"
            soundfile.write(path, 0.1 * np.random.default_rng(number).standard_normal(4000), 16000)
    opened = open_for(MODEL.recipe, "folder", tmp_path)
    assert opened.classes == MODEL.recipe.classes
    assert {(clip.path.parent.name, clip.label) for clip in opened.clips} == {
        ("siren", MODEL.recipe.classes.index("siren")),
        ("dog_bark", MODEL.recipe.classes.index("dog_bark")),
    }
    (tmp_path / "siren").rename(tmp_path / "tuba")
    with pytest.raises(UserError, match="stride_ds_24 does not know tuba"):
        open_for(MODEL.recipe, "folder", tmp_path)


def test_costs_are_those_of_the_recipes_layers() -> None:
    costs = network_costs(MODEL)
    assert costs["parameters"] == layer_parameters(MODEL.recipe.costs)
    assert costs["parameters"] == parameters(MODEL.network.compiled.graph)
    assert costs["macs"] == multiplications(MODEL.recipe.costs)
    # a window every 16 columns of 512 samples
    assert costs["macs_per_second"] == round(costs["macs"] * 16000 / (16 * 512))
    assert costs["model_bytes"] == (MODEL.folder / "model.tflite").stat().st_size
    assert costs["ram_bytes"] == costs["arena_bytes"] + 31 * 60 + 512 * 2
    # the weights alone are one byte each, and most of the .tflite
    assert costs["parameters"] < costs["flash_bytes"] < 1.1 * costs["model_bytes"]
