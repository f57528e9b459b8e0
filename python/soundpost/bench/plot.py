# SPDX-License-Identifier: Apache-2.0
"""The engines against the budget, as a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from soundpost.bench.costs import Cost
from soundpost.files import whole_file


def plot_engines(costs: Sequence[Cost], budgets: Mapping[str, float], path: Path) -> None:
    """Write a bar of instructions for each engine and core, a panel a network.

    Args:
        costs: of whole inferences.
        budgets: instructions that the compiled network may take on a Cortex-M4F, by network; a
            line where there is one.
        path: PNG file.
    """
    from matplotlib.figure import Figure

    models = list(dict.fromkeys(cost.model for cost in costs))
    panels = [[cost for cost in costs if cost.model == model] for model in models]
    heights = [1.0 + 0.35 * len(panel) for panel in panels]
    figure = Figure(figsize=(8, 0.6 + sum(heights)), layout="constrained")
    grid = figure.subplots(len(models), squeeze=False, height_ratios=heights)
    handles = []
    for axes, model, panel in zip(grid[:, 0], models, panels, strict=True):
        names = [f"{cost.core}, {cost.engine}" for cost in panel]
        bars = axes.barh(names, [cost.instructions / 1e6 for cost in panel], color="#3b6ea5")
        axes.bar_label(bars, fmt="%.2f", padding=3)
        if model in budgets:
            line = axes.axvline(budgets[model] / 1e6, color="#c44536", linestyle="--")
            handles = [line]
        axes.invert_yaxis()
        axes.margins(x=0.12)
        axes.set_title(model, loc="left")
    grid[-1, 0].set_xlabel("million instructions an inference")
    if handles:
        figure.legend(handles, ["budget, m4f compiled"], loc="outside upper right")
    with whole_file(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)
