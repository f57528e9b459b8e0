# SPDX-License-Identifier: Apache-2.0
"""`soundpost fit`: footprints, load, energy, and the answer."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from soundpost.cli import app
from soundpost.errors import UserError
from soundpost.fit import command
from soundpost.fit.answer import Check, answer
from soundpost.fit.devices import Device, Memory
from soundpost.fit.energy import Airtime, day, day_mah, most_airtime
from soundpost.fit.firmware import Footprint, estimate_footprint, read_build
from soundpost.fit.load import Load, find_load, read_figures
from soundpost.hardware.boards import BOARDS, Board, find_board
from soundpost.hardware.currents import REGION_DBM
from soundpost.hardware.cycles import cycles
from soundpost.models.model import DEFAULT_MODEL, Model
from soundpost.ports import repository
from soundpost.uplink import data_rates, regions

PACK = str(Path(__file__).parent / "Soundpost.Example_DFP.pdsc")
NUCLEO = BOARDS["nucleo_l476rg"]
LEDGER = repository() / "ci" / "budget.json"

CONFIG = """CONFIG_BOARD="nucleo_l476rg"
CONFIG_SOUNDPOST_MODEL="stride_ds_24"
CONFIG_SOUNDPOST_ENGINE_COMPILED=y
CONFIG_SOUNDPOST_REGION_US915=y
"""
# as GNU ld writes it for Zephyr 3.7
MAP = """
                0x08000000                        __rom_region_start = 0x8000000
                0x20000000                        _image_ram_start = .
 .noinit."WEST_TOPDIR/zephyr/kernel/init.c".2
                0x20008500      0x840 zephyr/kernel/libkernel.a(init.c.obj)
 .noinit."CMAKE_SOURCE_DIR/src/sensing.c".0
                0x20007280      0xc40 app/libapp.a(sensing.c.obj)
 .noinit."CMAKE_SOURCE_DIR/src/audio.c".k_mem_slab_buf_slab
                0x20009d78     0x1800 app/libapp.a(audio.c.obj)
                0x2000b578                        _image_ram_end = .
                0x0002fd4c                        _flash_used = ((LOADADDR (.last_section)
"""


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A folder as west build leaves it, as far as it is read."""
    folder = tmp_path / "build"
    (folder / "zephyr").mkdir(parents=True)
    (folder / "zephyr" / ".config").write_text(CONFIG)
    (folder / "zephyr" / "zephyr.map").write_text(MAP)
    return folder


@pytest.fixture(scope="module")
def ledger() -> dict[str, float]:
    return read_figures(LEDGER)


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.find(DEFAULT_MODEL)


def test_a_build_tells_its_footprint(build: Path) -> None:
    image = read_build(build, NUCLEO)
    assert (image.flash_bytes, image.ram_bytes) == (0x2FD4C, 0xB578)
    assert image.stack_bytes == 0x840 + 0xC40
    assert (image.engine, image.region, image.model) == ("compiled", "US915", "stride_ds_24")


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (".config", "nucleo_l476rg", "nrf52840dk", "not nucleo_l476rg"),
        (".config", "SOUNDPOST", "BLINKY", "another program"),
        ("zephyr.map", "_flash_used", "_flush_used", "_flash_used"),
    ],
)
def test_other_builds_are_refused(build: Path, file: str, old: str, new: str, told: str) -> None:
    path = build / "zephyr" / file
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(UserError, match=told):
        read_build(build, NUCLEO)
    path.unlink()
    with pytest.raises(UserError, match="build the firmware"):
        read_build(build, NUCLEO)


def test_the_ledger_stands_in_for_a_build(ledger: dict[str, float], model: Model) -> None:
    image = estimate_footprint(ledger, NUCLEO, model)
    assert image.flash_bytes == ledger["firmware.nucleo_l476rg.compiled.flash_bytes"]
    with pytest.raises(UserError, match="--build-dir"):
        estimate_footprint({}, NUCLEO, model)


@pytest.mark.parametrize("board", BOARDS.values(), ids=lambda board: board.short_name)
def test_slots_are_those_of_the_handbook(board: Board) -> None:
    text = (repository() / "docs" / "firmware.md").read_text()
    found = re.search(rf"^\| {board.short_name} \|[^|]*\| (\d+) KiB at ", text, re.M)
    assert found is not None
    assert int(found[1]) * 1024 == board.slot_bytes


def test_every_region_has_a_power() -> None:
    assert set(regions()) == set(REGION_DBM)


def test_the_estimate_is_near_what_is_counted(ledger: dict[str, float], model: Model) -> None:
    counted = find_load(model, "compiled", {"ci/budget.json": ledger})
    without = {name: value for name, value in ledger.items() if ".pipeline." not in name}
    estimated = find_load(model, "compiled", {"ci/budget.json": without})
    assert "estimate" in estimated.source
    assert estimated.instructions == pytest.approx(counted.instructions, rel=0.1)


def test_tflm_takes_a_count_of_its_own(ledger: dict[str, float], model: Model) -> None:
    with pytest.raises(UserError, match="soundpost bench"):
        find_load(model, "tflm", {"ci/budget.json": ledger})
    # what it takes under QEMU: 2.94 M instructions, 1.95 windows a second
    key = "m4f.inference.stride_ds_24.tflm-cmsis-nn.instructions"
    figures, first = {**ledger, key: 2_943_700}, Model.find("stride_ds_24")
    slow, fast = (find_load(first, e, {"a": figures}) for e in ("tflm", "compiled"))
    assert slow.instructions - fast.instructions == pytest.approx(1.95 * 2.2e6, rel=0.05)


@pytest.mark.parametrize("text", ["", "[]", '{"a": "b"}', '{"a": -1}', '{"a": NaN}', "[" * 10**5])
def test_other_figures_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bench.json"
    path.write_text(text)
    with pytest.raises(UserError, match="soundpost bench"):
        read_figures(path)


def test_airtime_is_the_ledgers_budget_in_frames_of_a_published_length() -> None:
    # Semtech's LoRa calculator: SF7, 125 kHz, 22 bytes, preamble 8, CR 4/5, header and CRC
    assert most_airtime("EU868", 5) == Airtime(30.0, int(30 / 56.576e-3))
    with pytest.raises(UserError, match="no uplink data rate"):
        most_airtime("EU868", 15)


@pytest.mark.parametrize("region", regions())
def test_every_region_has_a_rate_of_most_frames(region: str) -> None:
    rates = [most_airtime(region, rate).frames for rate in data_rates(region)[1:4]]
    assert most_airtime(region).frames >= max(rates) > 0


def test_a_processor_that_only_sleeps_draws_the_datasheets_current() -> None:
    # DS10198: 2.96 mA asleep, 10.2 mA running at 80 MHz in range 1
    asleep, awake = (day(NUCLEO, share, "EU868", Airtime(0, 0)) for share in (0.0, 1.0))
    assert sum(d.mah for d in asleep if "processor" in d.part) == pytest.approx(24 * 2.96)
    assert sum(d.mah for d in awake if "processor" in d.part) == pytest.approx(24 * 10.2)


def test_a_minute_of_sending_is_charge_of_the_radios_current() -> None:
    # SX1262 at +22 dBm: 118 mA
    parts = {draw.part: draw for draw in day(NUCLEO, 0.1, "US915", Airtime(60, 0))}
    assert parts["radio, sending"].mah == pytest.approx(118 / 60)


@given(
    share=st.floats(0, 0.9), more=st.floats(0.01, 0.1), seconds=st.floats(0, 864),
    region=st.sampled_from(sorted(REGION_DBM)),
)  # fmt: skip
def test_more_work_costs_more(share: float, more: float, seconds: float, region: str) -> None:
    air, longer = Airtime(seconds, 10), Airtime(seconds + 1, 10)
    base = day_mah(day(NUCLEO, share, region, air))
    assert day_mah(day(NUCLEO, share + more, region, air)) > base
    assert day_mah(day(NUCLEO, share, region, longer)) > base
    hours = sum(draw.seconds for draw in day(NUCLEO, share, region, air) if "proc" in draw.part)
    assert hours == pytest.approx(86_400)


@given(st.integers(0, 10**9))
def test_no_instruction_takes_less_than_a_cycle(instructions: int) -> None:
    estimate = cycles(instructions)
    assert instructions <= estimate.low <= estimate.likely <= estimate.high


DEVICE = Device(
    "STM32L476RGTx",
    "CortexM4",
    (Memory("Flash", 0x08000000, 1 << 20, False), Memory("SRAM1", 0x20000000, 96 << 10, True)),
    "a.pdsc",
)
IMAGE = Footprint(1000, 1000, None, 0x08000000, 0x20000000, "compiled", None, "a", "zephyr.map")
LOAD = Load(4_000_000, "counted")


def _answer(
    device: Device = DEVICE, image: Footprint = IMAGE, load: Load = LOAD, days: float | None = None
) -> dict[str, Check]:
    checks = answer(NUCLEO, device, image, load, "EU868", Airtime(30, 530), 17_000, days).checks
    return {check.name: check for check in checks}


def test_limits_hold_to_the_byte() -> None:
    ram = replace(IMAGE, ram_start=0x20000100)
    assert _answer(image=replace(ram, ram_bytes=(96 << 10) - 256))["RAM, with stacks"].fits
    assert not _answer(image=replace(ram, ram_bytes=(96 << 10) - 255))["RAM, with stacks"].fits
    # up to the settings at 0x080f8000
    assert _answer(image=replace(IMAGE, flash_bytes=0xF8000))["flash"].fits
    assert not _answer(image=replace(IMAGE, flash_bytes=0xF8001))["flash"].fits
    assert not _answer(image=replace(IMAGE, flash_bytes=0xF8000))["flash of an update's slot"].fits


def test_cpu_and_days_are_judged_at_their_worst() -> None:
    assert _answer()["CPU, at most"].fits
    assert not _answer(load=Load(30_000_000, "counted"))["CPU, at most"].fits
    assert _answer(days=10)["battery, at least"].fits
    assert not _answer(days=1000)["battery, at least"].fits


def test_other_cores_and_places_are_refused() -> None:
    with pytest.raises(UserError, match="CortexM0"):
        _answer(device=replace(DEVICE, core="CortexM0"))
    with pytest.raises(UserError, match="0x00000000"):
        _answer(image=replace(IMAGE, flash_start=0))


def _run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["fit", *arguments])
    if isinstance(result.exception, UserError):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("board", BOARDS)
def test_the_firmware_fits_both_boards(board: str) -> None:
    pytest.importorskip("cmsis_pack_manager", reason="cmsis-pack-manager is not installed")
    code, out, _ = _run("--board", board, "--pack", PACK, "--json")
    result = json.loads(out)
    assert code == 0
    assert result["fits"]
    assert all(check["fits"] for check in result["checks"])
    assert result["day"]["energy_j"] == pytest.approx(
        sum(part["mah"] for part in result["day"]["parts"]) * 3.6 * find_board(board).volts
    )


def test_the_answer_says_what_it_is_of(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cmsis_pack_manager", reason="cmsis-pack-manager is not installed")
    monkeypatch.setenv("COLUMNS", "120")
    _, out, _ = _run("--board", "nucleo_l476rg", "--pack", PACK, "--battery-mah", "5000")
    lines = [line.rstrip() for line in out.splitlines()]
    assert lines[0].startswith(f"memories of STM32L476RGTx: {PACK} (")
    assert f"nucleo_l476rg with {DEFAULT_MODEL}, compiled: it fits" in lines
    assert any(re.match(r"charge of a day, at \d+\.\d% of the CPU$", line) for line in lines)
    assert any("; a battery of 5,000 mAh lasts " in line for line in lines)


def test_a_twin_is_named_beside_the_device_that_it_stands_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("cmsis_pack_manager", reason="cmsis-pack-manager is not installed")
    memories = (
        Memory("flash", 0x08000000, 1 << 20, False),
        Memory("ram", 0x20000000, 96 << 10, True),
    )
    twin = Device("stm32l475xg", "", memories, "pyOCD's built-in target stm32l475xg")
    monkeypatch.setattr(command, "find_device", lambda *_: twin)
    _, out, _ = _run("--board", "nucleo_l476rg")
    assert out.startswith("memories of stm32l475xg, in place of STM32L476RGTx: pyOCD's built-in")


def test_what_does_not_fit_is_exit_code_1_with_the_mend(build: Path) -> None:
    pytest.importorskip("cmsis_pack_manager", reason="cmsis-pack-manager is not installed")
    path = build / "zephyr" / "zephyr.map"
    path.write_text(path.read_text().replace("0x2000b578", "0x2001b578"))
    arguments = ("--board", "nucleo_l476rg", "--pack", PACK, "--build-dir", str(build))
    code, out, err = _run(*arguments)
    assert code == 1
    assert "it does not fit" in out
    assert err.startswith("RAM, with stacks: 111,992 bytes of 98,304 bytes; take a network")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--board", "esp32"), "choose of"),
        (("--board", "nucleo_l476rg", "--battery-mah", "nan"), "--battery-mah"),
        (("--board", "nucleo_l476rg", "--days", "-1"), "--days"),
        (("--board", "nucleo_l476rg", "--region", "XX"), "unknown region"),
        (("--board", "nucleo_l476rg", "--figures", "missing.json"), "missing.json"),
        (("--board", "nucleo_l476rg", "--build-dir", "missing"), "missing"),
        (("--board", "nucleo_l476rg", "--model", "missing"), "missing"),
    ],
)
def test_mistakes_are_told(arguments: tuple[str, ...], told: str) -> None:
    with pytest.raises(UserError, match=re.escape(told)):
        _run(*arguments)
