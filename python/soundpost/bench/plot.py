# SPDX-License-Identifier: Apache-2.0
"""The engines against the budget, as a picture."""

from collections.abc import Sequence
from pathlib import Path

from soundpost.bench.costs import Cost
from soundpost.files import whole_file


def plot_engines(costs: Sequence[Cost], budget: int | None, title: str, path: Path) -> None:
    """Write a bar of instructions for each engine and core, and a line where the budget is.

    Args:
        costs: of whole inferences.
        budget: instructions of the compiled network on a Cortex-M4F, None to leave the line out.
        title: over all.
        path: PNG file.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 1.2 + 0.4 * len(costs)), layout="constrained")
    axes = figure.subplots()
    names = [f"{cost.core}, {cost.engine}" for cost in costs]
    bars = axes.barh(names, [cost.instructions / 1e6 for cost in costs], color="#3b6ea5")
    axes.bar_label(bars, fmt="%.2f", padding=3)
    if budget is not None:
        axes.axvline(budget / 1e6, color="#c44536", linestyle="--", label="budget, m4f")
        figure.legend(loc="outside upper right")
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel("million instructions an inference")
    axes.set_title(title)
    with whole_file(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)
