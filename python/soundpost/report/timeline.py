# SPDX-License-Identifier: Apache-2.0
"""The console view of a sensor that listens: lines that scroll, and a live panel below them."""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from soundpost.report.units import RATE_HZ, Decode, airtime, clock, db, meaning, printable

_LOW_DB, _HIGH_DB = 30.0, 110.0
_REDRAW_S = 0.1
_SLOT = RATE_HZ * 3 // 2
_STYLES = {"event": "bold yellow", "summary": "cyan", "frame": "green", "level": ""}


class Timeline:
    """Prints what is worth a line, and on a terminal draws a panel of the present below.

    Lines: each event, summary and frame, each class that holds for two windows in a row, and the
    level when nothing was said for `every_s`. Memory is constant.
    """

    def __init__(
        self,
        console: Console,
        classes: Sequence[str],
        *,
        decode: Decode | None = None,
        live: bool | None = None,
        every_s: float = 10.0,
    ) -> None:
        """Begin with nothing.

        Args:
            console: where to print.
            classes: names of the network's classes, in order of the scores.
            decode: port and payload of a frame to text.
            live: draw the panel; by default if `console` is a terminal.
            every_s: longest time without a line, in seconds of audio.
        """
        self._console = console
        self._classes = [printable(name) for name in classes]
        self._decode = decode
        self._every = int(every_s * RATE_HZ)
        self._now = 0
        self._said = 0
        self._laf: float | None = None
        self._peaks: deque[tuple[int, float]] = deque(maxlen=40)
        self._class = self._shown = ""
        self._confidence: float | None = None
        self._smoothed: Sequence[int] = ()
        self._counts = {"event": 0, "frame": 0, "airtime_us": 0}
        self._drawn = 0.0
        self._live: Live | None = None
        if console.is_terminal if live is None else live:
            self._live = Live(
                console=console, auto_refresh=False, transient=True, get_renderable=self._panel
            )

    def __enter__(self) -> Self:
        """Begin to draw."""
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the panel away; the lines stay."""
        if self._live:
            self._live.stop()

    def feed(self, record: Mapping[str, Any]) -> None:
        """Take one record of the sensor's JSONL."""
        self._now = record.get("t", self._now)
        match record["type"]:
            case "start":
                self._say("start", f"{record['model']}, {len(record['classes'])} classes")
            case "level":
                self._laf = record["laf"]
                self._take_peak(_LOW_DB if self._laf is None else self._laf)
                if self._now - self._said >= self._every:
                    self._say_level()
            case "scores":
                self._smoothed = record["smoothed"]
                self._take_class(record["class"], record["confidence"])
            case "silence":
                self._smoothed = ()
                self._take_class("silence", None)
            case "event" | "summary" | "frame" as kind:
                self._say(kind, getattr(self, f"_{kind}")(record))
        if self._live and time.monotonic() - self._drawn >= _REDRAW_S:
            self._live.refresh()
            self._drawn = time.monotonic()

    def _say(self, kind: str, text: str) -> None:
        first, *more = printable(text).splitlines() or [""]
        lines = [f"{clock(self._now):>9}  {kind:<8} {first}", *(f"{'':20}{m}" for m in more)]
        line = Text("\n".join(lines), style=_STYLES.get(kind, ""))
        self._console.print(line, soft_wrap=True, highlight=False)
        self._said = self._now

    def _say_level(self) -> None:
        self._say("level", f"LAF {db(self._laf):>5} dB  {self._named(self._shown)}".rstrip())

    def _named(self, name: str) -> str:
        return name if self._confidence is None else f"{name} {self._confidence:.2f}"

    def _take_class(self, name: str, confidence: float | None) -> None:
        held = name == self._class
        self._class, self._confidence = name, confidence
        if held and name != self._shown:
            self._shown = name
            self._say_level()

    def _take_peak(self, laf: float) -> None:
        slot = self._now // _SLOT
        if self._peaks and self._peaks[-1][0] == slot:
            laf = max(laf, self._peaks.pop()[1])
        self._peaks.append((slot, laf))

    def _event(self, record: Mapping[str, Any]) -> str:
        self._counts["event"] += 1
        return (
            f"{record['class']} {record['confidence']:.2f}  from {clock(record['start'])}"
            f" for {record['duration'] / RATE_HZ:.1f} s"
            f"  LAFmax {db(record['lafmax'])} dB  LAE {db(record['lae'])} dB"
        )

    def _summary(self, record: Mapping[str, Any]) -> str:
        flags = [name for name in ("overload", "under_range") if record[name]]
        return "  ".join(
            [
                *(f"{key} {db(record[key.lower()])}" for key in ("LAeq", "LAFmax", "LAF10")),
                f"LAF90 {db(record['laf90'])} dB",
                f"{record['top_class']} {record['confidence']:.2f}",
                f"{record['events']} event{'' if record['events'] == 1 else 's'}",
                *(flag.replace("_", " ") for flag in flags),
            ]
        )

    def _frame(self, record: Mapping[str, Any]) -> str:
        self._counts["frame"] += 1
        self._counts["airtime_us"] += record["airtime_us"]
        head = (
            f"port {record['port']}  DR{record['dr']}  {airtime(record['airtime_us'])}"
            f"  {len(record['hex']) // 2} bytes  {record['hex']}"
        )
        return f"{head}\n{meaning(self._decode, record)}"

    def _panel(self) -> Panel:
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", justify="right")
        table.add_column(justify="right", min_width=8)
        table.add_column()
        level = _LOW_DB if self._laf is None else self._laf
        loudness = (level - _LOW_DB) / (_HIGH_DB - _LOW_DB)
        table.add_row("LAF", f"{db(self._laf)} dB", self._bar(loudness, "green"))
        table.add_row("last 60 s", "", self._sparkline())
        ranked = sorted(zip(self._smoothed, self._classes, strict=False), reverse=True)[:3]
        for score, name in ranked:
            table.add_row(Text(name), f"{score / 256:.2f}", self._bar(score / 256, "magenta"))
        for _ in range(3 - len(ranked)):
            table.add_row("", "", "")
        counts = (
            f"{self._counts['event']} events   {self._counts['frame']} frames"
            f"   {airtime(self._counts['airtime_us'])} on air"
        )
        title = Text(f" {clock(self._now)}  {printable(self._shown)} ", style="bold")
        return Panel(Group(table), title=title, title_align="left", subtitle=counts, width=72)

    def _bar(self, part: float, style: str) -> Text:
        cells = round(40 * min(max(part, 0.0), 1.0))
        full, empty = ("#", ".") if self._console.options.ascii_only else ("█", "░")
        return Text.assemble((full * cells, style), (empty * (40 - cells), "dim"))

    def _sparkline(self) -> Text:
        """The greatest LAF of each 1.5 s in turn."""
        steps = " .:-=+*#" if self._console.options.ascii_only else "▁▂▃▄▅▆▇█"
        parts = [(peak - _LOW_DB) / (_HIGH_DB - _LOW_DB) for _, peak in self._peaks]
        text = "".join(steps[round(min(max(p, 0.0), 1.0) * (len(steps) - 1))] for p in parts)
        return Text(text, style="green")
