# SPDX-License-Identifier: Apache-2.0
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import settings
from numpy.typing import NDArray

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


def recordings(datasets: Path | None) -> Iterator[NDArray[np.int16]]:
    """Clips of ESC-10 if they are here, else synthesised streets."""
    if datasets is None:
        yield from (render_scene(street_scene(120.0, seed))[0] for seed in range(1, 10))
        return
    for path in sorted((datasets / "esc10" / "audio").glob("*.flac")):
        yield soundfile.read(path, dtype="int16")[0]


def real_windows(shape: tuple[int, ...], count: int, datasets: Path | None) -> NDArray[np.int8]:
    """Features of real sound, `count` windows of `shape`: columns, bands, and as channels what
    comes after.
    """
    columns, bands, channels = shape
    tables = FrontendTables.from_config(FrontendConfig(bands=bands))
    found: list[NDArray[np.int8]] = []
    for pcm in recordings(datasets):
        made = Frontend(tables).columns(pcm)
        length = columns * channels
        for start in range(0, len(made) - length + 1, columns // 2):
            window = normalised_window(made[start : start + length])
            found.append(window.reshape(channels, columns, bands).transpose(1, 2, 0))
            if len(found) == count:
                return np.array(found)
    raise AssertionError(f"only {len(found)} windows in all recordings")


@pytest.fixture
def windows(found_datasets: Path | None) -> Callable[[tuple[int, ...], int], NDArray[np.int8]]:
    """Makes n real windows of a shape: `windows(shape, n)`."""
    return lambda shape, count: real_windows(shape, count, found_datasets)
