# SPDX-License-Identifier: Apache-2.0
"""Writing 16 kHz mono WAV."""

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

from soundpost.files import whole_file


def write_wav(path: str | Path, pcm: npt.NDArray[np.int16]) -> None:
    """Write `pcm` (one dimension, 16 kHz mono) to `path`, whole or not at all.

    Raises:
        UserError: if the folder of `path` cannot be written.
    """
    with whole_file(Path(path)) as temporary, wave.open(str(temporary), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(pcm.astype("<i2", copy=False).tobytes())
