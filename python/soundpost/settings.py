# SPDX-License-Identifier: Apache-2.0
"""A sensor's settings, as core/settings lists them."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

import typer
from rich.console import Console
from rich.table import Table

from soundpost._core import ffi, lib
from soundpost.errors import UserError


class SettingInfo(NamedTuple):
    """What is known of one setting; see soundpost/settings.h."""

    key: int
    name: str
    unit: str
    meaning: str
    min: int
    max: int
    default: int


def known_settings() -> list[SettingInfo]:
    """All settings, in the order of SP_SETTINGS."""
    infos = []
    for index in range(lib.sp_settings_count()):
        info = lib.sp_settings_info(index)
        name, unit, meaning = (ffi.string(t).decode() for t in (info.name, info.unit, info.meaning))
        default = getattr(info, "def")
        infos.append(SettingInfo(info.key, name, unit, meaning, info.min, info.max, default))
    return infos


def make_settings(values: Mapping[str, int] | None = None) -> Any:
    """A `struct sp_settings *` with the defaults, and `values` by name over them.

    Raises:
        UserError: if a name is unknown or a value out of range.
    """
    settings = ffi.new("struct sp_settings *")
    lib.sp_settings_defaults(settings)
    by_name = {info.name: info for info in known_settings()}
    for name, value in (values or {}).items():
        info = by_name.get(name)
        if info is None:
            raise UserError(f"unknown setting {name}; there are {', '.join(sorted(by_name))}")
        if not info.min <= value <= info.max:
            raise UserError(f"setting {name} is {value}; it goes from {info.min} to {info.max}")
        setattr(settings, name, value)
    if lib.sp_settings_validate(settings) < 0:
        raise UserError("setting hysteresis_pct must be under unknown_pct; lower the first")
    return settings


def settings_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print a list of JSON objects.")] = False,
) -> None:
    """List a sensor's settings: keys of the downlink, ranges, defaults and meanings.

    On a terminal as a table, else as lines with tabs between the fields.
    """
    infos = known_settings()
    if as_json:
        typer.echo(json.dumps([info._asdict() for info in infos], indent=2))
        return
    head = ("key", "name", "range", "default", "unit", "meaning")
    rows = [
        (str(i.key), i.name, f"{i.min} to {i.max}", str(i.default), i.unit, i.meaning)
        for i in infos
    ]
    console = Console()
    if not console.is_terminal:
        typer.echo("\n".join("\t".join(row) for row in (head, *rows)))
        return
    table = Table()
    for name in head:
        table.add_column(name, no_wrap=name != "meaning", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)
