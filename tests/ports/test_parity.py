# SPDX-License-Identifier: Apache-2.0
"""The same bytes from Python, from the C port here, and from Cortex-M4F and -M3 under QEMU."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from soundpost.audio import open_audio, write_wav
from soundpost.models.model import DEFAULT_MODEL, Model
from soundpost.ports import Port, run_sensor
from soundpost.sensor import Sensor
from soundpost.synth.render import render_scene
from soundpost.synth.schedule import street_scene

# one build folder, one worker
pytestmark = pytest.mark.xdist_group("ports")

SETTINGS = {"interval_s": 10, "records_per_frame": 2, "airtime_budget_ds": 8640, "min_windows": 1}
REAL_CLIPS = 10


def python_jsonl(pcm: NDArray[np.int16], settings: dict[str, int]) -> bytes:
    sensor = Sensor(Model.find(DEFAULT_MODEL), settings)
    return b"".join(sensor.lines(pcm)) + sensor.finish()


@pytest.fixture(scope="module")
def scene() -> NDArray[np.int16]:
    pcm, _ = render_scene(street_scene(60.0, seed=3))
    return pcm


@pytest.mark.parametrize("port", list(Port), ids=lambda port: port.value)
def test_a_minute_of_street_is_the_same_everywhere(
    port: Port, scene: NDArray[np.int16], tmp_path: Path
) -> None:
    expected = python_jsonl(scene, SETTINGS)
    kinds = [f'"type":"{kind}"' for kind in ("level", "scores", "event", "summary", "frame")]
    assert all(kind.encode() in expected for kind in kinds)
    write_wav(tmp_path / "scene.wav", scene)
    assert run_sensor(port, DEFAULT_MODEL, tmp_path / "scene.wav", SETTINGS) == expected


def real_clips(datasets: Path) -> list[Path]:
    """A clip of each class of UrbanSound8K, spread over its folds."""
    chosen: dict[str, Path] = {}
    for clip in sorted((datasets / "urbansound8k" / "audio").glob("fold*/*-*-*-*.*")):
        chosen.setdefault(clip.name.split("-")[1], clip)
    return list(chosen.values())


@pytest.mark.parametrize("port", [Port.CORTEX_M4F, Port.CORTEX_M3], ids=lambda port: port.value)
def test_real_clips_are_the_same_everywhere(port: Port, datasets: Path, tmp_path: Path) -> None:
    clips = real_clips(datasets)
    assert len(clips) == REAL_CLIPS
    for clip in clips:
        with open_audio(clip) as source:
            pcm = np.concatenate(list(source))
        write_wav(tmp_path / "clip.wav", pcm)
        given = run_sensor(port, DEFAULT_MODEL, tmp_path / "clip.wav", SETTINGS)
        assert given == python_jsonl(pcm, SETTINGS), clip.name
