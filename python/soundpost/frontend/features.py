# SPDX-License-Identifier: Apache-2.0
"""Columns and windows, computed by core/frontend."""

import numpy as np
from numpy.typing import NDArray

from soundpost._core import ffi, lib
from soundpost.frontend.config import Normalisation, normalisation_in_c
from soundpost.frontend.tables import FrontendTables


class Frontend:
    """core/frontend over a stream of samples."""

    def __init__(self, tables: FrontendTables) -> None:
        """Begin with silence behind."""
        self.tables = tables
        self._c_tables, self._keep = tables.to_c()
        self._state = ffi.new("struct sp_frontend *")
        # room for any tables
        self._history = ffi.new("int16_t[]", lib.SP_FFT_MAX)
        self._scratch = ffi.new("uint64_t[]", lib.SP_FFT_MAX)
        if lib.sp_frontend_init(self._state, self._c_tables, self._history, self._scratch) < 0:
            raise AssertionError("core/frontend refuses tables that FrontendTables made")

    def columns(self, pcm: NDArray[np.int16]) -> NDArray[np.int8]:
        """Take samples, give the columns they complete.

        Args:
            pcm: samples at 16 kHz, shape (n,); what is left of a hop at the end is dropped.

        Returns:
            Columns, shape (count, bands). The first one comes when fft_size samples have.
        """
        config = self.tables.config
        pcm = np.ascontiguousarray(pcm, dtype=np.int16)
        hops = len(pcm) // config.hop
        out = np.empty((hops, config.bands), np.int8)
        samples = ffi.from_buffer("int16_t[]", pcm)
        values = ffi.from_buffer("int8_t[]", out)
        count = 0
        for start in range(0, hops * config.hop, config.hop):
            count += lib.sp_frontend_process(
                self._state, samples + start, values + count * config.bands
            )
        return out[:count]


def recording_columns(tables: FrontendTables, pcm: NDArray[np.int16]) -> NDArray[np.int8]:
    """All columns of a recording: those of `Frontend(tables).columns(pcm)`, several times faster.

    Args:
        tables: of the front end.
        pcm: samples at 16 kHz, shape (n,); what is left of a hop at the end is dropped.

    Returns:
        Columns, shape (count, bands).
    """
    c_tables, _keep = tables.to_c()
    pcm = np.ascontiguousarray(pcm, dtype=np.int16)
    out = np.empty((len(pcm) // tables.config.hop, tables.config.bands), np.int8)
    count = lib.sp_frontend_columns(
        c_tables,
        ffi.from_buffer("int16_t[]", pcm),
        len(pcm),
        ffi.new("struct sp_frontend_batch *"),
        ffi.from_buffer("int8_t[]", out),
    )
    return out[:count]


def running_mean(columns: NDArray[np.int8], span: int) -> NDArray[np.int8]:
    """Columns of recordings, each less the mean of the `span` columns that end with it.

    By core/frontend, from a fresh start for each recording.

    Args:
        columns: shape (n, count, bands), oldest first.
        span: columns of the mean, 1 to 1024.
    """
    out = np.array(columns, np.int8, order="C")
    number, count, bands = out.shape
    mean, sums = ffi.new("struct sp_running_mean *"), ffi.new("int16_t[]", span)
    values = ffi.from_buffer("int8_t[]", out)
    for start in range(0, number * count * bands, count * bands):
        lib.sp_running_mean_init(mean, sums, span, bands)
        lib.sp_running_mean_process(mean, values + start, count)
    return out


def kept_columns(
    columns: NDArray[np.int8], window: int, normalisation: Normalisation
) -> NDArray[np.int8]:
    """A recording's columns as the sensor keeps them for its windows.

    Args:
        columns: shape (count, bands), from the recording's beginning on.
        window: columns of a window.
        normalisation: "running_mean" gives them less that, the others as they are.
    """
    if normalisation != "running_mean":
        return columns
    return np.asarray(running_mean(columns[np.newaxis], window)[0])


def normalised_window(columns: NDArray[np.int8], normalisation: Normalisation) -> NDArray[np.int8]:
    """The network's input for a window, by core/frontend.

    Args:
        columns: shape (count, bands), oldest first.
        normalisation: "window_mean" gives the columns less their mean, the others as they are; a
            running mean is taken away before, by `kept_columns`.
    """
    return np.asarray(normalised_windows(columns[np.newaxis], normalisation)[0])


def normalised_windows(windows: NDArray[np.int8], normalisation: Normalisation) -> NDArray[np.int8]:
    """The network's inputs for windows, shape (n, count, bands); see `normalised_window`."""
    windows = np.ascontiguousarray(windows, dtype=np.int8)
    number, count, bands = windows.shape
    how = normalisation_in_c(normalisation)
    out = np.empty_like(windows)
    columns, inputs = (ffi.from_buffer("int8_t[]", array) for array in (windows, out))
    for start in range(0, number * count * bands, count * bands):
        lib.sp_frontend_window(columns + start, count, bands, 0, how, inputs + start)
    return out
