# SPDX-License-Identifier: Apache-2.0
"""From blocks of samples to everyone who wants to know."""

import json
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from soundpost.report import Report, Timeline
from soundpost.sensor import Sensor


class Listener:
    """Feeds a sensor, and hands its records to a timeline, a report and a file."""

    def __init__(
        self,
        sensor: Sensor,
        timeline: Timeline,
        report: Report | None,
        lines: Callable[[bytes], None] | None,
    ) -> None:
        """Begin; `lines` receives the JSONL as the sensor wrote it, byte for byte."""
        self._sensor = sensor
        self._timeline = timeline
        self._report = report
        self._lines = lines

    def run(self, blocks: Iterable[NDArray[np.int16]]) -> None:
        """Listen until the blocks end."""
        for block in blocks:
            for text in self._sensor.lines(block):
                self._take(text)
            columns = self._sensor.take_columns()
            if self._report is not None and len(columns):
                self._report.add_columns(columns)
        self._take(self._sensor.finish())

    def _take(self, text: bytes) -> None:
        if self._lines is not None:
            self._lines(text)
        for line in text.splitlines():
            record = json.loads(line)
            self._timeline.feed(record)
            if self._report is not None:
                self._report.feed(record)
