# SPDX-License-Identifier: Apache-2.0
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

from soundpost.audio import open_audio
from soundpost.frontend import Frontend, FrontendConfig, FrontendTables, normalised_window
from soundpost.synth.render import render_scene
from soundpost.synth.schedule import street_scene

HERE = Path(__file__).parent
# pytest's importlib mode leaves the helpers beside the tests out of the path
sys.path.insert(0, str(HERE))

settings.register_profile("soundpost", derandomize=True, deadline=None)
settings.load_profile("soundpost")

NETWORKS = sorted(path.stem for path in (HERE / "networks").glob("*.tflite"))


@pytest.fixture(params=NETWORKS)
def network_path(request: pytest.FixtureRequest) -> Path:
    """One of the committed networks."""
    return HERE / "networks" / f"{request.param}.tflite"


@cache
def street(seed: int) -> NDArray[np.int16]:
    return render_scene(street_scene(120.0, seed))[0]


def read(clip: Path) -> NDArray[np.int16]:
    with open_audio(clip) as source:
        return np.concatenate(list(source))


def windows_of(
    sounds: Iterable[NDArray[np.int16]], shape: tuple[int, ...], count: int
) -> NDArray[np.int8]:
    """Features of sounds, `count` windows of `shape`: columns, bands, and as channels what comes
    after.
    """
    columns, bands, channels = shape
    tables = FrontendTables.from_config(FrontendConfig(bands=bands))
    found: list[NDArray[np.int8]] = []
    for pcm in sounds:
        made = Frontend(tables).columns(pcm)
        length = columns * channels
        for start in range(0, len(made) - length + 1, columns // 2):
            window = normalised_window(made[start : start + length], "window_mean")
            found.append(window.reshape(channels, columns, bands).transpose(1, 2, 0))
            if len(found) == count:
                return np.array(found)
    raise AssertionError(f"only {len(found)} windows in all sounds")


Windows = Callable[[tuple[int, ...], int], NDArray[np.int8]]


@pytest.fixture(scope="session")
def street_windows() -> Windows:
    """Makes n windows of synthesised streets, of a shape: `street_windows(shape, n)`."""
    return lambda shape, count: windows_of((street(seed) for seed in range(1, 10)), shape, count)


@pytest.fixture(params=["street", "recordings"])
def windows(request: pytest.FixtureRequest, street_windows: Windows) -> Windows:
    """The same of streets, and of real recordings where they are here."""
    if request.param == "street":
        return street_windows
    clips = request.getfixturevalue("esc10_clips")
    return lambda shape, count: windows_of(map(read, clips), shape, count)
