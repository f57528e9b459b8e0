# SPDX-License-Identifier: Apache-2.0
"""Flash and RAM of the firmware: from its build, or estimated from the ledger of the last one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from soundpost._core import lib
from soundpost.errors import UserError
from soundpost.hardware.boards import Board
from soundpost.models.model import DEFAULT_MODEL, Model

MAP_BYTES_MAX = 256 << 20


@dataclass(frozen=True)
class Footprint:
    """What an image takes.

    Attributes:
        flash_bytes: with initial values of variables.
        ram_bytes: everything that the linker places, stacks and all.
        stack_bytes: of it, the threads' and the interrupts' stacks; None where it is not known.
        flash_start: address that it is linked to; None where it is not known.
        ram_start: the same of RAM.
        engine: what runs the network.
        region: LoRaWAN region, None where it is not known.
        model: name of the network.
        source: who says so.
    """

    flash_bytes: int
    ram_bytes: int
    stack_bytes: int | None
    flash_start: int | None
    ram_start: int | None
    engine: str
    region: str | None
    model: str
    source: str


#: "   0x20000000   _image_ram_start = ." or "... = ABSOLUTE (.)"
_SYMBOL = r"^ +0x([0-9a-f]+) +{name} = "
#: Zephyr puts stacks into sections of their own, named by file and counter; variables that are
#: not initialised have their own name there
_STACK = re.compile(r'^ \.noinit\."[^"]*"\.\d+\n? +0x[0-9a-f]+ +0x([0-9a-f]+)', re.M)
_OPTION = re.compile(r'^(CONFIG_\w+)=(?:"(.*)"|(.*))$', re.M)


def _symbol(text: str, name: str, path: Path) -> int:
    found = re.search(_SYMBOL.format(name=name), text, re.M)
    if found is None:
        raise UserError(f"{path}: no map of Zephyr's ({name} is missing); build the firmware anew")
    return int(found[1], 16)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAP_BYTES_MAX:
            raise UserError(
                f"{path}: larger than any map; give the folder that west build -d named"
            )
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; build the firmware first") from error


def _options(build: Path) -> dict[str, str]:
    text = _read(build / "zephyr" / ".config")
    return {name: quoted or plain for name, quoted, plain in _OPTION.findall(text)}


def _chosen(options: Mapping[str, str], prefix: str) -> str | None:
    names = [name for name, value in options.items() if name.startswith(prefix) and value == "y"]
    return names[0].removeprefix(prefix) if names else None


def read_build(build: Path, board: Board) -> Footprint:
    """The footprint of a build of zephyr_app, from zephyr/zephyr.map.

    Args:
        build: the folder that west build -d named.
        board: what it must be for.

    Raises:
        UserError: if it is no build, is of another program, or is for another board.
    """
    options = _options(build)
    if "CONFIG_SOUNDPOST_MODEL" not in options:
        raise UserError(f"{build}: another program's build; give one of zephyr_app")
    if (built_for := options.get("CONFIG_BOARD", "")) != board.short_name:
        raise UserError(f"{build}: built for {built_for}, not {board.name}; give its --board")
    path = build / "zephyr" / "zephyr.map"
    text = _read(path)
    start, end = (_symbol(text, f"_image_ram_{side}", path) for side in ("start", "end"))
    return Footprint(
        flash_bytes=_symbol(text, "_flash_used", path),
        ram_bytes=end - start,
        stack_bytes=sum(int(size, 16) for size in _STACK.findall(text)),
        flash_start=_symbol(text, "__rom_region_start", path),
        ram_start=start,
        engine=(_chosen(options, "CONFIG_SOUNDPOST_ENGINE_") or "compiled").lower(),
        region=_chosen(options, "CONFIG_SOUNDPOST_REGION_"),
        model=options["CONFIG_SOUNDPOST_MODEL"],
        source=f"{path}",
    )


def _model_bytes(model: Model) -> tuple[int, int]:
    """Flash of a model's constants, and RAM that goes with it."""
    tables = model.tables
    weights = sum(step.table_bytes for network in model.built_in for step in network.steps)
    arrays = (tables.window, tables.twiddles, tables.split, tables.segments, tables.weights)
    flash = weights + sum(array.nbytes for array in arrays) + tables.gains_q8.nbytes
    frontend = model.recipe.frontend
    columns = model.recipe.window * frontend.bands
    return flash, int(lib.sp_engine_arena_bytes(model.c)) + columns + model.history_bytes


def estimate_footprint(ledger: Mapping[str, float], board: Board, model: Model) -> Footprint:
    """The footprint that the ledger has for the first network, with this model's bytes in it.

    Kernels that only one of the two needs are not accounted for: up to 5 KiB of flash.

    Args:
        ledger: figures of ci/budget.json.
        board: one that it has.
        model: any.

    Raises:
        UserError: if the ledger has no firmware for that board.
    """
    key = f"firmware.{board.short_name}.compiled"
    if f"{key}.flash_bytes" not in ledger or f"{key}.ram_bytes" not in ledger:
        raise UserError(
            f"nothing tells the size of the firmware for {board.name}: give --build-dir"
        )
    flash, ram = int(ledger[f"{key}.flash_bytes"]), int(ledger[f"{key}.ram_bytes"])
    source = "last measured build (ci/budget.json)"
    if model.recipe.name != DEFAULT_MODEL:
        own, first = _model_bytes(model), _model_bytes(Model.find(DEFAULT_MODEL))
        flash, ram = flash + own[0] - first[0], ram + own[1] - first[1]
        source = f"estimate: ci/budget.json with {model.recipe.name} for {DEFAULT_MODEL}"
    return Footprint(flash, ram, None, None, None, "compiled", None, model.recipe.name, source)
