# SPDX-License-Identifier: Apache-2.0
"""The sensor of core/, from Python: samples in, records out."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundpost._core import ffi, lib
from soundpost.errors import UserError
from soundpost.models.model import Model
from soundpost.settings import make_settings
from soundpost.uplink import make_link

TEXT_BYTES = 1 << 16


class Sensor:
    """The whole pipeline over a stream of samples, with a radio that is always free."""

    def __init__(
        self,
        model: Model,
        settings: Mapping[str, int] | None = None,
        region: str = "EU868",
        data_rate: int = 5,
        *,
        keep_columns: bool = False,
    ) -> None:
        """Begin.

        Args:
            model: what classifies.
            settings: by name, over the defaults.
            region: one of `soundpost.uplink.regions()`.
            data_rate: data rate of that region.
            keep_columns: collect log-mel columns for `take_columns`, which must then be called.

        Raises:
            UserError: if a setting, the region or the data rate does not exist.
        """
        link = make_link(region, data_rate)
        self.model = model
        recipe = model.recipe
        self._hop = recipe.frontend.hop
        self._bands = recipe.frontend.bands
        self._rest = np.empty(0, np.int16)
        self._text = ffi.new("char[]", TEXT_BYTES)
        # uint64 so that it is aligned
        self._arena = ffi.new("uint64_t[]", lib.sp_engine_arena_bytes(model.c) // 8 + 1)
        self._history = ffi.new("int16_t[]", recipe.frontend.fft_size + recipe.window)
        self._columns = ffi.new("int8_t[]", recipe.window * self._bands)
        self._runner = ffi.new("struct sp_runner *")
        ret = lib.sp_runner_init(
            self._runner,
            model.c,
            ffi.cast("int8_t *", self._arena),
            self._columns,
            self._history,
            make_settings(settings),
            link,
            self._text,
            TEXT_BYTES,
        )
        if ret < 0:
            raise UserError(f"model {recipe.name} does not fit the sensor ({ret})")
        self._keep_columns = keep_columns
        self._new_columns: list[NDArray[np.int8]] = []

    def lines(self, pcm: NDArray[np.int16]) -> Iterator[bytes]:
        """Take samples of any number, give the lines of JSON they complete, a hop's at a time.

        Args:
            pcm: samples at 16 kHz, shape (n,). What is left of a hop waits for the next ones.
        """
        pcm = np.concatenate([self._rest, pcm.astype(np.int16, copy=False)])
        hops = len(pcm) // self._hop
        self._rest = pcm[hops * self._hop :].copy()
        samples = ffi.from_buffer("int16_t[]", pcm)
        for hop in range(hops):
            yield self._take(lib.sp_runner_push(self._runner, samples + hop * self._hop))
            if self._keep_columns:
                self._keep_column()

    def finish(self) -> bytes:
        """End what is under way, and give the last lines."""
        return self._take(lib.sp_runner_finish(self._runner))

    def records(self, pcm: NDArray[np.int16]) -> Iterator[dict[str, Any]]:
        """As `lines`, but as mappings; the fields are listed in ports/README.md."""
        for text in self.lines(pcm):
            yield from map(json.loads, text.splitlines())

    @property
    def smoothed_q8(self) -> NDArray[np.uint16]:
        """Smoothed score of each class after the last window, in 1/65536, shape (classes,)."""
        smoothed = self._runner.sensor.detector.smoothed_q8
        return np.array(list(smoothed)[: len(self.model.recipe.classes)], np.uint16)

    def forget_scores(self) -> None:
        """The next window is the first one again that scores are smoothed over."""
        detector = self._runner.sensor.detector
        detector.scores_next = detector.scores_filled = 0

    @property
    def leader(self) -> int:
        """The class that leads after the last window; see sp_detector_leader()."""
        detector = ffi.addressof(self._runner.sensor, "detector")
        return int(lib.sp_detector_leader(detector, ffi.NULL))

    def take_columns(self) -> NDArray[np.int8]:
        """The columns made since the last call, shape (n, bands); none unless they are kept."""
        columns, self._new_columns = self._new_columns, []
        return np.array(columns, np.int8).reshape(-1, self._bands)

    def _take(self, ret: int) -> bytes:
        if ret < 0:
            raise AssertionError(f"the sensor stopped ({ret})")
        out = self._runner.out
        text = bytes(ffi.buffer(self._text, out.length))
        out.length = 0
        return text

    def _keep_column(self) -> None:
        if self._runner.sensor.samples < self.model.recipe.frontend.fft_size:
            return
        column = ffi.buffer(self._runner.column, self._bands)
        self._new_columns.append(np.frombuffer(bytes(column), np.int8))
