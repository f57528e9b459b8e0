# SPDX-License-Identifier: Apache-2.0
"""`soundpost bench`."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from soundpost.bench.costs import derived_figures, inference_costs, layer_costs
from soundpost.bench.engines import ENGINES, count_engines
from soundpost.bench.mcu import COMPILED
from soundpost.bench.plot import plot_engines
from soundpost.bench.tables import cost_table, figure_table, layer_table, target_table
from soundpost.bench.targets import ratios, targets
from soundpost.errors import require
from soundpost.files import check_outputs, write_text
from soundpost.fit.load import read_figures
from soundpost.hardware.boards import find_board
from soundpost.models.model import DEFAULT_MODEL, Model, check_shipped, shipped_models
from soundpost.ports import repository


def _models(asked: list[str] | None) -> list[str]:
    """Those asked for, else all, the default one first."""
    for name in asked or ():
        check_shipped(name)
    others = [name for name in shipped_models() if name != DEFAULT_MODEL]
    return list(dict.fromkeys(asked or [DEFAULT_MODEL, *others]))


def _measure_host(model: str, console: Console) -> dict[str, float]:
    from soundpost.bench.host import measure_host
    from soundpost.bench.training import measure_training

    with console.status("timing this machine") as status:
        figures = measure_host(Model.find(model))
        status.update("timing a few steps of training")
        trained, skipped = measure_training(Model.find(model).folder / "recipe.yaml")
    if skipped:
        console.print(skipped, markup=False)
    return figures | {name: round(value, 1) for name, value in trained.items()}


def bench(
    model: Annotated[
        list[str] | None,
        typer.Option(help="Name of a model in models/; may be repeated.  [default: all]"),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="JSON file to write, flat keys.")
    ] = Path("build/bench/bench.json"),
    engine: Annotated[
        list[str] | None,
        typer.Option(help=f"One of {', '.join(ENGINES)}; may be repeated.  [default: all]"),
    ] = None,
    board_name: Annotated[
        str, typer.Option("--board", help="Board whose clock and currents count.")
    ] = "nucleo_l476rg",
    layers: Annotated[bool, typer.Option("--layers", help="Show a row a layer.")] = False,
    host: Annotated[bool, typer.Option(help="Time this machine too.")] = True,
    plot: Annotated[
        Path | None, typer.Option(help="PNG file of the engines against the budget.")
    ] = None,
) -> None:
    """Count instructions and bytes on Cortex-M, and seconds on this machine.

    TFLM is counted where a Zephyr workspace has its sources. Exit code 1 if the engines' outputs
    differ by a byte.
    """
    engines = list(dict.fromkeys(engine or ENGINES))
    for name in engines:
        require("--engine", name, name in ENGINES, f"one of {', '.join(ENGINES)}")
    board = find_board(board_name)
    models = _models(model)
    check_outputs({"--output": output, **({} if plot is None else {"--plot": plot})})
    console = Console(stderr=True)
    results = count_engines(models, engines, console)
    figures = results.figures | (_measure_host(models[0], console) if host else {})
    figures |= derived_figures(figures, board)
    figures |= ratios(figures)
    write_text(output, json.dumps(figures, indent=2) + "\n")

    costs = list(inference_costs(figures))
    show = Console()
    show.print(figure_table(figures))
    for name in models:
        if layers:
            show.print(layer_table(layer_costs(figures, name), board, f"{name}, layer by layer"))
        rows = (cost for cost in costs if cost.model == name)
        show.print(cost_table(rows, board, f"{name}, one inference"))
    for skipped, reason in results.skipped.items():
        show.print(f"{skipped} skipped: {reason}", markup=False, soft_wrap=True)
    show.print(target_table(target for name in models for target in targets(figures, name)))
    if plot is not None:
        ledger = read_figures(repository() / "ci" / "budget.json")
        keys = {name: f"m4f.inference.{name}.{COMPILED}.instructions" for name in models}
        plot_engines(
            costs, {name: ledger[key] for name, key in keys.items() if key in ledger}, plot
        )
        console.print(f"wrote {plot}", markup=False)
    console.print(f"wrote {output}", markup=False)
    for fault in results.faults:
        console.print(fault, markup=False, soft_wrap=True)
    if results.faults:
        raise typer.Exit(1)
    console.print("the outputs of all engines are equal, byte for byte", markup=False)
