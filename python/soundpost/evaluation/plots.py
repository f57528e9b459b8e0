# SPDX-License-Identifier: Apache-2.0
"""Figures of an evaluation, for a page in light or dark, or for a file."""

import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, LINE, ACCENT, SECOND = "#16191d", "#5b636d", "#dcdfe3", "#0b5a8a", "#c2410c"
"""Colours of report/style.css.j2 in light; a page gets the variables in their place."""
VARIABLES = {INK: "ink", SOFT: "soft", LINE: "line", ACCENT: "accent", SECOND: "laeq"}

STYLE: Any = {
    "axes.edgecolor": SOFT,
    "axes.grid": True,
    "axes.labelcolor": SOFT,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.axisbelow": True,
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "savefig.transparent": True,
    "svg.fonttype": "none",
    # ids that are the same on every run
    "svg.hashsalt": "soundpost",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
}


def to_svg(figure: "Figure") -> str:
    """A figure as an element of a page, in the page's colours."""
    import matplotlib

    file = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with matplotlib.rc_context(STYLE):
        figure.savefig(file, format="svg", metadata=nothing)
    text = file.getvalue()
    svg = text[text.index("<svg") :]
    # the page has a style of its own, and a size
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.S)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = svg.replace("'DejaVu Sans'", "inherit")
    for colour, name in VARIABLES.items():
        svg = svg.replace(colour, f"var(--{name})")
    return svg


def start_figure(width: float, height: float) -> "tuple[Figure, Axes]":
    """A figure of one pair of axes, in the common style.

    Args:
        width: in inches, of which a page makes what fits.
        height: in inches.
    """
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.subplots()
    return figure, axes


def plot_classes(rows: Sequence[Mapping[str, Any]]) -> "Figure":
    """Precision and recall of each class; `rows` as metrics.by_class gives them."""
    figure, axes = start_figure(6.2, 0.9 + 0.26 * len(rows))
    places = range(len(rows))
    for place, row in zip(places, rows, strict=True):
        ends = [100 * row[key] for key in ("precision", "recall") if row[key] is not None]
        if len(ends) == 2:
            axes.plot(ends, [place, place], color=LINE, linewidth=2, zorder=1)
    for key, colour, marker in (("recall", ACCENT, "o"), ("precision", SECOND, "D")):
        known = [(100 * row[key], n) for n, row in enumerate(rows) if row[key] is not None]
        x, y = zip(*known, strict=True) if known else ((), ())
        axes.scatter(x, y, s=30, c=colour, marker=marker, label=key, zorder=2)
    axes.set(xlim=(-2, 102), ylim=(len(rows) - 0.5, -0.5), xlabel="per cent")
    axes.set_yticks(list(places), [row["name"].replace("_", " ") for row in rows])
    axes.grid(axis="y", visible=False)
    figure.legend(loc="outside upper right", ncols=2, frameon=False)
    return figure


def plot_unknown(unknown: Mapping[str, Any]) -> "Figure":
    """Precision over coverage, with the sensor's own threshold; see metrics.unknown_curve."""
    figure, axes = start_figure(4.6, 3.2)
    known = [point for point in unknown["curve"] if point["precision"] is not None]
    axes.plot(
        [100 * point["coverage"] for point in known],
        [100 * point["precision"] for point in known],
        color=ACCENT,
    )
    for point in known:
        if point["threshold"] == unknown["threshold"]:
            place = (100 * point["coverage"], 100 * point["precision"])
            axes.plot(*place, "o", color=SECOND)
            text = f"at {point['threshold']:.0%}"
            axes.annotate(text, place, (6, 6), textcoords="offset points", color=SECOND)
    axes.set(xlim=(0, 102), xlabel="coverage: clips named / %", ylabel="of them right / %")
    axes.set_ylim(top=102)
    return figure


def plot_calibration(calibration: Mapping[str, Any]) -> "Figure":
    """Accuracy over confidence; see metrics.calibration."""
    figure, axes = start_figure(4.6, 3.2)
    bins = calibration["bins"]
    most = max((part["clips"] for part in bins), default=1)
    axes.plot([0, 100], [0, 100], color=SOFT, linewidth=0.8, linestyle="--")
    axes.scatter(
        [100 * part["confidence"] for part in bins],
        [100 * part["accuracy"] for part in bins],
        s=[20 + 180 * part["clips"] / most for part in bins],
        c=ACCENT,
        alpha=0.85,
    )
    axes.set(xlim=(0, 102), ylim=(0, 102), xlabel="confidence / %", ylabel="of them right / %")
    return figure


def save(figure: "Figure", path: Path, kind: str) -> None:
    """Write a figure in the format that matplotlib calls `kind`."""
    import matplotlib

    with matplotlib.rc_context(STYLE):
        figure.savefig(path, format=kind, dpi=160, transparent=False)
