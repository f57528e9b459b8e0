# SPDX-License-Identifier: Apache-2.0
"""A recipe is read whole, or its fault is named."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from soundpost.errors import UserError
from soundpost.models import Recipe


def write(path: Path, values: object) -> Path:
    path.write_text(yaml.safe_dump(values))
    return path


def set_key(values: Any, key: str, value: object) -> None:
    *parents, last = key.split(".")
    for name in parents:
        values = values[name]
    values[last] = value


@pytest.fixture
def values(folder: Path) -> Any:
    return yaml.safe_load((folder / "recipe.yaml").read_text())


def test_shipped_recipe_is_the_thesis_network(folder: Path) -> None:
    recipe = Recipe.from_file(folder / "recipe.yaml")
    assert recipe.name == folder.name
    assert (recipe.window, recipe.frontend.bands) == (31, 60)
    assert (recipe.frontend.fft_size, recipe.frontend.hop) == (1024, 512)
    assert recipe.network.architecture == "stride_ds_24"
    assert len(recipe.classes) == 10


def test_reading_gives_what_was_written(folder: Path, tmp_path: Path, values: Any) -> None:
    recipe = Recipe.from_file(folder / "recipe.yaml")
    again = Recipe.from_file(write(tmp_path / "recipe.yaml", values))
    assert again == recipe
    assert again.digest == recipe.digest


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("colour", "blue", "unknown key colour"),
        ("training.epoch", 3, "unknown key training.epoch"),
        ("training.augmentation.echo", 3, "unknown key training.augmentation.echo"),
        ("frontend.mels", 3, "frontend: unknown key mels"),
        ("frontend.bands", "60", "frontend: bands must be of type int"),
        ("window", "31", "window must be of type int"),
        ("window", True, "window must be of type int"),
        ("window", 0, "window is 0"),
        ("normalisation", "mean", "is mean; it must be window_mean or running_mean or none"),
        ("overlap_pct", 30, "overlap_pct is 30; it must be 0, 50 or 75"),
        ("training.lead", -1, "lead is -1"),
        ("training.lead", 5, "training.lead is 5; it must be 0 without a running mean"),
        ("normalisation", 1, "normalisation must be of type str"),
        ("name", "two words", "name 'two words' is no C name"),
        ("name", "Größe", "is no C name"),
        ("name", "Street", "is no C name"),
        ("name", "model", "name is model"),
        ("classes", "siren", "classes must be a list"),
        ("classes", ["siren", "siren"], "classes is"),
        ("classes", ["siren", 'a"b'], "classes is 'a\"b'"),
        ("classes", ["siren", "Dog"], "classes is 'Dog'"),
        ("classes", ["siren", ""], "classes is ''"),
        ("classes", ["siren", "a" * 33], "32 at most"),
        ("classes", ["siren", "unknown"], "none of unknown, none, silence"),
        ("classes", ["siren", "none"], "classes is 'none'"),
        ("classes", ["silence", "siren"], "classes is 'silence'"),
        ("classes", ["siren", 3], "classes[1] must be of type str"),
        ("network", [1], "network must hold keys and values"),
        ("network", {}, "network.architecture is missing; it must be one of baseline"),
        ("network.architecture", "vgg", "network.architecture is vgg; it must be one of"),
        ("network.architecture", ["stride"], "network.architecture is ['stride']"),
        ("network.filters", 24, "unknown key network.filters; there are architecture"),
        ("window", 2, "network does not fit: its separable finds 1 x 15 x 36 values left"),
        ("data.dataset", "esc", "data.dataset is esc"),
        ("data.directions", [], "data.directions is empty"),
        ("data.directions", [{"train": [1], "test": [1]}], "data.directions[0].test is"),
        ("data.directions", [{"train": [1]}], "data.directions[0].test is missing"),
        (
            "data.directions",
            [{"train": [1], "test": [2]}, {"train": [2], "test": []}],
            "data.directions is without test folds; it must be so in its first entry alone",
        ),
        ("data.validation", 0, "data.validation is 0"),
        ("distillation", {"weight": 0.5}, "distillation.teacher is missing"),
        ("distillation", {"teacher": "x", "weight": 2}, "distillation.weight is 2.0"),
        ("quantization", {"epochs": 0, "learning_rate": 1}, "quantization.epochs is 0"),
        ("training.seeds", [1, 1], "training.seeds is [1, 1]"),
        ("training.seeds", [-1], "training.seeds is [-1]"),
        ("training.keep", "first", "training.keep is first; it must be last or best"),
        ("training.learning_rate", float("inf"), "training.learning_rate must be of type float"),
        ("training.seeds", [], "training.seeds is empty"),
        ("training.optimizer", "adam", "training.optimizer is adam"),
        ("training.batch", 100000, "training.windows is 12000"),
        ("training.dropout", 1, "training.dropout is 1"),
        ("training.learning_rate", 0, "training.learning_rate is 0"),
        ("training.augmentation.gain_db", [6, -6], "training.augmentation.gain_db is"),
        ("training.augmentation.variants", 0, "training.augmentation.variants is 0"),
        ("training.augmentation.window_gain_db", 61, "augmentation.window_gain_db is 61"),
    ],
)
def test_a_fault_names_file_and_key(
    tmp_path: Path, values: Any, key: str, value: object, says: str
) -> None:
    set_key(values, key, value)
    path = write(tmp_path / "recipe.yaml", values)
    with pytest.raises(UserError, match=re.escape(says)) as error:
        Recipe.from_file(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


FAMILY: dict[str, Any] = {
    "architecture": "soundpost_ir",
    "stem": {"filters": 8, "kernel": [3, 3], "strides": [2, 2]},
    "stages": [{"filters": 12, "blocks": 2, "expansion": 2, "strides": [2, 2]}],
}


def test_a_network_of_the_family_is_chosen_by_keys(tmp_path: Path, values: Any) -> None:
    plain = Recipe.from_file(write(tmp_path / "recipe.yaml", values | {"network": FAMILY}))
    assert plain.as_mapping()["network"]["stages"][0] == {
        "filters": 12,
        "blocks": 2,
        "expansion": 2.0,
        "strides": (2, 2),
    }
    stated = FAMILY | {"head": 0, "dense": 0, "activation": "relu"}
    same = Recipe.from_file(write(tmp_path / "recipe.yaml", values | {"network": stated}))
    assert same.digest == plain.digest
    headed = values | {"network": FAMILY | {"head": 9}}
    other = Recipe.from_file(write(tmp_path / "recipe.yaml", headed))
    assert other.digest != plain.digest


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("stem.kernel", 3, "network.stem.kernel must be a list"),
        ("stem.kernel", [3], "network.stem.kernel is [3]; it must be two numbers"),
        ("stem.filters", 0, "network.stem.filters is 0"),
        ("stages", [], "network.stages is empty"),
        ("stages", [{"filters": 8, "blocks": 1}], "network.stages[0].expansion is missing"),
        ("stages", [{"filters": 8, "blocks": 0, "expansion": 1}], "network.stages[0].blocks is 0"),
        (
            "stages",
            [{"filters": 8, "blocks": 1, "expansion": 1, "strides": [2, 1]}],
            "network.stages[0].strides is [2, 1]; it must be two equal numbers",
        ),
        ("head", -1, "network.head is -1"),
        ("activation", "swish", "network.activation is swish; it must be relu or relu6"),
    ],
)
def test_a_fault_of_the_family_names_file_and_key(
    tmp_path: Path, values: Any, key: str, value: object, says: str
) -> None:
    values["network"] = copy.deepcopy(FAMILY)
    set_key(values["network"], key, value)
    with pytest.raises(UserError, match=re.escape(f"recipe.yaml: {says}")):
        Recipe.from_file(write(tmp_path / "recipe.yaml", values))


def test_a_key_with_a_default_leaves_the_digest_alone(
    folder: Path, tmp_path: Path, values: Any
) -> None:
    recipe = Recipe.from_file(folder / "recipe.yaml")
    augmentation = values["training"]["augmentation"]
    augmentation |= {"noise": [], "pitch": 0}
    assert Recipe.from_file(write(tmp_path / "recipe.yaml", values)).digest == recipe.digest
    augmentation |= {"noise": ["pink"], "between_class": 0.5}
    again = Recipe.from_file(write(tmp_path / "recipe.yaml", values))
    assert again.training.augmentation.noise == ("pink",)
    assert again.digest != recipe.digest
    stated = again.as_mapping()["training"]["augmentation"]
    assert (stated["between_class"], "pitch" in stated) == (0.5, False)


def test_normalisation_is_the_window_s_mean_unless_stated(
    folder: Path, tmp_path: Path, values: Any
) -> None:
    recipe = Recipe.from_file(folder / "recipe.yaml")
    assert recipe.normalisation == "window_mean"
    values["normalisation"] = "window_mean"
    assert Recipe.from_file(write(tmp_path / "recipe.yaml", values)).digest == recipe.digest
    values["normalisation"] = "none"
    other = Recipe.from_file(write(tmp_path / "recipe.yaml", values))
    assert other.normalisation == "none"
    assert other.digest != recipe.digest


def test_every_key_without_a_default_is_needed(tmp_path: Path, values: Any) -> None:
    del values["training"]["epochs"]
    with pytest.raises(UserError, match=r"training\.epochs is missing"):
        Recipe.from_file(write(tmp_path / "recipe.yaml", values))


@pytest.mark.parametrize("content", [b"", b"- 1\n", b"a: [", b"\xff\xfe\x00", b"1: 2\n"])
def test_no_recipe_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        Recipe.from_file(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_recipe_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nothing\.yaml"):
        Recipe.from_file(tmp_path / "nothing.yaml")
