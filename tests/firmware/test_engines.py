# SPDX-License-Identifier: Apache-2.0
"""Both engines give TFLM's bytes on every simulator, in as much memory as was measured for them."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
import zephyr
from numpy.typing import NDArray

from soundpost.audio import open_audio
from soundpost.frontend import kept_columns, normalised_windows, recording_columns
from soundpost.models.golden import tflm_scores
from soundpost.models.model import DEFAULT_MODEL, Model
from soundpost.models.tflm import arena_bytes
from soundpost.ports.workspace import find_zephyr, tflite_micro
from soundpost.synth.render import render_scene
from soundpost.synth.schedule import street_scene
from soundpost_ci.steps.firmware import engine_options

APPLICATION = "tests/zephyr/engine"
STREAMING = "urban10_stream"
WINDOWS = 1_000
RUN_TIMEOUT_S = 300
# which build of the interpreter a board has
KERNELS = {
    "native_sim": "reference",
    "qemu_cortex_m3": "cmsis_nn",
    "mps2/an521/cpu0": "cmsis_nn_dsp",
}
MACHINES = {
    "qemu_cortex_m3": ("-machine", "lm3s6965evb", "-cpu", "cortex-m3"),
    "mps2/an521/cpu0": (
        *("-machine", "mps2-an521", "-cpu", "cortex-m33", "-m", "16"),
        *("-global", "sse-200.CPU0_DSP=true"),
    ),
}


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.find(DEFAULT_MODEL)


def streets() -> Iterator[NDArray[np.int16]]:
    return (render_scene(street_scene(120.0, seed))[0] for seed in range(1, 20))


def recordings(clips: list[Path]) -> Iterator[NDArray[np.int16]]:
    for clip in clips:
        with open_audio(clip) as source:
            yield np.concatenate(list(source))


def windows_of(model: Model, sounds: Iterable[NDArray[np.int16]], count: int) -> NDArray[np.int8]:
    """Windows, as the sensor keeps them, that overlap by half: shape (count, window, bands)."""
    window, found = model.recipe.window, []
    for pcm in sounds:
        columns = recording_columns(model.tables, pcm)
        columns = kept_columns(columns, window, model.recipe.normalisation)
        starts = range(0, len(columns) - window + 1, (window + 1) // 2)
        found.extend(columns[start : start + window] for start in starts)
        if len(found) >= count:
            return np.array(found[:count])
    raise AssertionError(f"only {len(found)} windows in all sounds")


def scores_of(model: Model, windows: NDArray[np.int8]) -> NDArray[np.int8]:
    """What TFLM makes of windows."""
    inputs = normalised_windows(windows, model.recipe.normalisation)
    return tflm_scores(model.folder / "model.tflite", inputs[..., np.newaxis])


@pytest.fixture(scope="module", params=["street", "recordings"])
def scored(
    request: pytest.FixtureRequest, model: Model
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Windows of synthesised streets and of real recordings, and TFLM's scores of them."""
    if request.param == "street":
        windows = windows_of(model, streets(), WINDOWS)
    else:
        windows = windows_of(model, recordings(request.getfixturevalue("esc10_clips")), WINDOWS)
    scores = scores_of(model, windows)
    # outputs that hardly change would prove nothing
    assert len(np.unique(scores)) > 100
    return windows, scores


def build(board: str, engine: str, **more: str) -> zephyr.Executable:
    if reason := zephyr.why_not():
        pytest.skip(reason)
    found = find_zephyr(zephyr.ROOT)
    assert found is not None
    if engine == "tflm" and tflite_micro(found) is None:
        pytest.skip("no tflite-micro: west update tflite-micro")
    options = [option.removeprefix("-D") for option in engine_options(found, zephyr.ROOT, engine)]
    conf = dict(option.split("=", 1) for option in options)
    return zephyr.build(board, conf | more, APPLICATION)


def score(
    board: str, engine: str, windows: NDArray[np.int8], folder: Path, **more: str
) -> tuple[bytes, str]:
    """Scores of windows, and the console; `more` is of the configuration."""
    program = build(board, engine, **more)
    command = [str(program.path)]
    if board in MACHINES:
        command = ["qemu-system-arm", *MACHINES[board], "-nographic", "-monitor", "none"]
        command += ["-semihosting-config", "enable=on,target=native", "-kernel", str(program.path)]
    (folder / "windows.bin").write_bytes(windows.tobytes())
    (folder / "scores.bin").touch()
    console = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=RUN_TIMEOUT_S,
    ).stdout
    assert f"{engine}: scored {len(windows)} windows" in console, console
    return (folder / "scores.bin").read_bytes(), console


@pytest.mark.parametrize(
    ("board", "engine"),
    [("native_sim", "compiled"), ("native_sim", "tflm"), ("qemu_cortex_m3", "compiled")],
)
def test_engine_gives_the_bytes_of_tflm(board, engine, scored, tmp_path):
    windows, expected = scored
    scores, _ = score(board, engine, windows, tmp_path)
    assert scores == expected.tobytes()


@pytest.mark.parametrize("streaming", ["y", "n"])
def test_a_network_that_streams_gives_the_bytes_of_tflm(streaming, tmp_path):
    model = Model.find(STREAMING)
    assert model.stream is not None
    windows = windows_of(model, streets(), WINDOWS // 4)
    more = {"CONFIG_SOUNDPOST_MODEL": f'"{STREAMING}"', "CONFIG_SOUNDPOST_STREAMING": streaming}
    scores, _ = score("qemu_cortex_m3", "compiled", windows, tmp_path, **more)
    assert scores == scores_of(model, windows).tobytes()


@pytest.mark.parametrize("board", KERNELS)
def test_interpreter_runs_in_the_arena_that_was_measured(board, model, tmp_path):
    windows = windows_of(model, streets(), 64)
    scores, console = score(board, "tflm", windows, tmp_path)
    assert scores == scores_of(model, windows).tobytes()
    used = re.search(r"Arena: (\d+) of (\d+) bytes", console)
    assert used is not None
    measured = arena_bytes(model.folder)[KERNELS[board]]
    assert int(used[1]) == measured, f"write it into {model.folder / 'tflm.json'}"
