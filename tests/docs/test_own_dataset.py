# SPDX-License-Identifier: Apache-2.0
"""docs/own-dataset.md, done as a new user would, with less training."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from soundpost_ci.blocks import runnable

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = "docs/own-dataset.md"
STREETS = "docs/datasets.md"


def install(tools: Path) -> None:
    """Put `soundpost` into a folder, for the interpreter that runs this."""
    tools.mkdir()
    program = tools / "soundpost"
    program.write_text(f"#!{sys.executable}\nfrom soundpost.cli import main\nmain()\n")
    program.chmod(0o755)


def do(commands: str, folder: Path) -> str:
    """What commands print on stdout, run in `folder` with our tools at hand."""
    tools = f"{folder / 'tools'}{os.pathsep}{os.environ['PATH']}"
    env = {name: value for name, value in os.environ.items() if name != "SOUNDPOST_CACHE"}
    result = subprocess.run(
        ["bash", "-c", commands.replace(". .venv/bin/activate\n", "")],
        cwd=folder,
        env=env | {"PATH": tools, "COLUMNS": "140"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def tiny(recipe: str) -> str:
    """The document's recipe, with two of its folds tested and little training."""
    values = yaml.safe_load(recipe)
    values["data"]["directions"] = values["data"]["directions"][:3]
    values["training"] |= {"epochs": 1, "windows": 160}
    values["training"]["augmentation"]["variants"] = 1
    return yaml.safe_dump(values)


def test_the_way_from_recordings_to_a_network(tmp_path: Path) -> None:
    for name in ("tensorflow", "tflite_micro"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"no {name}; pip install -e '.[train]'")
    text = (ROOT / DOCUMENT).read_text(encoding="utf-8")
    (streets,) = runnable(STREETS, (ROOT / STREETS).read_text(encoding="utf-8"))
    check, train, evaluate, compile_, listen = (b.script for b in runnable(DOCUMENT, text, "train"))
    (recipe,) = re.findall(r"^```yaml\n(.*?)^```$", text, re.M | re.S)

    install(tmp_path / "tools")
    do(streets.script, tmp_path)
    counts = do(check, tmp_path)
    assert "116 clips of 10 recordings" in counts
    (tmp_path / "models" / "street").mkdir(parents=True)
    (tmp_path / "models" / "street" / "recipe.yaml").write_text(tiny(recipe))

    accuracies = do(train, tmp_path).splitlines()
    assert len(accuracies) == 5
    assert accuracies[-1].startswith("street: mean test accuracy ")

    said = " ".join(do(evaluate, tmp_path).split())
    # folds 5 and 1 of those that `check` shows
    assert "all 46 4 " in said
    assert "of 46 clips 0 get another class, and 0 other scores" in said
    assert "<svg" in (tmp_path / "build" / "street.html").read_text(encoding="utf-8")

    assert "CONV_2D" in do(compile_, tmp_path)
    for name in ("model.c", "street.c", "street_tables.c", "card.md", "golden.npz"):
        assert (tmp_path / "models" / "street" / name).is_file()
    assert (tmp_path / "build" / "street" / "street.c").is_file()

    assert "summary" in do(listen, tmp_path)
