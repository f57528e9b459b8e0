# SPDX-License-Identifier: Apache-2.0
"""What was counted, as tables."""

from collections.abc import Iterable, Mapping

from rich.box import SIMPLE_HEAD
from rich.table import Table

from soundpost.bench.costs import Cost
from soundpost.bench.mcu import STREAMING
from soundpost.bench.targets import Target
from soundpost.hardware.boards import Board
from soundpost.hardware.cycles import (
    CYCLES_PER_INSTRUCTION,
    CYCLES_PER_TFLM_INSTRUCTION,
    Estimate,
)


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _range(estimate: Estimate) -> str:
    return f"{estimate.likely:g} ({estimate.low:g} to {estimate.high:g})"


def _table(title: str, board: Board, columns: Iterable[str]) -> Table:
    caption = (
        f"cycles an instruction: {_range(CYCLES_PER_INSTRUCTION)}; of TFLM"
        f" {_range(CYCLES_PER_TFLM_INSTRUCTION)}. ms and µJ:"
        f" {board.name}, {board.clock_hz / 1e6:.0f} MHz,"
        f" {board.currents.run.ma:g} mA at {board.volts:g} V"
    )
    table = Table(
        "core, engine",
        title=title,
        caption=caption,
        title_justify="left",
        caption_justify="left",
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=0,
    )
    table.columns[0].overflow = "fold"
    for name in ("instructions", "Mcycles", "ms", "µJ", *columns):
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _row(cost: Cost, board: Board) -> tuple[str, ...]:
    on_board = cost.core == "m4f"
    return (
        f"{cost.core} {cost.engine} {cost.layer}".rstrip(),
        f"{cost.instructions:,}",
        f"{cost.cycles.likely / 1e6:.3f}",
        f"{cost.milliseconds(board).likely:.1f}" if on_board else "",
        f"{cost.microjoules(board).likely:.0f}" if on_board else "",
    )


def cost_table(costs: Iterable[Cost], board: Board, title: str) -> Table:
    """A row an engine and core."""
    table = _table(title, board, ("arena", "stack", "code", "weights"))
    for cost in costs:
        sizes = (cost.arena_bytes, cost.stack_bytes, cost.code_bytes, cost.weight_bytes)
        table.add_row(*_row(cost, board), *map(_number, sizes))
    return table


def layer_table(costs: Iterable[Cost], board: Board, title: str) -> Table:
    """A row a layer."""
    rows = list(costs)
    if any(cost.engine == STREAMING for cost in rows):
        title = f"{title}; the body of streaming for one chunk of columns"
    table = _table(title, board, ("RAM", "weights"))
    for cost in rows:
        sizes = (cost.arena_bytes, cost.weight_bytes)
        table.add_row(*_row(cost, board), *map(_number, sizes))
    return table


def figure_table(figures: Mapping[str, float]) -> Table:
    """All that is of no single network's inference."""
    table = Table("figure", "value")
    table.columns[0].overflow = "fold"
    table.columns[1].justify = "right"
    for name, value in figures.items():
        if ".inference." not in name:
            table.add_row(name, f"{value:,}")
    return table


def target_table(targets: Iterable[Target]) -> Table:
    """What is meant to hold of the compiled network on a Cortex-M4F, and whether it does."""
    title = "targets of compiled on m4f; ratios are to tflm-cmsis-nn"
    table = Table("network", "figure", title=title, title_justify="left")
    table.add_column("measured", justify="right")
    table.add_column("at most", justify="right")
    table.add_column()
    for target in targets:
        style = None if target.holds else "red"
        numbers = (f"{target.figure:,}", f"{target.limit:,}")
        verdict = "holds" if target.holds else "missed"
        table.add_row(target.model, target.what, *numbers, verdict, style=style)
    return table
