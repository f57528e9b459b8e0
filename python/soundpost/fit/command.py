# SPDX-License-Identifier: Apache-2.0
"""`soundpost fit`."""

import json
import math
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from soundpost.errors import UserError
from soundpost.fit.answer import Answer, answer
from soundpost.fit.devices import find_device
from soundpost.fit.energy import day_mah, most_airtime
from soundpost.fit.firmware import estimate_footprint, read_build
from soundpost.fit.load import find_load, read_figures
from soundpost.hardware.boards import BOARDS, find_board
from soundpost.models.model import DEFAULT_MODEL, Model
from soundpost.ports import repository

#: Saft LS 33600, a lithium thionyl chloride D cell: nominal capacity of its data sheet
BATTERY_MAH = 17_000.0
BENCH = Path("build/bench/bench.json")


def _figure(value: float, unit: str) -> str:
    return f"{value:.1f} %" if unit == "%" else f"{value:,.0f} {unit}"


def _limits(result: Answer) -> Table:
    verdict = "it fits" if result.fits else "it does not fit"
    image = result.footprint
    title = f"{result.board.name} with {image.model}, {image.engine}: {verdict}"
    table = Table(title=title, title_justify="left")
    for name in ("what", "takes", "of", "by"):
        table.add_column(name, justify="right" if name in ("takes", "of") else "left")
    for check in result.checks:
        style = None if check.fits else "red"
        takes, limit = (_figure(value, check.unit) for value in (check.figure, check.limit))
        table.add_row(check.name, takes, limit, check.source, style=style)
    return table


def _day(result: Answer) -> Table:
    table = Table(
        title=f"charge of a day, at {result.share.likely:.1%} of the CPU",
        caption="typical currents at 25 °C by documents, not measured on a board",
        title_justify="left",
        caption_justify="left",
        show_footer=True,
    )
    table.add_column("part", "all", no_wrap=True)
    table.add_column("mA", justify="right")
    table.add_column("hours", justify="right")
    table.add_column("mAh", f"{day_mah(result.draws):.1f}", justify="right")
    table.add_column("current by")
    for draw in result.draws:
        numbers = (f"{draw.current.ma:g}", f"{draw.seconds / 3600:.3f}", f"{draw.mah:.2f}")
        table.add_row(draw.part, *numbers, draw.current.document)
    return table


def _memories(result: Answer) -> str:
    """Where the memories are from, which may be another device's with the same ones."""
    wanted, found = result.board.device, result.device.name
    twin = "" if found.lower() == wanted.lower() else f", in place of {wanted}"
    return f"memories of {found}{twin}: {result.device.source}"


def _show(result: Answer, battery_mah: float) -> None:
    console = Console()
    console.print(_memories(result), markup=False, soft_wrap=True)
    console.print(_limits(result), markup=False)
    console.print(_day(result), markup=False)
    share, life = result.share, result.life_days
    joules = day_mah(result.draws) * 3.6 * result.board.volts
    stacks = result.footprint.stack_bytes
    lines = [
        f"CPU {share.likely:.1%} of {result.board.clock_hz / 1e6:.0f} MHz, from {share.low:.1%} to"
        f" {share.high:.1%}: {result.load.instructions / 1e6:.2f} M instructions a second",
        f"{joules:,.0f} J a day at {result.board.volts:g} V; a battery of {battery_mah:,.0f} mAh"
        f" lasts {life.likely:,.0f} days, from {life.low:,.0f} to {life.high:,.0f}",
        f"{result.region}: the radio sends {result.airtime.seconds:g} s a day at most, as"
        f" {result.airtime.frames:,} frames",
    ]
    if stacks is not None:
        lines.append(f"{stacks:,} bytes of the RAM are stacks")
    for line in lines:
        console.print(line, markup=False, highlight=False)


def fit(
    board: Annotated[str, typer.Option(help=f"One of {', '.join(BOARDS)}.")],
    build_dir: Annotated[
        Path | None, typer.Option(help="Folder of the firmware's build; else an estimate.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Name or folder of a model; else the build's, or the first.")
    ] = None,
    pack: Annotated[
        Path | None, typer.Option(help="CMSIS pack, .pdsc or .pack; else an installed one, pyOCD.")
    ] = None,
    figures: Annotated[
        Path | None, typer.Option(help=f"JSON of soundpost bench; else {BENCH} where it is.")
    ] = None,
    region: Annotated[str | None, typer.Option(help="LoRaWAN region; else the build's.")] = None,
    data_rate: Annotated[
        int | None, typer.Option("--dr", help="Uplink data rate; else the one of most frames.")
    ] = None,
    battery_mah: Annotated[
        float, typer.Option(help="Charge that the battery gives.")
    ] = BATTERY_MAH,
    least_days: Annotated[
        float | None, typer.Option("--days", help="Fail if the battery does not last so long.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell whether the whole application fits a board: memory, CPU, energy, battery.

    Exit code 1 if it does not.
    """
    for name, number in (("--battery-mah", battery_mah), ("--days", least_days)):
        if number is not None and not (math.isfinite(number) and number > 0):
            raise UserError(f"{name} {number}: give a number over 0")
    kind = find_board(board)
    ledger_path = repository() / "ci" / "budget.json"
    ledger = read_figures(ledger_path)
    sources = {"ci/budget.json": ledger}
    if figures is not None or BENCH.is_file():
        path = figures or BENCH
        sources = {str(path): read_figures(path), **sources}

    image = read_build(build_dir, kind) if build_dir is not None else None
    if image is not None and model is not None and Path(model).name != image.model:
        raise UserError(f"--model {model}: {build_dir} has {image.model}; leave one of them out")
    network = Model.find(model or (image.model if image else DEFAULT_MODEL))
    image = image or estimate_footprint(ledger, kind, network)
    region = region or image.region or "EU868"
    result = answer(
        kind,
        find_device(kind.device, kind.target, pack),
        image,
        find_load(network, image.engine, sources),
        region,
        most_airtime(region, data_rate),
        battery_mah,
        least_days,
    )
    if as_json:
        typer.echo(json.dumps(result.to_json(), indent=2))
    else:
        _show(result, battery_mah)
    for check in result.checks:
        if not check.fits:
            takes, limit = (_figure(value, check.unit) for value in (check.figure, check.limit))
            typer.echo(f"{check.name}: {takes} of {limit}; {check.mend}", err=True)
    if not result.fits:
        raise typer.Exit(1)
