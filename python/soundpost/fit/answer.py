# SPDX-License-Identifier: Apache-2.0
"""The answer: every figure against its limit, and what a day costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from soundpost.errors import UserError
from soundpost.fit.devices import Device
from soundpost.fit.energy import Airtime, Draw, day, day_mah, days
from soundpost.fit.firmware import Footprint
from soundpost.fit.load import DSP_CORES, Load
from soundpost.hardware.boards import Board
from soundpost.hardware.cycles import Estimate

SHARE_MAX = 0.5
"""Of the CPU: the rest is for radio, flash erasures and what an estimate leaves open."""


@dataclass(frozen=True)
class Check:
    """A figure against its limit; `unit` "bytes", "%" or "days"."""

    name: str
    figure: float
    limit: float
    unit: str
    source: str
    mend: str

    @property
    def fits(self) -> bool:
        """Whether it is within the limit; days are to be reached."""
        return self.figure >= self.limit if self.unit == "days" else self.figure <= self.limit


@dataclass(frozen=True)
class Answer:
    """Whether an application fits a board, and why.

    Attributes:
        board: what it shall run on.
        device: its chip.
        footprint: what the image takes.
        load: what a second of sound costs.
        share: of the CPU, 0 to 1.
        airtime: of a day.
        region: LoRaWAN region.
        draws: what a day costs at the likely share.
        life_days: of the battery.
        checks: all limits.
    """

    board: Board
    device: Device
    footprint: Footprint
    load: Load
    share: Estimate
    airtime: Airtime
    region: str
    draws: list[Draw]
    life_days: Estimate
    checks: list[Check]

    @property
    def fits(self) -> bool:
        """Whether all of it does."""
        return all(check.fits for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """The same as JSON: bytes, shares from 0 to 1, mA, mAh, joules, days."""
        volts = self.board.volts
        return {
            "board": self.board.name,
            "fits": self.fits,
            "device": {
                "name": self.device.name,
                "core": self.device.core,
                "source": self.device.source,
                "memories": [vars(memory) for memory in self.device.memories],
            },
            "firmware": vars(self.footprint),
            "load": {**vars(self.load), "share": vars(self.share)},
            "checks": [{**vars(check), "fits": check.fits} for check in self.checks],
            "day": {
                "region": self.region,
                "airtime_s": self.airtime.seconds,
                "frames": self.airtime.frames,
                "charge_mah": day_mah(self.draws),
                "energy_j": day_mah(self.draws) * 3.6 * volts,
                "parts": [
                    {
                        "part": draw.part,
                        "seconds": draw.seconds,
                        "ma": draw.current.ma,
                        "mah": draw.mah,
                        "document": draw.current.document,
                        "entry": draw.current.entry,
                    }
                    for draw in self.draws
                ],
            },
            "battery_days": vars(self.life_days),
        }


def _check_place(board: Board, device: Device, image: Footprint) -> None:
    """Refuse an image that is linked to where the device has no memory."""
    places = (("flash", image.flash_start, False), ("RAM", image.ram_start, True))
    for what, start, writable in places:
        memories = [memory for memory in device.memories if memory.writable is writable]
        if start is not None and not any(memory.holds(start, 1) for memory in memories):
            raise UserError(
                f"{image.source}: linked to {what} at 0x{start:08x}, where {device.name} has none;"
                f" give a build for {board.name} or another --pack"
            )


def _ram(device: Device, image: Footprint) -> int:
    """Bytes from where the image's RAM starts to the end of that memory."""
    if image.ram_start is None:
        return device.ram.size
    start = image.ram_start
    rams = [memory for memory in device.memories if memory.writable]
    return next(ram.start + ram.size - start for ram in rams if ram.holds(start, 1))


def _memory_checks(board: Board, device: Device, image: Footprint) -> Iterator[Check]:
    mend = "compile the network in place of TFLM, or build with -DCONFIG_SOUNDPOST_SHELL=n"
    room = min(board.code_bytes, device.flash_bytes)
    yield Check("flash", image.flash_bytes, room, "bytes", image.source, mend)
    slot = "flash of an update's slot"
    yield Check(slot, image.flash_bytes, board.slot_bytes, "bytes", image.source, mend)
    ram = "RAM, with stacks"
    mend = "take a network with a smaller arena: soundpost compile tells it"
    yield Check(ram, image.ram_bytes, _ram(device, image), "bytes", image.source, mend)


def answer(
    board: Board,
    device: Device,
    image: Footprint,
    load: Load,
    region: str,
    airtime: Airtime,
    battery_mah: float,
    least_days: float | None = None,
) -> Answer:
    """Hold everything against its limit.

    Args:
        board: what it shall run on.
        device: its chip.
        image: what the application takes.
        load: what a second of sound costs.
        region: LoRaWAN region.
        airtime: of a day.
        battery_mah: charge that the battery gives.
        least_days: that it shall last, at the greatest share of the CPU.

    Raises:
        UserError: if the device's core is not one that the load was counted for, or the image is
            linked to where it has no memory.
    """
    if device.core not in DSP_CORES:
        raise UserError(
            f"{device.source}: {device.name} is a {device.core}, and instructions are counted for"
            " cores with the DSP extension; take a Cortex-M4, M7 or M33"
        )
    _check_place(board, device, image)
    share = load.share(board)
    life = days(battery_mah, board, share, region, airtime)
    checks = list(_memory_checks(board, device, image))
    mend = "take a smaller network, or a longer window_hop"
    cpu = ("CPU, at most", 100 * share.high, 100 * SHARE_MAX, "%", load.source, mend)
    checks.append(Check(*cpu))
    if least_days is not None:
        mend = "take a larger battery, or a sun panel"
        source = "currents of datasheets"
        checks.append(Check("battery, at least", life.low, least_days, "days", source, mend))
    draws = day(board, share.likely, region, airtime)
    return Answer(board, device, image, load, share, airtime, region, draws, life, checks)
