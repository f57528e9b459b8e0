# SPDX-License-Identifier: Apache-2.0
"""`soundpost bench`."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from soundpost.bench.costs import Cost, derived_figures, inference_costs, layer_costs
from soundpost.bench.mcu import count_bytes, count_instructions
from soundpost.bench.plot import plot_engines
from soundpost.files import check_outputs, write_text
from soundpost.fit.load import read_figures
from soundpost.hardware.boards import Board, find_board
from soundpost.hardware.cycles import CYCLES_PER_INSTRUCTION
from soundpost.models.model import DEFAULT_MODEL, Model, check_shipped
from soundpost.ports import Port, repository

PORTS = (Port.CORTEX_M4F, Port.CORTEX_M3)
COMPILED = "compiled"


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _table(costs: Iterable[Cost], board: Board, title: str) -> Table:
    table = Table(title=title, title_justify="left", caption_justify="left")
    model = CYCLES_PER_INSTRUCTION
    table.caption = (
        f"cycles: {model.likely:g} an instruction ({model.low:g} to {model.high:g}); ms and µJ:"
        f" {board.name},"
        f" {board.clock_hz / 1e6:.0f} MHz, {board.currents.run.ma:g} mA at {board.volts:g} V"
    )
    table.add_column("core")
    table.add_column("engine", overflow="fold")
    for name in ("instructions", "cycles", "ms", "µJ", "arena", "code", "weights"):
        table.add_column(name, justify="right", no_wrap=True)
    for cost in costs:
        on_board = cost.core == "m4f"
        table.add_row(
            cost.core,
            f"{cost.engine} {cost.layer}".rstrip(),
            _number(cost.instructions),
            _number(round(cost.cycles.likely)),
            f"{cost.milliseconds(board).likely:.2f}" if on_board else "",
            f"{cost.microjoules(board).likely:.0f}" if on_board else "",
            *map(_number, (cost.arena_bytes, cost.code_bytes, cost.weight_bytes)),
        )
    return table


def bench(
    model: Annotated[str, typer.Option(help="Name of a model in models/.")] = DEFAULT_MODEL,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="JSON file to write, flat keys.")
    ] = Path("build/bench/bench.json"),
    board_name: Annotated[
        str, typer.Option("--board", help="Board whose clock and currents count.")
    ] = "nucleo_l476rg",
    layers: Annotated[bool, typer.Option("--layers", help="Show a row a layer.")] = False,
    plot: Annotated[
        Path | None, typer.Option(help="PNG file of the engines against the budget.")
    ] = None,
) -> None:
    """Count instructions and bytes on Cortex-M, and seconds on this machine."""
    from soundpost.bench.host import measure_host
    from soundpost.bench.training import measure_training

    board = find_board(board_name)
    check_shipped(model)
    check_outputs({"--output": output, **({} if plot is None else {"--plot": plot})})
    console = Console(stderr=True)
    figures: dict[str, float] = {}
    with console.status("") as status:
        for port in PORTS:
            status.update(f"counting instructions on {port.value} under QEMU")
            figures |= count_instructions(port, model)
        status.update("counting bytes")
        figures |= count_bytes(Port.CORTEX_M4F, model)
        status.update("timing this machine")
        figures |= measure_host(Model.find(model))
        status.update("timing a few steps of training")
        trained, skipped = measure_training(Model.find(model).folder / "recipe.yaml")
        figures |= {name: round(value, 1) for name, value in trained.items()}
    if skipped:
        console.print(skipped, markup=False)
    figures |= derived_figures(figures, board)
    write_text(output, json.dumps(figures, indent=2) + "\n")

    costs = list(inference_costs(figures))
    show = Console()
    if layers:
        show.print(_table(layer_costs(figures, model), board, f"{model}, layer by layer"))
    table = Table("figure", "value", title=f"{model}")
    table.columns[0].overflow = "fold"
    table.columns[1].justify = "right"
    for name, value in figures.items():
        if ".inference." not in name:
            table.add_row(name, f"{value:,}")
    show.print(table)
    show.print(_table(costs, board, f"{model}, one inference"))
    if plot is not None:
        ledger = read_figures(repository() / "ci" / "budget.json")
        budget = ledger.get(f"m4f.inference.{model}.{COMPILED}.instructions")
        plot_engines(costs, None if budget is None else int(budget), model, plot)
        console.print(f"wrote {plot}", markup=False)
    console.print(f"wrote {output}", markup=False)
