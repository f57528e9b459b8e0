# SPDX-License-Identifier: Apache-2.0
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import settings

from soundpost import evaluation
from soundpost.datasets import Dataset, open_dataset
from soundpost.datasets.urbansound8k import CLASSES
from soundpost.generated import digest
from soundpost.models.model import models_folder

settings.register_profile("evaluation", derandomize=True, deadline=None, database=None)
settings.load_profile("evaluation")

# of the shipped networks the one that a fold is left to test on
FOLDER = models_folder() / "stride_ds_24"
SCHEMA = Path(evaluation.__file__).with_name("schema.md")
# mappings whose keys are names
NAMED = ("salience", "test.classes", "by_salience", "by_group.members")


def written(section: str) -> set[str]:
    """The keys that a section of schema.md lists, by their paths."""
    text = SCHEMA.read_text().split(f"## soundpost {section}")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (?:`(.*?)`)? ?\| (`.*?`) \|", text, re.M)
    return {
        f"{place}.{key}".lstrip(".") for place, keys in rows for key in re.findall(r"`(.*?)`", keys)
    }


def keys_of(value: Any, at: str = "") -> Iterator[str]:
    """Every key of a document by its path, as schema.md writes it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from keys_of(inner, f"{at}.{'*' if at.endswith(NAMED) else key}".lstrip("."))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for inner in value:
            yield from keys_of(inner, f"{at}[]")
    else:
        yield at


@pytest.fixture(scope="session")
def check_schema() -> Callable[[str, dict[str, Any]], None]:
    """Holds a command's document to schema.md, key by key."""

    def check(command: str, document: dict[str, Any]) -> None:
        assert set(keys_of(document)) == written(command)
        assert document["format"] in SCHEMA.read_text()

    return check


@pytest.fixture(scope="session")
def urban_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """UrbanSound8K's layout: three folds, a clip of synthesised noise a class and fold."""
    folder = tmp_path_factory.mktemp("urban")
    random, rows = np.random.default_rng(0), []
    for fold in (1, 2, 3):
        (folder / "audio" / f"fold{fold}").mkdir(parents=True)
        for number, name in enumerate(CLASSES):
            low = random.standard_normal(12000).cumsum() / 400
            samples = number / 9 * 0.2 * random.standard_normal(12000) + (1 - number / 9) * low
            path = folder / "audio" / f"fold{fold}" / f"{fold}-{number}.wav"
            soundfile.write(path, np.clip(samples, -1, 1), 16000)
            group, salience = f"{fold}{number // 2}", 1 + number % 2
            rows.append(f"{path.name},{group},0,1,{salience},{fold},{number},{name}")
    (folder / "metadata").mkdir()
    header = "slice_file_name,fsID,start,end,salience,fold,classID,class"
    (folder / "metadata" / "UrbanSound8K.csv").write_text("\n".join([header, *rows]))
    return folder


@pytest.fixture(scope="session")
def urban(urban_folder: Path) -> Dataset:
    return open_dataset("urbansound8k", urban_folder)


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Path]:
    """Makes folders as training leaves them, all with the shipped network."""

    def make(name: str, train: list[int], test: list[int], **more: Any) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for file in ("recipe.yaml", "model.tflite"):
            shutil.copy(FOLDER / file, folder / file)
        run = {
            "model_sha256": digest((folder / "model.tflite").read_bytes()),
            "train_folds": train,
            "test_folds": test,
            "seed": 7,
        }
        (folder / "results.json").write_text(json.dumps(run | more))
        return folder

    return make
