# SPDX-License-Identifier: Apache-2.0
"""Choices in YAML as dataclasses, and back; every fault names file and key."""

import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import yaml

from soundpost.errors import UserError
from soundpost.frontend import FrontendConfig
from soundpost.zoo import ARCHITECTURES, Architecture


def read_yaml(path: Path) -> object:
    """What a YAML file holds.

    Raises:
        UserError: if it cannot be read.
    """
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise UserError(f"{path}: {reason}; give the path of a recipe") from error
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path}: not YAML ({reason}); mend it or give a recipe") from error


def stated(value: Any) -> Any:
    """A dataclass as plain values, nested as in the file, without keys that have their default."""
    if isinstance(value, FrontendConfig):
        return value.as_mapping()
    if isinstance(value, tuple):
        return tuple(stated(item) for item in value)
    if not is_dataclass(value):
        return value
    chosen = ((field, getattr(value, field.name)) for field in fields(value))
    return {field.name: stated(item) for field, item in chosen if item != field.default}


def read(kind: Any, value: object, where: str, key: str = "") -> Any:
    """`value` as `kind`.

    Args:
        kind: a dataclass, a tuple of one kind, a Literal of words, a plain type, or one of these
            or None.
        value: as YAML gives it.
        where: the file, for messages.
        key: that of the value, with dots; empty for a whole file.

    Raises:
        UserError: if a key is missing, unknown, of the wrong kind or out of range.
    """
    if get_origin(kind) is UnionType:
        kind = next(one for one in get_args(kind) if one is not NoneType)
    if kind is FrontendConfig:
        return FrontendConfig.from_mapping(_mapping(value, where, key), f"{where}: {key}")
    if kind is Architecture:
        kind = _architecture(_mapping(value, where, key), where, key)
    if get_origin(kind) is Literal:
        kind = str
    if is_dataclass(kind) and isinstance(kind, type):
        return _read_dataclass(kind, _mapping(value, where, key), where, key)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise UserError(f"{where}: {key} must be a list, not {value!r}")
        inner = get_args(kind)[0]
        return tuple(read(inner, v, where, f"{key}[{n}]") for n, v in enumerate(value))
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind or (isinstance(value, float) and not math.isfinite(value)):
        raise UserError(f"{where}: {key} must be of type {kind.__name__}, not {value!r}")
    return value


def _architecture(values: Mapping[str, Any], where: str, key: str) -> type[Any]:
    """The dataclass of the architecture that is named."""
    name = values.get("architecture", "missing")
    if not isinstance(name, str) or name not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise UserError(f"{where}: {key}.architecture is {name}; it must be one of {known}")
    return ARCHITECTURES[name]


def _mapping(value: object, where: str, key: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise UserError(f"{where}: {key or 'a recipe'} must hold keys and values")
    return value


def _read_dataclass(
    kind: Callable[..., Any], values: Mapping[str, Any], where: str, key: str
) -> Any:
    prefix = f"{key}." if key else ""
    kinds = get_type_hints(kind)
    choices = fields(kind)  # type: ignore[arg-type]
    names = [choice.name for choice in choices]
    for name in values:
        if name not in names:
            raise UserError(f"{where}: unknown key {prefix}{name}; there are {', '.join(names)}")
    for choice in choices:
        if choice.default is MISSING and choice.name not in values:
            raise UserError(f"{where}: {prefix}{choice.name} is missing; add it")
    chosen = {name: read(kinds[name], values[name], where, prefix + name) for name in values}
    try:
        return kind(**chosen)
    except UserError as error:
        raise UserError(f"{where}: {prefix}{error}") from error
