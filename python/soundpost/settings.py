# SPDX-License-Identifier: Apache-2.0
"""A sensor's settings, as core/settings lists them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

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


def settings_command() -> None:
    """List a sensor's settings: keys of the downlink, ranges, defaults and meanings."""
    table = Table("key", "name", "range", "default", "unit", "meaning")
    for info in known_settings():
        limits = f"{info.min} to {info.max}"
        default = str(info.default)
        table.add_row(str(info.key), info.name, limits, default, info.unit, info.meaning)
    Console().print(table)
