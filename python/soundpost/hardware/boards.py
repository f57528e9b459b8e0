# SPDX-License-Identifier: Apache-2.0
"""The boards that the firmware is for."""

from dataclasses import dataclass

from soundpost.errors import UserError
from soundpost.hardware.currents import NRF52840, STM32L476, McuCurrents
from soundpost.provision.boards import BOARDS as GEOMETRIES

KIB = 1024


@dataclass(frozen=True)
class Board:
    """A board of zephyr_app.

    Attributes:
        name: as west build takes it.
        device: its microcontroller, as the maker's CMSIS pack names it.
        target: as pyOCD names it.
        clock_hz: of the core, as Zephyr sets it.
        flash_start: where the linker puts code.
        slot_bytes: flash of an image that MCUboot can update (zephyr_app/boards/memory).
        driver_share: of the CPU that the microphone's driver takes beside the pipeline.
        volts: supply of everything.
        currents: of the microcontroller.
    """

    name: str
    device: str
    target: str
    clock_hz: int
    flash_start: int
    slot_bytes: int
    driver_share: float
    volts: float
    currents: McuCurrents

    @property
    def code_bytes(self) -> int:
        """Flash before the settings, which an image without MCUboot can take."""
        return GEOMETRIES[self.name].address - self.flash_start

    @property
    def short_name(self) -> str:
        """Without the chip: as keys of budgets have it."""
        return self.name.partition("/")[0]


BOARDS = {
    board.name: board
    for board in (
        Board(
            name="nucleo_l476rg",
            device="STM32L476RGTx",
            # its twin without an LCD controller, which pyOCD knows without a pack
            target="stm32l475xg",
            clock_hz=80_000_000,
            flash_start=0x08000000,
            slot_bytes=448 * KIB,
            # drivers/audio/README.md: the filter behind DFSDM
            driver_share=0.03,
            volts=3.3,
            currents=STM32L476,
        ),
        Board(
            name="nrf52840dk/nrf52840",
            device="nRF52840_xxAA",
            target="nrf52840",
            clock_hz=64_000_000,
            flash_start=0,
            slot_bytes=472 * KIB,
            driver_share=0.0,
            volts=3.0,
            currents=NRF52840,
        ),
    )
}


def find_board(name: str) -> Board:
    """A board by its name, with or without its chip.

    Raises:
        UserError: if it is not known.
    """
    for board in BOARDS.values():
        if name in (board.name, board.short_name):
            return board
    raise UserError(f"--board {name}: not known; choose of {', '.join(BOARDS)}")
