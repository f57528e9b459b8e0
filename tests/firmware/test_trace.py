# SPDX-License-Identifier: Apache-2.0
"""The firmware hears what `soundpost listen` hears, to the byte."""

import json
from pathlib import Path

import numpy as np
import pytest
import zephyr
from numpy.typing import NDArray

from soundpost.audio import write_wav
from soundpost.models.model import DEFAULT_MODEL, Model
from soundpost.sensor import Sensor
from soundpost.synth.render import render_scene
from soundpost.synth.schedule import street_scene

TYPES = ("start", "scores", "silence", "event", "summary")
SECONDS = 60
HOP = 512


@pytest.fixture(scope="module")
def street() -> NDArray[np.int16]:
    """A minute that holds a siren, and silence under the gate at its end."""
    pcm, _ = render_scene(street_scene(float(SECONDS), seed=3))
    pcm[-5 * 16000 :] //= 256
    return pcm


@pytest.fixture(scope="module")
def recording(street: NDArray[np.int16], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("street") / "street.wav"
    write_wav(path, street)
    return path


@pytest.fixture(scope="module")
def heard(street: NDArray[np.int16]) -> list[str]:
    """Lines of `soundpost listen --jsonl`, without those that the firmware leaves out."""
    sensor = Sensor(Model.find(DEFAULT_MODEL), {})
    text = (b"".join(sensor.lines(street)) + sensor.finish()).decode()
    return [line for line in text.splitlines() if json.loads(line)["type"] in TYPES]


@pytest.mark.parametrize("speed", [(), ("--wav-fast",)], ids=["paced", "fast"])
def test_a_minute_of_street_is_the_same_as_on_a_pc(
    firmware: zephyr.Firmware, board: str, recording: Path, heard: list[str], speed: tuple[str, ...]
) -> None:
    outcome = zephyr.run(firmware(board), recording, speed)

    assert outcome.status == 0
    assert [line for line in outcome.lines if json.loads(line)["type"] in TYPES] == heard
    assert {found["type"] for found in outcome.of_type(*TYPES)} == set(TYPES)
    assert "siren" in {event["class"] for event in outcome.of_type("event")}
    assert not [line for line in outcome.log if "lost" in line]


def test_time_goes_on_over_blocks_that_the_driver_lost(
    firmware: zephyr.Firmware, board: str, recording: Path
) -> None:
    outcome = zephyr.run(firmware(board), recording, ["--wav-drop=100:2,700:3"])

    assert outcome.status == 0
    (summary,) = outcome.of_type("summary")
    assert summary["t"] == SECONDS * 16000
    # and at most the Fast interval under way at each of the two
    lost = summary["t"] - summary["samples"]
    assert 5 * HOP <= lost < 5 * HOP + 2 * 2000


def test_a_microphone_that_drops_out_is_started_anew(
    firmware: zephyr.Firmware, board: str, recording: Path
) -> None:
    outcome = zephyr.run(firmware(board), recording, ["--wav-stall=600:200"])

    assert outcome.status == 0
    (summary,) = outcome.of_type("summary")
    # blocks begin anew with the stream, and the last is not whole
    assert SECONDS * 16000 - HOP - 64 <= summary["t"] <= SECONDS * 16000
    lost = summary["t"] - summary["samples"]
    assert 200 * HOP - HOP <= lost <= 200 * HOP + 4 * HOP + 2 * 2000
    assert [line for line in outcome.log if "Could not read the microphone" in line]
    # what is heard afterwards counts
    assert max(found["t"] for found in outcome.of_type("scores")) > 50 * 16000


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "in.wav: no file that can be opened"),
        (b"", "in.wav: ends before its samples begin"),
        (b"no WAV file, but long enough to be one", "in.wav: is no WAV file"),
    ],
    ids=["missing", "empty", "text"],
)
def test_silence_never_passes_for_audio(
    firmware: zephyr.Firmware, board: str, tmp_path: Path, content: bytes | None, complaint: str
) -> None:
    wav = tmp_path / "in.wav"
    if content is not None:
        wav.write_bytes(content)
    outcome = zephyr.run(firmware(board), wav)

    assert outcome.status == 1
    assert outcome.lines == []
    assert any(complaint in line for line in outcome.log)


def test_options_that_are_none_end_the_run(
    firmware: zephyr.Firmware, board: str, recording: Path
) -> None:
    program = firmware(board)
    for wrong in ("--wav-drop=1", "--wav-stall=x:1", "--wav-nothing"):
        assert zephyr.run(program, recording, [wrong]).status == 1, wrong
