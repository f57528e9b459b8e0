# SPDX-License-Identifier: Apache-2.0
"""What a device has, from its CMSIS pack or from pyOCD."""

import json
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

from soundpost.errors import UserError

#: Keil's pack of all STM32L4 is 0.7 MB of description
DESCRIPTION_BYTES_MAX = 32 << 20
#: PACK.xsd nests family, subFamily, device, variant and what these hold: 10 deep at most
DEPTH_MAX = 32

MISSING = "pip install -e '.[fit]'"


@dataclass(frozen=True)
class Memory:
    """A memory on the chip: `start` address, `size` in bytes, and whether code can write it."""

    name: str
    start: int
    size: int
    writable: bool

    def holds(self, start: int, size: int) -> bool:
        """Whether bytes from an address on lie in it."""
        return self.start <= start and start + size <= self.start + self.size


@dataclass(frozen=True)
class Device:
    """A chip: its memories, its core as its pack names it ("" if unknown), and who says so."""

    name: str
    core: str
    memories: tuple[Memory, ...]
    source: str

    @property
    def flash_bytes(self) -> int:
        """All memory that is not written by stores."""
        return sum(memory.size for memory in self.memories if not memory.writable)

    @property
    def ram(self) -> Memory:
        """The largest RAM, which programs are linked to."""
        return max((m for m in self.memories if m.writable), key=lambda m: m.size)


def _checked(device: Device) -> Device:
    sizes = [memory.size for memory in device.memories if memory.size <= 0]
    kinds = {memory.writable for memory in device.memories}
    if sizes or kinds != {True, False}:
        raise UserError(
            f"{device.source}: {device.name} has no flash, no RAM or a memory without a size;"
            " give another pack"
        )
    return device


def _is_word(text: str | None) -> bool:
    """Whether an attribute of PACK.xsd is a number of 32 bits."""
    try:
        return text is not None and 0 <= int(text, 0) < 1 << 32
    except ValueError:
        return False


def check_description(path: Path) -> None:
    """Refuse a .pdsc file that is no plain XML, before a parser without such limits reads it.

    Raises:
        UserError: if it cannot be read, is too large or too deep, is not well-formed, is no
            package, has a memory without a place, or declares a document type (and with it,
            entities).
    """

    def refuse(*_: object) -> None:
        raise UserError(f"{path}: declares a document type, which no CMSIS pack does")

    depth = 0

    def enter(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH_MAX:
            raise UserError(f"{path}: nested deeper than a CMSIS pack; give another file")
        if depth == 1 and name != "package":
            raise UserError(f"{path}: holds {name}, not package; give a CMSIS pack's .pdsc")
        # cmsis-pack-manager leaves such a memory out without a word
        if name == "memory" and not all(map(_is_word, map(attributes.get, ("start", "size")))):
            raise UserError(f"{path}: a memory without start or size in 32 bits; mend it")

    def leave(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = enter
    parser.EndElementHandler = leave
    try:
        with path.open("rb") as file:
            if path.stat().st_size > DESCRIPTION_BYTES_MAX:
                raise UserError(f"{path}: larger than {DESCRIPTION_BYTES_MAX >> 20} MiB; no .pdsc")
            parser.ParseFile(file)
    except expat.ExpatError as error:
        raise UserError(f"{path}: no XML ({error}); give a CMSIS pack's .pdsc") from error
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; give a CMSIS pack or its .pdsc") from error


def _description(pack: Path, folder: Path) -> Path:
    """The .pdsc of a pack, unpacked into `folder` where it is in a .pack."""
    if pack.suffix.lower() != ".pack":
        return pack
    try:
        with zipfile.ZipFile(pack) as archive:
            infos = [i for i in archive.infolist() if i.filename.lower().endswith(".pdsc")]
            if len(infos) != 1 or infos[0].file_size > DESCRIPTION_BYTES_MAX:
                raise UserError(f"{pack}: holds no .pdsc, or none of a sensible size")
            # a fixed name: what the archive calls it may lie anywhere
            path = folder / "pack.pdsc"
            with archive.open(infos[0]) as file:
                path.write_bytes(file.read(DESCRIPTION_BYTES_MAX))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise UserError(f"{pack}: no CMSIS pack ({error}); download it again") from error
    except OSError as error:
        raise UserError(f"{pack}: {error.strerror}; give a CMSIS pack or its .pdsc") from error
    return path


def _cache(folder: Path | None) -> Any:
    try:
        from cmsis_pack_manager import Cache
    except ImportError as error:
        raise UserError(f"cmsis-pack-manager is not installed: {MISSING}") from error
    if folder is None:
        return Cache(True, True)
    return Cache(True, True, json_path=str(folder), data_path=str(folder))


def _device(index: Mapping[str, Any], name: str, source: str) -> Device | None:
    """The device of an index of cmsis-pack-manager's, whatever the case of its name."""
    found = next((key for key in index if key.lower() == name.lower()), None)
    if found is None:
        return None
    try:
        entry = index[found]
        pack = entry["from_pack"]
        return _checked(
            Device(
                found,
                str(entry["processors"][0]["core"]),
                tuple(
                    Memory(str(key), int(m["start"]), int(m["size"]), bool(m["access"]["write"]))
                    for key, m in sorted(entry["memories"].items())
                ),
                f"{source} ({pack['vendor']}.{pack['pack']} {pack['version']})",
            )
        )
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise UserError(f"{source}: {found} is not described whole; give another pack") from error


def device_from_pack(pack: Path, name: str) -> Device:
    """A device from a .pdsc or .pack file.

    Args:
        pack: the file.
        name: as the pack names the device, with its package, in any case: "STM32L476RGTx".

    Raises:
        UserError: if the file is none, or does not have the device.
    """
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        path = _description(pack, folder)
        check_description(path)
        cache = _cache(folder)
        try:
            cache.add_pack_from_path(str(path))
            device = _device(cache.index, name, str(pack))
        except UserError:
            raise
        except Exception as error:  # its own Rust errors have no common type
            raise UserError(f"{pack}: cmsis-pack-manager cannot read it ({error})") from error
        if device is None:
            names = ", ".join(sorted(cache.index)[:5]) or "no device"
            raise UserError(f"{pack}: no {name} in it; it has {names}")
    return device


def installed_device(name: str) -> Device | None:
    """A device of the packs that cmsis-pack-manager (or pyOCD) has installed, if one has it.

    Raises:
        UserError: if cmsis-pack-manager is not installed or what it keeps is damaged.
    """
    cache = _cache(None)
    try:
        index = cache.index
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{cache.index_path}: damaged; remove it and update the packs") from error
    return _device(index, name, "installed pack")


def pyocd_device(target: str) -> Device | None:
    """A device from pyOCD's built-in targets, if pyOCD is installed and has it."""
    try:
        from pyocd.core.memory_map import MemoryType
        from pyocd.target import TARGET
    except ImportError:
        return None
    if target not in TARGET:
        return None
    # a target takes a debug session, its memory map does not
    regions = [r for r in TARGET[target].MEMORY_MAP if r.type in (MemoryType.FLASH, MemoryType.RAM)]
    memories = tuple(
        Memory(region.name or hex(region.start), region.start, region.length, region.is_ram)
        for region in regions
        if region.is_ram or region.is_boot_memory
    )
    return _checked(Device(target, "", memories, f"pyOCD's built-in target {target}"))


def find_device(name: str, target: str, pack: Path | None) -> Device:
    """A device from a given pack, else an installed one, else pyOCD's built-in targets.

    Args:
        name: as its pack names it.
        target: as pyOCD names it, or its twin with the same memories.
        pack: .pdsc or .pack file.

    Raises:
        UserError: if the pack does not have it, or there is none and pyOCD does not know it.
    """
    if pack is not None:
        return device_from_pack(pack, name)
    device = installed_device(name) or pyocd_device(target)
    if device is None:
        raise UserError(
            f"nothing tells the memories of {name}: give --pack FILE.pdsc, or run"
            f" pyocd pack install {name.lower()}, or pip install pyocd"
        )
    return device
