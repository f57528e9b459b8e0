# SPDX-License-Identifier: Apache-2.0
"""Sample formats: bytes as they lie in a file or stream, and what they mean."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Signal = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SampleFormat:
    """One interleaved little-endian sample format.

    Attributes:
        name: ffmpeg's name of it, as s16le.
        size: bytes a sample.
        dtype: numpy's name of the type that holds a sample.
        middle: the value of silence.
        full_scale: what is divided by.
        top: the largest value that it holds, 1.0 being full scale; at or over it a sample is
            taken for clipped.
    """

    name: str
    size: int
    dtype: str
    middle: int
    full_scale: int
    top: float

    def decode(self, data: bytes) -> Signal:
        """Samples of `data` (a whole number of them) as float64, full scale being 1.0."""
        if self.name == "s24le":
            # each sample becomes the upper three bytes of a 32-bit one
            wide = np.zeros((len(data) // 3, 4), np.uint8)
            wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
            data = wide.tobytes()
        samples = np.frombuffer(data, self.dtype).astype(np.float64)
        return (samples - self.middle) / self.full_scale


# Float and wide samples become 16-bit ones, so what 16 bits cannot hold counts as clipped.
TOP_16 = 32767 / 32768

FORMATS = {
    f.name: f
    for f in (
        SampleFormat("u8", 1, "u1", 128, 2**7, 127 / 128),
        SampleFormat("s16le", 2, "<i2", 0, 2**15, TOP_16),
        SampleFormat("s24le", 3, "<i4", 0, 2**31, TOP_16),
        SampleFormat("s32le", 4, "<i4", 0, 2**31, TOP_16),
        SampleFormat("f32le", 4, "<f4", 0, 1, TOP_16),
        SampleFormat("f64le", 8, "<f8", 0, 1, TOP_16),
    )
}
