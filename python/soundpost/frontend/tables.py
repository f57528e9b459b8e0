# SPDX-License-Identifier: Apache-2.0
"""The numbers of a front end: window, twiddles and mel filters, as core/frontend wants them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundpost._core import ffi
from soundpost.errors import UserError
from soundpost.frontend.config import SAMPLE_RATE, FrontendConfig
from soundpost.frontend.mel import mel_corners

STEPS_PER_DB = 2
"""Steps of a column's values in a decibel."""


def _twiddles(size: int, exponents: NDArray[np.int_]) -> NDArray[np.int32]:
    """exp(-2 pi i k / size) of each exponent k in Q31, shape (count, 2); 1 becomes 2^31 - 1."""
    angle = -2.0 * np.pi * exponents / size
    values = np.stack([np.cos(angle), np.sin(angle)], axis=1) * 2.0**31
    return np.clip(np.rint(values), -(2**31), 2**31 - 1).astype(np.int32)


def _hann_rise(size: int) -> NDArray[np.int16]:
    """The rising half of the periodic Hann window in Q15, shape (size / 2 + 1,)."""
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(size // 2 + 1) / size)
    return np.minimum(np.rint(window * 2.0**15), 2**15 - 1).astype(np.int16)


@dataclass(frozen=True)
class FrontendTables:
    """Numbers of one front end; the arrays are those of `struct sp_frontend_tables`.

    Attributes:
        config: the choices they were made from.
        zero_q8: step of a column's value that stands for a mel power of 0 dB, Q8.
        first_bin: first bin of the lowest filter.
        window: int16 (fft_size / 2 + 1,), Q15.
        twiddles: int32 (3 fft_size / 8, 2), Q31, three for a butterfly.
        split: int32 (fft_size / 4 + 1, 2), Q31.
        segments: uint16 (bands + 1,), bins between neighbouring corners.
        weights: uint16 (sum of segments,), Q15.
        gains_q8: int16 (bands,), Q8 of a step.
    """

    config: FrontendConfig
    zero_q8: int
    first_bin: int
    window: NDArray[np.int16]
    twiddles: NDArray[np.int32]
    split: NDArray[np.int32]
    segments: NDArray[np.uint16]
    weights: NDArray[np.uint16]
    gains_q8: NDArray[np.int16]

    @classmethod
    def from_config(cls, config: FrontendConfig) -> "FrontendTables":
        """Compute the tables.

        The step for 0 dB is such that the greatest power a bin of the loudest band can hold,
        that of direct current at full scale, is the highest step, 127. A sine at full scale lies
        6 dB, 12 steps, below.

        Raises:
            UserError: if a band is so narrow that it holds no bin.
        """
        size, bands = config.fft_size, config.bands
        corners = mel_corners(bands, config.fmin, config.fmax, config.mel_scale)
        # a bin at fmax itself has weight zero in every filter
        frequencies = np.arange(size // 2 + 1) * (SAMPLE_RATE / size)
        segment_of_bin = np.searchsorted(corners, frequencies, side="right") - 1
        inside = (segment_of_bin >= 0) & (segment_of_bin <= bands)
        bins = np.flatnonzero(inside)
        segment = segment_of_bin[bins]
        rise = (frequencies[bins] - corners[segment]) / np.diff(corners)[segment]
        weights = np.rint(rise * 2.0**15).astype(np.uint16)
        segments = np.bincount(segment, minlength=bands + 1).astype(np.uint16)

        power_of = np.zeros(bands + 1)
        np.add.at(power_of, segment, rise)
        fall_of = np.zeros(bands + 1)
        np.add.at(fall_of, segment, 1.0 - rise)
        empty = np.flatnonzero((power_of[:-1] + fall_of[1:]) == 0.0)
        if empty.size:
            raise UserError(
                f"frontend bands is {bands}: band {empty[0]} lies between two bins of an FFT of "
                f"{size}; take fewer bands or a longer FFT"
            )

        gains_db = np.zeros(bands)
        if config.norm == "slaney":
            gains_db = 10.0 * np.log10(2.0 / (corners[2:] - corners[:-2]))
        highest_db = 20.0 * np.log10(size / 2) + gains_db.max()
        return cls(
            config=config,
            zero_q8=round(256 * (127 - STEPS_PER_DB * highest_db)),
            first_bin=int(bins[0]),
            window=_hann_rise(size),
            twiddles=_twiddles(size // 2, np.outer(np.arange(size // 8), [1, 2, 3]).ravel()),
            split=_twiddles(size, np.arange(size // 4 + 1)),
            segments=segments,
            weights=weights,
            gains_q8=np.rint(256 * STEPS_PER_DB * gains_db).astype(np.int16),
        )

    def to_c(self) -> tuple[Any, list[Any]]:
        """A `struct sp_frontend_tables *`, and what must be kept alive as long as it."""
        arrays = {
            "window": ffi.from_buffer("int16_t[]", self.window),
            "twiddles": ffi.from_buffer("struct sp_twiddle[]", self.twiddles),
            "split": ffi.from_buffer("struct sp_twiddle[]", self.split),
            "segments": ffi.from_buffer("uint16_t[]", self.segments),
            "weights": ffi.from_buffer("uint16_t[]", self.weights),
            "gains_q8": ffi.from_buffer("int16_t[]", self.gains_q8),
        }
        sizes = {
            "fft_size": self.config.fft_size,
            "hop": self.config.hop,
            "bands": self.config.bands,
            "first_bin": self.first_bin,
            "zero_q8": self.zero_q8,
        }
        return ffi.new("struct sp_frontend_tables *", {**sizes, **arrays}), list(arrays.values())

    def to_db(self, columns: NDArray[np.int8]) -> NDArray[np.float64]:
        """Mel power in dB (librosa's scale) that column values stand for; any shape."""
        return (columns.astype(np.float64) - self.zero_q8 / 256) / STEPS_PER_DB
