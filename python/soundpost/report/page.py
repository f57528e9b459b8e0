# SPDX-License-Identifier: Apache-2.0
"""Turns a collected run into the HTML page."""

import base64
import hashlib
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import jinja2
import numpy as np

from soundpost.report import figures
from soundpost.report.figures import Span
from soundpost.report.units import (
    FAST_SAMPLES,
    NONE,
    RATE_HZ,
    SILENCE,
    UNKNOWN,
    Decode,
    airtime,
    clock,
    db,
    meaning,
    size,
)

if TYPE_CHECKING:
    from soundpost.report.document import Label, Report

_COLOURS = 14


def render(report: "Report", decode: Decode | None, labels: Sequence["Label"]) -> str:
    """The whole page, which needs nothing else."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("soundpost.report", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"clock": clock, "db": db, "size": size, "airtime": airtime}
    environment.filters |= {"words": _words, "colour": partial(_colour, report)}
    script = environment.get_template("script.js.j2").render()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment.get_template("report.html.j2").render(
        report=report,
        script=script,
        script_hash=digest,
        headline=_headline(report),
        equivalent=_equivalent_levels(report),
        sources=_sources(report),
        frames=[(frame, meaning(decode, frame)) for frame in report.frames],
        **_tracks(report, labels),
    )


def _words(name: str) -> str:
    return name.replace("_", " ")


def _colour(report: "Report", name: str) -> str:
    """The style class of a class: its own colour, or grey."""
    if name in report.classes:
        return f"k{report.classes.index(name) % _COLOURS}"
    return "ku" if name == UNKNOWN else "ks"


def _label_colour(report: "Report", text: str) -> str:
    """The colour of the class that a label names at its beginning, if it does."""
    said = text.strip().lower().replace(" ", "_")
    named = [c for c in report.classes if said.startswith(c.lower())]
    return _colour(report, max(named, key=len)) if named else "kn"


def _headline(report: "Report") -> list[tuple[str, str, str]]:
    """Name, value and unit of the figures at the top."""
    top = max(report.active, key=lambda name: report.active[name], default="")
    hours = report.samples >= 3600 * RATE_HZ
    spent = report.counts["airtime_us"]
    share = 100e-6 * spent * RATE_HZ / report.samples if report.samples else 0
    return [
        ("Duration", clock(report.samples, 0 if hours else 1), "h" if hours else "min"),
        ("LAeq", db(report.equivalent_levels[8]), "dB"),
        ("LAFmax", db(report.lafmax), "dB"),
        ("LAF10", db(report.laf_exceeded(10)), "dB"),
        ("LAF90", db(report.laf_exceeded(90)), "dB"),
        ("Top class", _words(top) or NONE, f"{report.active[top]:.1f} s" if top else ""),
        ("Events", f"{report.counts['events']:,}", ""),
        ("Airtime", airtime(spent), f"{share:.3f} % of the time"),
    ]


def _equivalent_levels(report: "Report") -> dict[str, Any]:
    """Bars of the octave bands and of the broadband levels, as per cent of a common axis."""
    names = [*figures.OCTAVES_HZ, "A", "C", "Z"]
    levels = report.equivalent_levels
    low, high = figures.level_range([level - 5 for level in levels if level is not None])
    high = max(high, figures.level_range(levels)[1])
    bars = [
        (name, db(level), 0 if level is None else 100 * (level - low) / (high - low))
        for name, level in zip(names, levels, strict=True)
    ]
    return {"bands": bars[:8], "totals": bars[8:], "ticks": figures.level_ticks(low, high)}


def _sources(report: "Report") -> list[tuple[str, str, float, int]]:
    """Each class that was active or in an event: name, colour, seconds, events."""
    events: dict[str, int] = {}
    for event in report.events:
        events[event["class"]] = events.get(event["class"], 0) + 1
    names = [n for n in report.classes if report.active[n] > 0 or n in events]
    names += [n for n in events if n not in names]
    found = [(n, _colour(report, n), float(report.active[n]), events.get(n, 0)) for n in names]
    return sorted(found, key=lambda source: (-source[2], -source[3]))


def _tracks(report: "Report", labels: Sequence["Label"]) -> dict[str, Any]:
    """Everything that hangs on the time axis."""
    total = max(report.samples, 1)
    total_s = total / RATE_HZ
    events = [
        Span(
            event["start"] / RATE_HZ,
            (event["start"] + event["duration"]) / RATE_HZ,
            _words(event["class"]),
            f"{clock(event['start'])} {_words(event['class'])} {event['confidence']:.2f},"
            f" LAFmax {db(event['lafmax'])} dB",
            _colour(report, event["class"]),
        )
        for event in report.events
    ]
    truth = [
        Span(start, end, _words(text), f"{clock(start * RATE_HZ)} {text}", colour)
        for start, end, text in labels
        for colour in [_label_colour(report, text)]
    ]
    laf = report.laf.rows()
    peaks = laf[:, 0] if len(laf) else np.array([], np.float32)
    ribbon = _ribbon(report, total)
    return {
        "total": total,
        "ticks": figures.time_ticks(total_s),
        "spectrogram": _spectrogram(report, total),
        "level": _level(report, total),
        "ribbon": ribbon,
        "events": figures.lay_out(events, total_s),
        "truth": figures.lay_out(truth, total_s),
        "cursor": {
            "total": total_s,
            "laf": [None if np.isnan(v) else round(float(v), 1) for v in peaks],
            "lafStep": report.laf.factor * FAST_SAMPLES / RATE_HZ,
            "names": ribbon["names"],
            "classes": ribbon["classes"],
            "confidence": ribbon["confidence"],
            "classStart": ribbon["left"] * total_s / 100,
            "classStep": ribbon["step_s"],
            "events": [[round(e.start, 2), round(e.end, 2), e.text] for e in events],
            "truth": [[round(e.start, 2), round(e.end, 2), e.text] for e in truth],
        },
    }


def _spectrogram(report: "Report", total: int) -> dict[str, Any] | None:
    if report.columns is None or not len(report.columns):
        return None
    columns = report.columns.rows()
    image, span = figures.spectrogram(columns)
    return {
        "image": image,
        "span": span,
        "width": 100 * min(len(report.columns) * report.hop / total, 1.0),
        "ticks": figures.frequency_ticks(report.band_hz, columns.shape[1]),
        "axis": "Frequency / Hz" if report.band_hz else "Mel band",
    }


def _level(report: "Report", total: int) -> dict[str, Any]:
    rows, factor, count = report.laf.rows(), report.laf.factor, len(report.laf)
    known = rows[~np.isnan(rows[:, 0])]
    edges = [float(known[:, 0].max()), -float(known[:, 1].max())] if len(known) else []
    low, high = figures.level_range(
        [*edges, *(level for i in report.intervals for level in (i["laf10"], i["laf90"]))]
    )
    line, area = figures.level_paths(rows, factor, count, high)
    return {
        "line": line,
        "area": area,
        "steps": max(count, 1) / factor,
        "width": 100 * count * FAST_SAMPLES / total,
        "low": low,
        "high": high,
        "ticks": figures.level_ticks(low, high),
        "step_s": factor * FAST_SAMPLES / RATE_HZ,
        "intervals": [
            (100 * (i["t"] - i["samples"]) / total, 100 * i["samples"] / total, i)
            for i in report.intervals
        ],
    }


def _ribbon(report: "Report", total: int) -> dict[str, Any]:
    """The class of each step; a window is drawn at its middle."""
    rows, count, factor = report.windows.rows(), len(report.windows), report.windows.factor
    first, last = report.window_times
    length = report.window * report.hop
    hop = (last - first) / (count - 1) if count > 1 else length
    left = max(first - (length + hop) / 2, 0)
    names = [*report.classes, UNKNOWN, SILENCE]
    classes = [int(c) for c in rows.argmax(axis=1)] if count else []
    return {
        "left": 100 * left / total,
        "width": 100 * min(count * hop, total - left) / total,
        "steps": max(count, 1) / factor,
        "runs": [(at, n, names[c]) for at, n, c in figures.same(classes)],
        "names": [_words(name) for name in names],
        "legend": [(n, _colour(report, n)) for c, n in enumerate(names) if c in set(classes)],
        "classes": classes,
        "confidence": [
            None if np.isnan(v) else round(float(v), 2) for v in report.confidence.rows()[:, 0]
        ],
        "step_s": factor * hop / RATE_HZ,
    }
