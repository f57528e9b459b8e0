# SPDX-License-Identifier: Apache-2.0
"""`soundpost bench`."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from soundpost.bench.mcu import count_bytes, count_instructions
from soundpost.files import check_outputs, write_text
from soundpost.models.model import DEFAULT_MODEL, Model, check_shipped
from soundpost.ports import Port


def bench(
    model: Annotated[str, typer.Option(help="Name of a model in models/.")] = DEFAULT_MODEL,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="JSON file to write, flat keys.")
    ] = Path("build/bench/bench.json"),
) -> None:
    """Count instructions and bytes on Cortex-M, and seconds on this machine."""
    from soundpost.bench.host import measure_host
    from soundpost.bench.training import measure_training

    check_shipped(model)
    check_outputs({"--output": output})
    console = Console(stderr=True)
    figures: dict[str, float] = {}
    with console.status("") as status:
        for port in (Port.CORTEX_M4F, Port.CORTEX_M3):
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
    write_text(output, json.dumps(figures, indent=2) + "\n")

    table = Table("figure", "value", title=f"{model}")
    table.columns[0].overflow = "fold"
    table.columns[1].justify = "right"
    for name, value in figures.items():
        table.add_row(name, f"{value:,}")
    Console().print(table)
    console.print(f"wrote {output}", markup=False)
