# SPDX-License-Identifier: Apache-2.0
"""The start of an STM32L476's clocks, its own instructions on a model of their registers.

Registers and limits are of RM0351 (RCC, PWR), the MSI's multiples of the crystal of the data sheet
DS10198, "MSI oscillator characteristics".
"""

import struct
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import zephyr

FLASH, FLASH_BYTES = 0x08000000, 1 << 20
RAM, RAM_BYTES = 0x20000000, 96 << 10
#: where a function returns to
RETURN = FLASH + FLASH_BYTES - 16
RCC, FLASH_ACR, PWR_CR1 = 0x40021000, 0x40022000, 0x40007000
CR, CFGR, PLLCFGR, BDCR, CSR = 0x00, 0x08, 0x0C, 0x90, 0x94
MSIPLLEN, MSIRGSEL, HSION, PLLON, LSEON = 1 << 2, 1 << 3, 1 << 8, 1 << 24, 1 << 0
DBP = 1 << 8
SW_HSI, SW_PLL = 1, 3
#: bit that is set for a clock, and the one that then tells that it runs
READY = {CR: ((0, 1), (8, 10), (24, 25)), BDCR: ((0, 1),), CSR: ((0, 1),)}

LSE_HZ = 32768
MSI_MULTIPLES = (3, 6, 12, 24, 31, 61, 122, 244, 488, 732, 977, 1465)
INIT = ("stm32_clock_control_init", "stm32l4_msi_init")

POWER_ON = {CR: 0x63, PLLCFGR: 0x1000}
#: the crystal belongs to the backup domain, which a reset leaves as it is
RESET = POWER_ON | {BDCR: LSEON}
#: MCUboot with the board's own clocks, 80 MHz from HSI16, has just jumped to the application
BOOT_LOADER = {CR: 0x63 | HSION | PLLON, CFGR: SW_PLL, PLLCFGR: 0x03001402, BDCR: LSEON}


class Chip:
    """A Cortex-M4 with the firmware in its flash, and registers of clocks."""

    def __init__(self, unicorn: ModuleType, folder: Path, registers: dict[int, int]) -> None:
        self.rcc = dict(registers)
        #: all others; the voltage is in range 1 after a reset
        self.others = {PWR_CR1: 1 << 9}
        self.core = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
        self.core.ctl_set_cpu_model(unicorn.arm_const.UC_CPU_ARM_CORTEX_M4)
        self._sp, self._lr = unicorn.arm_const.UC_ARM_REG_SP, unicorn.arm_const.UC_ARM_REG_LR
        self._r0 = unicorn.arm_const.UC_ARM_REG_R0
        self.core.mem_map(FLASH, FLASH_BYTES)
        self.core.mem_write(FLASH, (folder / "zephyr.bin").read_bytes())
        self.core.mem_map(RAM, RAM_BYTES)
        self.core.mmio_map(RCC, 4096, self._read_rcc, None, self._write_rcc, None)
        for page in (PWR_CR1, FLASH_ACR):
            self.core.mmio_map(page, 4096, self._read, page, self._write, page)
        lines = (folder / "zephyr.symbols").read_text(encoding="utf-8").splitlines()
        parts = [line.split() for line in lines]
        self._symbols = {part[2]: int(part[0], 16) for part in parts if len(part) == 3}

    def _read(self, _: object, offset: int, __: int, page: Any) -> int:
        return self.others.get(page + offset, 0)

    def _write(self, _: object, offset: int, __: int, value: int, page: Any) -> None:
        self.others[page + offset] = value

    def _read_rcc(self, _: object, offset: int, __: int, ___: object) -> int:
        value = self.rcc.get(offset, 0)
        for on, ready in READY.get(offset, ()):
            value |= (value >> on & 1) << ready
        return value | (value & 3) << 2 if offset == CFGR else value

    def _write_rcc(self, _: object, offset: int, __: int, value: int, ___: object) -> None:
        before = self.rcc.get(offset, 0)
        source = self.rcc.get(CFGR, 0) & 3
        if offset == CR:
            if not self.rcc.get(BDCR, 0) & LSEON:
                # "hardware protection to avoid enabling MSIPLLEN if LSE is not ready"
                value &= ~MSIPLLEN
            assert value & PLLON or source != SW_PLL, "the PLL that is the clock is stopped"
            assert value & HSION or source != SW_HSI, "HSI16 that is the clock is stopped"
        if offset == PLLCFGR:
            enables = 1 << 16 | 1 << 20 | 1 << 24
            running = self.rcc.get(CR, 0) & PLLON
            assert not running or (value ^ before) & ~enables == 0, "the PLL runs"
        if offset == BDCR and not self.others[PWR_CR1] & DBP:
            # the backup domain is protected
            return
        self.rcc[offset] = value & ~0xC if offset == CFGR else value

    def init(self, names: tuple[str, ...] = INIT) -> None:
        """Call these functions as Zephyr does before its kernel, in its table's order."""
        table = range(
            self._symbols["__init_PRE_KERNEL_1_start"], self._symbols["__init_POST_KERNEL_start"], 8
        )
        wanted = {self._symbols[name] | 1: name for name in names}
        for entry in table:
            function, device = struct.unpack("<II", self.core.mem_read(entry, 8))
            if wanted.pop(function, None) is None:
                continue
            self.core.reg_write(self._sp, RAM + RAM_BYTES)
            self.core.reg_write(self._lr, RETURN | 1)
            self.core.reg_write(self._r0, device)
            self.core.emu_start(function, RETURN, count=1_000_000)
            assert self.core.reg_read(self._r0) == 0
        assert not wanted

    @property
    def msi_locked(self) -> bool:
        return bool(self.rcc[CR] & MSIPLLEN)

    def pll_hz(self) -> dict[str, float]:
        """Input, VCO and outputs of the PLL, from the MSI."""
        value = self.rcc[PLLCFGR]
        assert value & 3 == 1
        assert self.rcc[CR] & MSIRGSEL
        source = LSE_HZ * MSI_MULTIPLES[self.rcc[CR] >> 4 & 15] / ((value >> 4 & 7) + 1)
        vco = source * (value >> 8 & 0x7F)
        outputs = {"Q": 20, "R": 24}
        enabled = {name: at for name, at in outputs.items() if value >> at & 1}
        dividers = {name: 2 * ((value >> at + 1 & 3) + 1) for name, at in enabled.items()}
        return {"input": source, "VCO": vco} | {n: vco / div for n, div in dividers.items()}


@pytest.fixture(scope="module")
def unicorn() -> ModuleType:
    pytest.importorskip("unicorn.arm_const", reason="unicorn is not installed")
    return sys.modules["unicorn"]


@pytest.fixture(scope="module")
def folder() -> Path:
    if missing := zephyr.why_not():
        pytest.skip(missing)
    return zephyr.build("nucleo_l476rg", application="tests/zephyr/clock").path.parent


@pytest.mark.parametrize(
    "before", [POWER_ON, RESET, BOOT_LOADER], ids=["power-on", "reset", "boot loader"]
)
def test_the_msi_is_locked_and_the_clock_whatever_went_before(
    unicorn: ModuleType, folder: Path, before: dict[int, int]
) -> None:
    chip = Chip(unicorn, folder, before)
    chip.init()

    assert chip.msi_locked
    assert chip.rcc[CFGR] & 3 == SW_PLL
    assert not chip.rcc[CR] & HSION
    hz = chip.pll_hz()
    assert 4e6 <= hz["input"] <= 16e6 * 1.001
    assert 64e6 <= hz["VCO"] <= 344e6
    # 107 ppm: what the firmware takes for 80 MHz
    assert abs(hz["R"] / 80e6 - 1) < 110e-6
    assert 80e6 / 16 < hz["Q"] <= 48e6
    # wait states for more than 64 MHz
    assert chip.others[FLASH_ACR] & 7 == 4


def test_zephyr_alone_leaves_the_msi_free_at_power_on(unicorn: ModuleType, folder: Path) -> None:
    """If this fails, Zephyr has mended it: drivers/clock_control can go."""
    chip = Chip(unicorn, folder, POWER_ON)
    chip.init(INIT[:1])
    assert not chip.msi_locked

    # the crystal runs by now, and a second start of the chip hides it
    again = Chip(unicorn, folder, RESET)
    again.init(INIT[:1])
    assert again.msi_locked
