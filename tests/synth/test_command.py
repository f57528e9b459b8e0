# SPDX-License-Identifier: Apache-2.0
"""`soundpost synth` as it is typed."""

import json

import pytest
import soundfile
from typer.testing import CliRunner

from soundpost.cli import app
from soundpost.errors import UserError


def run(*args):
    return CliRunner().invoke(app, ["synth", *map(str, args)], catch_exceptions=False)


def test_writes_sound_labels_and_json(tmp_path):
    out = tmp_path / "night.wav"
    result = run(out, "--seconds", 6, "--events", "dog@1-3:70", "--background", 40, "--seed", 4)
    assert result.exit_code == 0
    assert "dog_bark" in result.stdout
    pcm, rate = soundfile.read(out, dtype="int16")
    assert (rate, len(pcm)) == (16_000, 96_000)
    assert (tmp_path / "night.txt").read_text() == "1.000000\t3.000000\tdog_bark\n"
    assert json.loads((tmp_path / "night.json").read_text())["background_db"] == 40
    first = out.read_bytes()
    run(out, "--seconds", 6, "--events", "dog@1-3:70", "--background", 40, "--seed", 4)
    assert out.read_bytes() == first


def test_labels_may_go_elsewhere(tmp_path):
    run(tmp_path / "a.wav", "--seconds", 3, "--labels", tmp_path / "deep" / "track.txt")
    assert (tmp_path / "deep" / "track.txt").exists()
    assert not (tmp_path / "a.txt").exists()


def test_a_folder_is_no_sound(tmp_path):
    (tmp_path / "dir.wav").mkdir()
    with pytest.raises(UserError, match=r"OUT.wav: .*folder"):
        run(tmp_path / "dir.wav")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["a.wav", "--scene", "moon"], "there are street, construction, night"),
        (["a.mp3"], "call it .*a.wav"),
        (["a.wav", "--seconds", "5", "--events", "siren@1-9:70"], "lengthen the scene"),
        (["a.wav", "--seconds", "5", "--events", "gun@1-3:130"], "exceeds full scale"),
        (["a.wav", "--seconds", "inf"], "may last"),
        (["a.wav", "--seconds", "nan"], "may last"),
        (["a.wav", "--seconds", "1e9"], "may last"),
        (["a.wav", "--seconds", "1e9", "--events", "gun@1-3:70"], "may last"),
        (["a.wav", "--seed", "-1"], "seed -1 is negative"),
        (["a.wav", "--full-scale", "nan"], "take 60 to 200"),
        (["a.wav", "--labels", "."], "--labels: .*folder"),
        (["a.wav", "--labels", "a.wav"], r"--labels a\.wav is OUT\.wav too"),
        (["a.wav", "--labels", "a.json"], r"OUT\.json a\.json is --labels too"),
    ],
)
def test_mistakes_are_told_and_nothing_is_written(tmp_path, monkeypatch, args, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=message):
        run(*args)
    assert list(tmp_path.iterdir()) == []
