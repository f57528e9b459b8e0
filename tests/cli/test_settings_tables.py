# SPDX-License-Identifier: Apache-2.0
"""`soundpost settings` and the pictures of `soundpost tables`."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib import image
from typer.testing import CliRunner

from soundpost.cli import app
from soundpost.errors import UserError
from soundpost.settings import known_settings

SETTINGS = [sys.executable, "-m", "soundpost.cli", "settings"]


def run(*arguments: str | Path) -> str:
    done = CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_piped_settings_are_whole_lines() -> None:
    done = subprocess.run(SETTINGS, capture_output=True, text=True, check=True)
    head, *rows = (line.split("\t") for line in done.stdout.splitlines())
    assert head == ["key", "name", "range", "default", "unit", "meaning"]
    assert [row[1] for row in rows] == [info.name for info in known_settings()]
    assert [row[5] for row in rows] == [info.meaning for info in known_settings()]


def test_settings_on_a_narrow_terminal_keep_their_names() -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        SETTINGS, stdout=theirs, env=os.environ | {"COLUMNS": "80", "TERM": "xterm"}
    )
    os.close(theirs)
    text = b""
    try:
        while data := os.read(ours, 65536):
            text += data
    except OSError:  # what Linux says when the other side is closed
        pass
    os.close(ours)
    assert process.wait(60) == 0
    for info in known_settings():
        assert info.name in text.decode()


def test_settings_as_json() -> None:
    found = json.loads(run("settings", "--json"))
    assert found == [info._asdict() for info in known_settings()]


@pytest.mark.parametrize("name", ["f.png", "f.PNG"])
def test_a_picture_of_filters(tmp_path: Path, name: str) -> None:
    run("tables", "-o", tmp_path, "--plot", tmp_path / "t2" / name)
    assert image.imread(tmp_path / "t2" / name, format="png").size > 0
    assert [path.name for path in (tmp_path / "t2").iterdir()] == [name]


@pytest.mark.parametrize("name", ["f", "f.xyz", ".png"])
def test_no_picture_without_its_format(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match=r"\.png"):
        run("tables", "-o", tmp_path, "--plot", tmp_path / "t2" / name)
    assert list(tmp_path.iterdir()) == []
