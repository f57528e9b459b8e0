# SPDX-License-Identifier: Apache-2.0
"""The console timeline: plain lines in a log, a panel on a terminal."""

import io
import sys
from pathlib import Path

from rich.console import Console

from soundpost.report import Timeline

sys.path.insert(0, str(Path(__file__).parent))
import fake_sensor as fake

EXPECTED = """\
  00:00.0  start    stride_ds_24, 10 classes
  00:01.5  level    LAF  52.7 dB  silence
  00:09.2  level    LAF  53.2 dB  unknown 0.02
  00:12.3  level    LAF  74.5 dB  siren 0.78
  00:20.2  event    siren 0.85  from 00:11.0 for 8.5 s  LAFmax 78.5 dB  LAE 85.3 dB
  00:20.2  frame    port 2  DR5  46.3 ms  4 bytes  10899d00
                    first line
                    second line
  00:21.0  level    LAF  54.6 dB  unknown 0.02
  00:27.1  level    LAF  75.5 dB  car_horn 0.78
  00:28.9  event    car_horn 0.64  from 00:26.0 for 2.2 s  LAFmax 76.5 dB  LAE 77.4 dB
  00:28.9  frame    port 2  DR5  46.3 ms  4 bytes  10199900
                    first line
                    second line
  00:29.7  level    LAF  50.9 dB  unknown 0.02
  00:30.0  summary  LAeq 71.5  LAFmax 78.5  LAF10 76.8  LAF90 52.1 dB  siren 0.80  2 events
  00:30.0  frame    port 1  DR5  61.7 ms  12 bytes  1000fe9d0009110305060708
                    first line
                    second line
  00:37.3  level    LAF  79.8 dB  jackhammer 0.78
"""


def show(seconds: float, **more: object) -> str:
    out = io.StringIO()
    console = Console(file=out, width=100, **more)  # type: ignore[arg-type]
    with Timeline(console, fake.CLASSES, decode=lambda port, data: "first line\nsecond line") as t:
        for record in fake.records(seconds):
            t.feed(record)
    return out.getvalue()


def test_plain_lines() -> None:
    assert show(40) == EXPECTED


def test_a_terminal_gets_a_panel_and_the_same_lines() -> None:
    shown = show(40, force_terminal=True)
    assert "last 60 s" in shown
    for line in EXPECTED.splitlines():
        assert line in shown


def test_an_hour_is_no_flood() -> None:
    assert len(show(3600).splitlines()) < 3600


def test_control_characters_do_not_reach_the_terminal() -> None:
    out = io.StringIO()
    with Timeline(Console(file=out), ["a"]) as timeline:
        for t in (0, 16000):
            timeline.feed(
                {
                    "type": "scores",
                    "t": t,
                    "class": "\x1b[31m[red]x",
                    "confidence": 0.5,
                    "scores": [1],
                    "smoothed": [1],
                }
            )
    assert "\x1b" not in out.getvalue()
    assert "[red]x" in out.getvalue()


def test_what_was_not_measured_is_a_dash() -> None:
    out = io.StringIO()
    with Timeline(Console(file=out), [], every_s=1) as timeline:
        timeline.feed({"type": "level", "t": 16000, "laf": None, "lafmax": None})
    assert out.getvalue() == "  00:01.0  level    LAF     – dB\n"
