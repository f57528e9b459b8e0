# SPDX-License-Identifier: Apache-2.0
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

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


def smooth_windows(shape: tuple[int, ...], count: int, seed: int) -> NDArray[np.int8]:
    """Smooth int8 windows of mean zero, as log-mel columns without their mean are."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(count, *shape)).astype(np.float32)
    for axis in (1, 2):
        for _ in range(3):
            noise = noise + np.roll(noise, 1, axis)
    noise -= noise.mean(axis=(1, 2), keepdims=True)
    noise *= 40 / noise.std() * rng.uniform(0.2, 2, size=(count, 1, 1, 1)).astype(np.float32)
    return np.clip(np.round(noise), -128, 127).astype(np.int8)


@pytest.fixture
def windows():
    """Makes n windows of a shape that look like real ones: `windows(shape, n)`."""
    return lambda shape, count: smooth_windows(shape, count, seed=2)
