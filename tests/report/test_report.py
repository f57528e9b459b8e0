# SPDX-License-Identifier: Apache-2.0
"""The HTML report: whole, honest, escaped, and no bigger however long the run."""

import json
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundpost.errors import UserError
from soundpost.report import Report
from soundpost.report.document import TABLE_ROWS

sys.path.insert(0, str(Path(__file__).parent))
import fake_sensor as fake

VOID = {"meta", "img", "br", "hr", "link", "input"}


class Page(HTMLParser):
    """A page's text, tags and data; raises where tags do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.scripts: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        # HTML lets no tag of ours be left open
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)
        elif not (self.open and self.open[-1] == "style"):
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())

    @property
    def cursor(self) -> Any:
        def refuse(name: str) -> None:
            raise AssertionError(f"{name} in the data")

        return json.loads(self.scripts[0], parse_constant=refuse)


def decode(port: int, payload: bytes) -> str:
    return f"port {port} says {payload[:2].hex()}"


def run(seconds: float, **more: Any) -> Report:
    report = Report("street.wav", "stride_ds_24", fake.CLASSES, band_hz=fake.BAND_HZ, **more)
    for record in fake.records(seconds):
        report.feed(record)
    report.add_columns(fake.columns(seconds))
    return report


def page(report: Report, folder: Path, **more: Any) -> Page:
    path = folder / "out.html"
    report.write(path, **more)
    return Page(path.read_text("utf-8"))


def test_everything_is_in_it(tmp_path: Path) -> None:
    report = run(120, settings={"interval_s": 30})
    found = page(report, tmp_path, decode=decode, labels=fake.labels(120))
    for record in fake.records(120):
        if record["type"] == "frame":
            assert record["hex"] in found.words
            assert decode(record["port"], bytes.fromhex(record["hex"])) in found.words
        if record["type"] == "event":
            assert record["class"].replace("_", " ") in found.words
            assert f"{record['lae']:.1f}" in found.words
    for said in (
        "street.wav",
        "stride_ds_24",
        "designed after IEC 61672-1 and is not certified",
        "Audio never leaves the sensor",
        "3.84 MB of audio",
        "LAF / dB re 20 µPa",
        "Not calibrated",
        "Overload in 1 of 4 intervals",
        "interval_s",
    ):
        assert said in found.words
    assert len(found.cursor["events"]) == len(found.cursor["truth"]) == len(fake.SOUNDS)
    bars = [a for tag, a in found.tags if tag == "rect" and "bar" in (a["class"] or "").split()]
    assert len(bars) == 2 * len(fake.SOUNDS)


def test_it_asks_nothing_of_the_network(tmp_path: Path) -> None:
    found = page(run(10), tmp_path)
    for _, attributes in found.tags:
        assert not (attributes.get("src") or "data:").partition("data:")[0]
        assert "href" not in attributes
    policy = next(a for t, a in found.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert (policy["content"] or "").startswith("default-src 'none'")


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    run(20).write(tmp_path / "a.html")
    run(20).write(tmp_path / "b.html")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


HOSTILE = "</script><script>alert('1')</script><b a=\"{{ 7 * 7 }}\">&amp;"


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    classes = tuple(f"{HOSTILE}{i}" for i in range(len(fake.CLASSES)))
    report = Report(HOSTILE, HOSTILE, classes, settings={HOSTILE: HOSTILE})
    for record in fake.records(60, classes=classes):
        report.feed(record)
    found = page(report, tmp_path, decode=lambda port, payload: HOSTILE, labels=[(1, 2, HOSTILE)])
    clean = page(run(60), tmp_path, labels=[(1, 2, "x")])
    assert len(found.scripts) == len(clean.scripts) == 2
    assert all(not name.startswith("on") for _, a in found.tags for name in a)
    assert HOSTILE in found.words
    assert found.cursor["truth"][0][2] == HOSTILE


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_any_label_gives_a_whole_page(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    report = Report(text, text, [text or "a", "b"])
    found = page(report, tmp_path_factory.mktemp("any"), labels=[(0.0, 1.0, text)])
    assert len(found.scripts) == 2


def test_nothing_was_heard(tmp_path: Path) -> None:
    found = page(Report("empty.wav", "none", []), tmp_path)
    for said in ("No events", "No interval", "No frame", "00:00.0"):
        assert said in found.words
    assert "nan" not in found.words.lower()


@pytest.mark.parametrize("seconds", [0.1, 1, 1.5])
def test_a_short_run(tmp_path: Path, seconds: float) -> None:
    found = page(run(seconds), tmp_path)
    assert f"00:0{seconds:.1f}" in found.words


def test_levels_that_were_not_measured(tmp_path: Path) -> None:
    report = Report("silence.wav", "stride_ds_24", fake.CLASSES)
    for record in fake.records(60):
        lost = {k: None for k in record if k[:2] in ("la", "lc", "lz")}
        if "octaves" in record:
            lost["octaves"] = [None] * 8
        report.feed(record | lost)
    report.add_columns(np.full((1800, 60), -128, np.int8))
    path = tmp_path / "out.html"
    report.write(path)
    html = path.read_text("utf-8")
    assert set(Page(html).cursor["laf"]) == {None}
    markup = html.partition("</style>")[2].partition("<script")[0]
    assert "NaN" not in markup
    assert ">nan" not in markup
    assert '"nan' not in markup


def test_ten_hours_are_bounded(tmp_path: Path) -> None:
    report = Report("long.wav", "stride_ds_24", fake.CLASSES)
    for record in fake.records(36000, interval_s=300):
        report.feed(record)
    hour = np.tile(fake.columns(360), (10, 1))
    for _ in range(10):
        report.add_columns(hour)
    path = tmp_path / "out.html"
    report.write(path, decode=decode)
    assert path.stat().st_size < 5e6
    assert len(Page(path.read_text("utf-8")).cursor["laf"]) <= 4096


def test_the_busiest_hour_is_bounded(tmp_path: Path) -> None:
    """Noise that no encoder shrinks, a class that never lasts, something to report each second."""
    report = Report("busy.wav", "stride_ds_24", fake.CLASSES)
    some = {record["type"]: record for record in fake.records(30)}
    for second in range(3600):
        for at, name in enumerate(fake.CLASSES[:2]):
            t = 16000 * second + 8000 * (at + 1)
            report.feed(some["scores"] | {"t": t, "class": name})
        for kind in ("event", "frame", *["summary"] * (second % 10 == 9)):
            report.feed(some[kind] | {"t": t, "start": t - 8000, "samples": 160000})
        for at in range(8):
            laf = 50.0 + 40 * (at % 2)
            report.feed({"type": "level", "t": t - 2000 * at, "laf": laf, "lafmax": laf})
    noise = np.random.default_rng(5).integers(-128, 128, (112500, 60), np.int8)
    report.add_columns(noise)
    path = tmp_path / "out.html"
    report.write(path, decode=decode)
    assert path.stat().st_size < 5e6


def test_tables_keep_the_last_rows(tmp_path: Path) -> None:
    report = Report("busy.wav", "stride_ds_24", fake.CLASSES)
    event = next(r for r in fake.records(30) if r["type"] == "event")
    for at in range(TABLE_ROWS + 7):
        report.feed(event | {"t": 16000 * at, "start": 16000 * at})
    found = page(report, tmp_path)
    assert f"The last {TABLE_ROWS:,} of {TABLE_ROWS + 7:,} are listed" in found.words


@given(st.lists(st.floats(20, 120).map(lambda x: round(x, 2)), min_size=1, max_size=300))
@settings(max_examples=50, deadline=None, derandomize=True)
def test_exceeded_levels_are_numpy_s(levels: list[float]) -> None:
    report = Report("", "", [])
    for at, laf in enumerate(levels):
        report.feed({"type": "level", "t": 2000 * (at + 1), "laf": laf, "lafmax": laf})
    for percent in (10, 50, 90):
        expected = np.percentile(levels, 100 - percent, method="inverted_cdf")
        assert report.laf_exceeded(percent) == pytest.approx(expected, abs=0.001)
    assert report.lafmax == max(levels)


def test_equivalent_levels_are_means_of_energy() -> None:
    report = Report("", "", [])
    summary = next(r for r in fake.records(30) if r["type"] == "summary")
    for laeq, samples in ((60.0, 16000), (70.0, 48000), (None, 32000)):
        report.feed(summary | {"laeq": laeq, "samples": samples})
    assert report.equivalent_levels[8] == pytest.approx(10 * np.log10((1e6 + 3e7) / 4))


def test_a_frame_that_cannot_be_decoded_is_shown(tmp_path: Path) -> None:
    def refuse(port: int, payload: bytes) -> str:
        raise UserError("version 9 is unknown")

    assert "not decoded: version 9 is unknown" in page(run(30), tmp_path, decode=refuse).words


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="choose another place"):
        run(1).write(tmp_path / "file" / "out.html")
