# SPDX-License-Identifier: Apache-2.0
"""The sound level meter of core/level, with numpy in and out."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from soundpost._core import ffi, lib
from soundpost.errors import UserError

OCTAVES_HZ = (31.5, 63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0)


class Fast(NamedTuple):
    """One Fast interval of 125 ms; levels in dB, NaN where there was no energy."""

    end: int
    """Samples since the start at its end."""
    energy_a: int
    """A-weighted mean square; a sine at full scale has 2^44 (see soundpost/types.h)."""
    laf: float
    lafmax: float


class LevelSummary(NamedTuple):
    """Levels of one interval in dB, NaN where nothing was measured; see soundpost/types.h."""

    samples: int
    laeq: float
    lafmax: float
    lafmin: float
    laf10: float
    laf50: float
    laf90: float
    lceq: float
    lzeq: float
    lzeq_octave: tuple[float, ...]
    overload: bool
    under_range: bool


def _decibels(cdb: int) -> float:
    return float("nan") if cdb == lib.SP_LEVEL_NONE else cdb / 100


class LevelMeter:
    """A sound level meter for 16 kHz mono samples."""

    def __init__(self, full_scale_db: float = 120.0, under_range_db: float = 30.0) -> None:
        """Begin with silence behind.

        Args:
            full_scale_db: level of a sine at full scale, -300 to 300 dB.
            under_range_db: lower end of the range, -300 to 300 dB.

        Raises:
            UserError: if an argument is out of range.
        """
        self._level = ffi.new("struct sp_level *")
        self._fast = ffi.new("struct sp_fast *")
        config = self._config(full_scale_db, under_range_db)
        self._checked(lib.sp_level_init(self._level, config))

    @staticmethod
    def _config(full_scale_db: float, under_range_db: float) -> object:
        values = {
            "full_scale_cdb": round(full_scale_db * 100),
            "under_range_cdb": round(under_range_db * 100),
        }
        return ffi.new("struct sp_level_config *", values)

    @staticmethod
    def _checked(ret: int) -> None:
        if ret < 0:
            raise UserError("a level of the meter's settings is out of range; use -300 to 300 dB")

    def configure(self, full_scale_db: float, under_range_db: float) -> None:
        """Change calibration and range while running.

        Raises:
            UserError: if an argument is out of range; nothing is changed.
        """
        config = self._config(full_scale_db, under_range_db)
        self._checked(lib.sp_level_set_config(self._level, config))

    def process(self, pcm: npt.NDArray[np.int16]) -> Iterator[Fast]:
        """Measure samples, and give every Fast interval as it ends.

        Args:
            pcm: int16, shape (n,), any n, 16 kHz. It is read as far as the iterator is drained.
        """
        pcm = np.ascontiguousarray(pcm, dtype=np.int16)
        for start in range(0, len(pcm), lib.SP_LEVEL_COUNT_MAX):
            part = pcm[start : start + lib.SP_LEVEL_COUNT_MAX]
            samples = ffi.from_buffer("int16_t[]", part)
            if lib.sp_level_process(self._level, samples, len(part), self._fast) > 0:
                fast = self._fast
                yield Fast(fast.end, fast.energy_a, _decibels(fast.laf), _decibels(fast.lafmax))

    def measure(self, pcm: npt.NDArray[np.int16]) -> list[Fast]:
        """As `process`, all at once."""
        return list(self.process(pcm))

    def summarize(self) -> LevelSummary:
        """Close the interval and begin a new one."""
        s = ffi.new("struct sp_level_summary *")
        lib.sp_level_summarize(self._level, s)
        return LevelSummary(
            samples=s.samples,
            laeq=_decibels(s.laeq),
            lafmax=_decibels(s.lafmax),
            lafmin=_decibels(s.lafmin),
            laf10=_decibels(s.laf10),
            laf50=_decibels(s.laf50),
            laf90=_decibels(s.laf90),
            lceq=_decibels(s.lceq),
            lzeq=_decibels(s.lzeq),
            lzeq_octave=tuple(_decibels(cdb) for cdb in s.lzeq_octave),
            overload=s.overload,
            under_range=s.under_range,
        )
