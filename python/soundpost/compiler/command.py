# SPDX-License-Identifier: Apache-2.0
"""soundpost compile."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from soundpost.compiler.compile import Compiled, compile_network
from soundpost.compiler.emit import emit_header, emit_source
from soundpost.compiler.report import (
    TABLE_COLUMNS,
    hop_text,
    report,
    report_streamed,
    report_table,
)
from soundpost.compiler.stream.compile import Streamed, stream
from soundpost.compiler.stream.rows import CannotStreamError
from soundpost.files import write_text
from soundpost.generated import check_c_name


def compile_command(
    model: Annotated[Path, typer.Argument(help="A .tflite file, full int8.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", help="Folder for NAME.c and NAME.h.")
    ] = Path(),
    name: Annotated[
        str | None, typer.Option(help="Name of the network in C; by default the file's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the costs as JSON.")] = False,
    streaming: Annotated[
        bool,
        typer.Option(
            help="Write the form that computes only what is new in a window, if there is one. It"
            " needs columns that do not change with their window: none less the window's mean."
        ),
    ] = False,
) -> None:
    """Compile a .tflite network to C tables for core/nn, with a static memory plan."""
    stem = check_c_name(name if name is not None else model.stem.lower().replace("-", "_"))
    compiled = _compile(model, streaming)
    write_text(out / f"{stem}.h", emit_header(compiled, stem))
    write_text(out / f"{stem}.c", emit_source(compiled, stem))
    if as_json:
        costs = report_streamed(compiled) if isinstance(compiled, Streamed) else report(compiled)
        typer.echo(json.dumps(costs, indent=2))
        return
    console = Console()
    console.width = max(console.width, TABLE_COLUMNS)
    if isinstance(compiled, Streamed):
        console.print(report_table(compiled.body, f"body, for {compiled.columns} columns"))
        console.print(report_table(compiled.head, "head, once a window"))
        console.print(hop_text(compiled), markup=False, soft_wrap=True)
    else:
        console.print(report_table(compiled))
    console.print(f"wrote {out / stem}.c and {out / stem}.h", markup=False, soft_wrap=True)


def _compile(model: Path, streaming: bool) -> Compiled | Streamed:
    """The form of a network that is asked for, or the windowed one if it cannot stream."""
    windowed = compile_network(model)
    if not streaming:
        return windowed
    try:
        return stream(windowed)
    except CannotStreamError as error:
        typer.echo(f"{error}; written is the windowed form", err=True)
        return windowed
