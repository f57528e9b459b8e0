# SPDX-License-Identifier: Apache-2.0
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import yaml
from hypothesis import settings

from soundpost.training.plan import Where

ROOT = Path(__file__).resolve().parents[2]

settings.register_profile("training", derandomize=True, deadline=None, database=None)
settings.load_profile("training")

CLASSES = ("noise", "tone")
MakeRecipe = Callable[..., Path]


@pytest.fixture(scope="session")
def folder() -> Path:
    """Folder of the shipped network."""
    return ROOT / "models" / "stride_ds_24"


@pytest.fixture(scope="session")
def urbansound8k(datasets: Path) -> Path:
    """The real dataset."""
    path = datasets / "urbansound8k"
    if not path.is_dir():
        pytest.skip(f"no {path}")
    return path


@pytest.fixture(scope="session")
def tensorflow() -> None:
    """For tests that cannot do without it."""
    for name in ("tensorflow", "tflite_micro"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"no {name}; pip install -e '.[train]'")


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data of two classes and two folds, two recordings a class and fold."""
    data, random = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    rows = ["slice_file_name,fsID,start,end,salience,fold,classID,class"]
    for fold in (1, 2):
        (data / "audio" / f"fold{fold}").mkdir(parents=True)
        for number in range(4):
            name = f"{fold}{number}.wav"
            tone = 0.3 * np.sin(2 * np.pi * 700 * (1 + number) * np.arange(20000) / 16000)
            samples = tone if number % 2 else 0.1 * random.standard_normal(20000)
            soundfile.write(data / "audio" / f"fold{fold}" / name, samples, 16000)
            label = number % 2
            rows.append(f"{name},{fold}{number},0,1,1,{fold},{label},{CLASSES[label]}")
    (data / "metadata").mkdir()
    (data / "metadata" / "UrbanSound8K.csv").write_text("\n".join(rows))
    return data


@pytest.fixture
def where(sounds: Path, tmp_path: Path) -> Where:
    """A place to train on these sounds."""
    return Where(sounds, tmp_path / "runs", tmp_path / "cache", 1)


@pytest.fixture
def make_recipe(tmp_path: Path, folder: Path) -> MakeRecipe:
    """Writes a recipe for these sounds: make_recipe(name, training={...}, ...)."""

    def make(name: str = "tiny", training: Any = (), **changes: Any) -> Path:
        values = yaml.safe_load((folder / "recipe.yaml").read_text())
        values |= {"name": name, "classes": list(CLASSES)}
        values["data"]["directions"] = [{"train": [1], "test": [2]}, {"train": [2], "test": [1]}]
        values["data"]["validation"] = 0.5
        values["network"] = {"architecture": "stride_ds_12"}
        values["training"] |= {"seeds": [1], "epochs": 2, "windows": 64, "batch": 16}
        values["training"] |= {"calibration": 20, "dropout": 0.2}
        values["training"]["augmentation"]["variants"] = 1
        values["training"] |= dict(training)
        path = tmp_path / name / "recipe.yaml"
        path.parent.mkdir()
        path.write_text(yaml.safe_dump(values | changes))
        return path

    return make
