# SPDX-License-Identifier: Apache-2.0
"""The numbers behind the figures."""

import io
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import image

from soundpost.report import figures
from soundpost.report.decimate import Decimated
from soundpost.report.png import png
from soundpost.report.units import clock, size

QUICK = settings(max_examples=60, deadline=None, derandomize=True)


@given(st.lists(st.integers(0, 5000), max_size=6), st.sampled_from([np.maximum, np.add]))
@QUICK
def test_decimation_depends_on_the_rows_alone(lengths: list[int], pool: np.ufunc) -> None:
    rows = np.random.default_rng(3).integers(-50, 50, (sum(lengths), 2))
    parts, whole = Decimated(2, np.int64, pool), Decimated(2, np.int64, pool)
    for part in np.split(rows, np.cumsum(lengths)):
        parts.extend(part)
    whole.extend(rows)
    assert (parts.rows() == whole.rows()).all()
    assert len(parts) == len(rows)
    expected = [
        pool.reduce(rows[at : at + whole.factor]) for at in range(0, len(rows), whole.factor)
    ]
    assert (whole.rows() == np.reshape(expected, (-1, 2))).all()
    assert len(whole.rows()) <= Decimated.CAPACITY


@given(st.integers(1, 40), st.integers(1, 40))
@QUICK
def test_matplotlib_reads_our_png(height: int, width: int) -> None:
    pixels = np.random.default_rng(4).integers(0, 256, (height, width), np.uint8)
    read = image.imread(io.BytesIO(png(pixels, figures.palette())))
    assert (np.round(read[:, :, :3] * 255) == figures.palette()[pixels]).all()


@given(st.floats(0.1, 1e7))
@QUICK
def test_time_ticks_lie_on_the_axis(total: float) -> None:
    ticks = figures.time_ticks(total)
    assert 1 <= len(ticks) <= 13
    assert all(0 <= tick.at <= 100 for tick in ticks)
    assert len({tick.text for tick in ticks}) == len(ticks)


@given(st.lists(st.tuples(st.floats(0, 99), st.floats(0.1, 30)), max_size=60))
@QUICK
def test_labels_never_meet(pairs: list[tuple[float, float]]) -> None:
    spans = [figures.Span(a, a + b, "name", "", "k0") for a, b in pairs]
    bars = figures.lay_out(spans, 100)
    assert len(bars) == len(spans)
    for row in range(4):
        mine = [bar for bar in bars if bar.row == row]
        for before, after in itertools.pairwise(mine):
            assert before.left + before.room <= after.left + 1e-9


def test_the_level_curve_breaks_where_nothing_was_measured() -> None:
    laf = np.array([60, 61, np.nan, 62, np.nan])
    line, area = figures.level_paths(np.stack([laf, -laf], 1), 1, 5, 70)
    assert line == "M1 10.0L2 9.0M4 8.0"
    assert area == ""
    line, area = figures.level_paths(np.array([[60.0, -50.0], [61.0, -51.0]]), 4, 7, 70)
    assert line == "M1 10.0L1.75 9.0"
    assert area == "M1 10.0L1.75 9.0L1.75 19.0L1 20.0Z"


@pytest.mark.parametrize(
    ("samples", "text"),
    [(0, "00:00.0"), (16000 * 59.96, "01:00.0"), (16000 * 3723.4, "1:02:03.4")],
)
def test_clock(samples: float, text: str) -> None:
    assert clock(samples) == text


def test_size() -> None:
    assert [size(n) for n in (0, 999, 1100, 3_840_000)] == [
        "0 bytes",
        "999 bytes",
        "1.10 kB",
        "3.84 MB",
    ]


def test_frequency_axis() -> None:
    bands = [tick.text for tick in figures.frequency_ticks([], 60)]
    assert bands == ["0", "20", "40"]
    hertz = figures.frequency_ticks(np.linspace(100, 8000, 60).tolist(), 60)
    assert [tick.text for tick in hertz] == ["125", "500", "1 k", "2 k", "4 k", "8 k"]
    assert all(a.at > b.at for a, b in itertools.pairwise(hertz))
