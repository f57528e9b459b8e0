# SPDX-License-Identifier: Apache-2.0
"""Collects what a sensor says over a run, and writes it as one HTML file."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from soundpost.files import write_text
from soundpost.report.decimate import Decimated
from soundpost.report.page import render
from soundpost.report.units import SILENCE, UNKNOWN, Decode

Label = tuple[float, float, str]
"""Start and end in seconds, and what is heard: a line of an Audacity label track."""

TABLE_ROWS = 5000
"""Events, intervals and frames that a report lists: the last ones of each."""


class Report:
    """One run of a sensor, in bounded memory (under 25 MB, however long it lasts).

    Curves, ribbon and spectrogram are decimated to at most 4096 steps in time; tables hold the
    last `TABLE_ROWS` lines; totals count everything.
    """

    def __init__(
        self,
        title: str,
        model: str,
        classes: Sequence[str],
        *,
        band_hz: Sequence[float] = (),
        calibrated: bool = False,
        full_scale: str = "",
        settings: Mapping[str, object] | None = None,
    ) -> None:
        """Begin with nothing.

        Args:
            title: what was heard, mostly the file's name.
            model: name of the network.
            classes: its classes, in order of the scores.
            band_hz: centre frequencies of the mel bands in Hz; without them bands are numbered.
            calibrated: whether the user states that levels were set against a sound calibrator.
            full_scale: what digital full scale stands for, and who says so.
            settings: the sensor's settings by name, listed in the report.
        """
        self.title = title
        self.model = model
        self.classes = list(classes)
        self.band_hz = list(band_hz)
        self.calibrated = calibrated
        self.full_scale = full_scale
        self.settings = dict(settings or {})
        self.version = ""
        self.hop = 512
        self.window = 31
        self.samples = 0
        self.columns: Decimated | None = None
        # (LAF, -LAF) under a maximum is the greatest and the least of each step
        self.laf = Decimated(2, np.float32, np.fmax)
        self.windows = Decimated(len(self.classes) + 2, np.int32, np.add)
        self.confidence = Decimated(1, np.float32, np.fmax)
        self.window_times = (0, 0)
        self.laf_counts = np.zeros(20001, np.int64)
        self.lafmax: float | None = None
        self.energy = np.zeros(11)
        self.energy_samples = np.zeros(11, np.int64)
        self.flags: Counter[str] = Counter()
        self.active: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.events: deque[Mapping[str, Any]] = deque(maxlen=TABLE_ROWS)
        self.intervals: deque[Mapping[str, Any]] = deque(maxlen=TABLE_ROWS)
        self.frames: deque[Mapping[str, Any]] = deque(maxlen=TABLE_ROWS)

    def feed(self, record: Mapping[str, Any]) -> None:
        """Take one record of the sensor's JSONL."""
        # the radio may still be sending when the recording is over
        if record["type"] != "frame":
            self.samples = max(self.samples, record.get("t", 0))
        match record["type"]:
            case "start":
                self.version = record["version"]
                self.hop = record["hop"]
                self.window = record["window"]
            case "level":
                self._take_level(record["laf"], record["lafmax"])
            case "scores":
                self._take_window(record["t"], record["class"], record["confidence"])
            case "silence":
                self._take_window(record["t"], SILENCE, np.nan)
            case "event":
                self.counts["events"] += 1
                self.events.append(record)
            case "summary":
                self._take_summary(record)
            case "frame":
                self.counts["frames"] += 1
                self.counts["payload_bytes"] += len(record["hex"]) // 2
                self.counts["airtime_us"] += record["airtime_us"]
                self.frames.append(record)

    def add_columns(self, columns: npt.NDArray[np.int8]) -> None:
        """Take log-mel columns, shape (n, bands) in steps of 0.5 dB, oldest first."""
        if self.columns is None:
            self.columns = Decimated(columns.shape[1], np.int8, np.maximum)
        self.columns.extend(columns)
        self.samples = max(self.samples, len(self.columns) * self.hop)

    def write(
        self, path: Path, *, decode: Decode | None = None, labels: Iterable[Label] = ()
    ) -> None:
        """Write the report, whole or not at all.

        Args:
            path: the HTML file.
            decode: port and payload of a frame to text.
            labels: what is truly heard, where that is known.

        Raises:
            UserError: if the file cannot be written.
        """
        write_text(path, render(self, decode, list(labels)))

    def _take_level(self, laf: float | None, lafmax: float | None) -> None:
        value = np.nan if laf is None else laf
        self.laf.extend(np.array([[value, -value]], np.float32))
        if laf is not None:
            self.laf_counts[min(max(round(laf * 100), 0), 20000)] += 1
        if lafmax is not None:
            self.lafmax = lafmax if self.lafmax is None else max(self.lafmax, lafmax)

    def _take_window(self, t: int, name: str, confidence: float) -> None:
        known = [*self.classes, UNKNOWN]
        row = np.zeros((1, len(known) + 1), np.int32)
        row[0, known.index(name) if name in known else -1] = 1
        self.window_times = (self.window_times[0] if len(self.windows) else t, t)
        self.windows.extend(row)
        self.confidence.extend(np.array([[confidence]], np.float32))

    def _take_summary(self, record: Mapping[str, Any]) -> None:
        self.intervals.append(record)
        self.counts["intervals"] += 1
        self.active.update(record["active"])
        self.flags.update(name for name in ("overload", "under_range") if record[name])
        levels = [*record["octaves"], record["laeq"], record["lceq"], record["lzeq"]]
        for at, level in enumerate(levels):
            if level is not None:
                self.energy[at] += record["samples"] * 10 ** (level / 10)
                self.energy_samples[at] += record["samples"]

    @property
    def equivalent_levels(self) -> list[float | None]:
        """Energy means over all intervals: eight octave bands in LZeq, then LAeq, LCeq, LZeq."""
        return [
            float(10 * np.log10(energy / samples)) if samples and energy > 0 else None
            for energy, samples in zip(self.energy, self.energy_samples, strict=True)
        ]

    def laf_exceeded(self, percent: float) -> float | None:
        """The Fast level exceeded in `percent` of the whole run, to 0.01 dB."""
        total = int(self.laf_counts.sum())
        if not total:
            return None
        rank = np.ceil((100 - percent) / 100 * total)
        return int(np.searchsorted(np.cumsum(self.laf_counts), max(rank, 1))) / 100
