# SPDX-License-Identifier: Apache-2.0
"""Memories and cores from CMSIS packs, good and hostile, and from pyOCD."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from soundpost.errors import UserError
from soundpost.fit.devices import (
    Memory,
    device_from_pack,
    find_device,
    installed_device,
    pyocd_device,
)
from soundpost.hardware.boards import BOARDS, Board

PACK = Path(__file__).parent / "Soundpost.Example_DFP.pdsc"
L476 = "STM32L476RGTx"

pytest.importorskip("cmsis_pack_manager", reason="cmsis-pack-manager is not installed")


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str], Path]:
    """A copy of the pack with one text in place of another."""

    def edit(old: str, new: str) -> Path:
        text = PACK.read_text()
        assert old in text
        path = tmp_path / "a.pdsc"
        path.write_text(text.replace(old, new))
        return path

    return edit


def test_a_description_tells_memories_and_core() -> None:
    device = device_from_pack(PACK, L476.lower())
    assert device.name == L476
    assert device.core == "CortexM4"
    # RM0351, 2.2.2: 1 MiB of flash, 96 KiB of SRAM1, 32 KiB of SRAM2
    assert set(device.memories) == {
        Memory("Flash", 0x08000000, 1 << 20, False),
        Memory("SRAM1", 0x20000000, 96 << 10, True),
        Memory("SRAM2", 0x10000000, 32 << 10, True),
    }
    assert device.ram.name == "SRAM1"
    assert "Soundpost.Example_DFP 1.0.0" in device.source


def test_a_pack_holds_its_description(tmp_path: Path) -> None:
    path = tmp_path / "Soundpost.Example_DFP.1.0.0.pack"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(PACK, "../../" + PACK.name)
    assert device_from_pack(path, L476).memories == device_from_pack(PACK, L476).memories
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("board", BOARDS.values(), ids=lambda board: board.short_name)
def test_pyocd_and_the_pack_agree(board: Board) -> None:
    pytest.importorskip("pyocd", reason="pyOCD is not installed")
    device = pyocd_device(board.target)
    assert device is not None
    packed = device_from_pack(PACK, board.device)
    places = {(memory.start, memory.size, memory.writable) for memory in device.memories}
    assert places == {(memory.start, memory.size, memory.writable) for memory in packed.memories}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("<package ", '<!DOCTYPE p [<!ENTITY a "0x1">]><package ', "document type"),
        ("<package ", '<!DOCTYPE p SYSTEM "file:///etc/passwd"><package ', "document type"),
        ("<devices>", "<a>" * 100_000 + "</a>" * 100_000 + "<devices>", "nested"),
        ("0x00018000", "0x18000000000000000", "start or size"),
        ("0x00018000", "-5", "start or size"),
        ('start="0x20000000"', "", "start or size"),
        ("<memory", "<room", "no flash"),
        ("0x00018000", "0x0", "without a size"),
        ("STM32L476RG", "STM32L475RG", "STM32L475RGTx"),
        ("</package>", "", "no XML"),
        ("<name>Example_DFP</name>", "", "no STM32L476RGTx"),
    ],
)
def test_hostile_descriptions_are_refused(
    edited: Callable[[str, str], Path], old: str, new: str, told: str
) -> None:
    with pytest.raises(UserError, match=told):
        device_from_pack(edited(old, new), L476)


@pytest.mark.parametrize("content", [b"", b"\0\1", b"<svg/>", b"PK\3\4"])
@pytest.mark.parametrize("suffix", ["pdsc", "pack"])
def test_other_files_are_refused(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    with pytest.raises(UserError, match=str(path)):
        device_from_pack(path, L476)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        device_from_pack(tmp_path / "a.pdsc", L476)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of cmsis-pack-manager's, with this pack installed."""
    from cmsis_pack_manager import Cache

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    folder = tmp_path / "cmsis-pack-manager"
    folder.mkdir()
    Cache(True, True).add_pack_from_path(str(PACK))
    return folder


def test_an_installed_pack_goes_before_pyocd(installed: Path) -> None:
    device = find_device(L476, "stm32l475xg", None)
    assert device.source == "installed pack (Soundpost.Example_DFP 1.0.0)"


def test_damaged_packs_are_told(installed: Path) -> None:
    index = installed / "index.json"
    entries = json.loads(index.read_text())
    del entries[L476]["processors"]
    index.write_text(json.dumps(entries))
    with pytest.raises(UserError, match="not described whole"):
        installed_device(L476)
    index.write_text("{")
    with pytest.raises(UserError, match="damaged"):
        installed_device(L476)


def test_an_unknown_device_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with pytest.raises(UserError, match="--pack"):
        find_device("STM32X999", "stm32x999", None)
