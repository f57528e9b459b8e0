# SPDX-License-Identifier: Apache-2.0
"""Charge and energy of a day, part by part.

All parts hang on one supply without a switching regulator before it, so charge adds up, and a
battery's charge over the day's is its life.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from soundpost._core import lib
from soundpost.errors import UserError
from soundpost.hardware.boards import Board
from soundpost.hardware.currents import (
    MICROPHONE,
    RADIO_RECEIVE,
    RADIO_SLEEP,
    RADIO_TRANSMIT,
    REGION_DBM,
    Current,
)
from soundpost.hardware.cycles import Estimate
from soundpost.settings import make_settings
from soundpost.uplink import data_rates, make_link

DAY_S = 86_400

#: a receive window in which nothing comes: LoRaMac-node listens for six symbols at least, and for
#: as long as its clock may be off
WINDOW_SYMBOLS = 8
#: symbol of the second window in the slowest of regions, SF12 at 125 kHz, in seconds
SYMBOL_S = 2**12 / 125e3
WINDOWS = 2

#: a network's ADR stays within LoRa at 125 kHz, and its like in the Americas
ADR_RATE_MAX = 5


@dataclass(frozen=True)
class Draw:
    """What a part takes: the seconds of a day that it does, and its current then."""

    part: str
    seconds: float
    current: Current

    @property
    def mah(self) -> float:
        """Charge of a day, mAh."""
        return self.current.ma * self.seconds / 3600


@dataclass(frozen=True)
class Airtime:
    """Most that the ledger of core/uplink lets a sensor send in a day: seconds, and frames."""

    seconds: float
    frames: int


def most_airtime(region: str, data_rate: int | None = None) -> Airtime:
    """The daily budget that a sensor has by default, all spent on its shortest frames.

    Args:
        region: one of soundpost.uplink.regions().
        data_rate: of that region; None for the one of the shortest frames.

    Raises:
        UserError: if there is no such region, or it has no such data rate.
    """
    usual = [rate for rate in data_rates(region) if rate <= ADR_RATE_MAX]
    rates = usual if data_rate is None else [data_rate]
    links = (make_link(region, rate) for rate in rates)
    frames_us = [lib.sp_link_airtime_us(link, lib.SP_EVENT_BYTES) for link in links]
    able = [airtime for airtime in frames_us if airtime > 0]
    if not able:
        raise UserError(f"--dr {data_rate}: too slow for an event in {region}; take a higher one")
    budget_us = 100_000 * make_settings().airtime_budget_ds
    return Airtime(budget_us / 1e6, budget_us // min(able))


def day(board: Board, share: float, region: str, airtime: Airtime) -> list[Draw]:
    """What all parts take in a day.

    Args:
        board: its currents.
        share: of the CPU, 0 to 1.
        region: LoRaWAN region, which decides the power.
        airtime: of the day.
    """
    listening = airtime.frames * WINDOWS * WINDOW_SYMBOLS * SYMBOL_S
    currents = board.currents
    return [
        Draw("processor, running", share * DAY_S, currents.run),
        Draw("processor, asleep", (1 - share) * DAY_S, currents.sleep),
        Draw("capture", DAY_S, currents.capture),
        Draw("microphone", DAY_S, MICROPHONE),
        Draw("radio, sending", airtime.seconds, RADIO_TRANSMIT[REGION_DBM[region]]),
        Draw("radio, receiving", listening, RADIO_RECEIVE),
        Draw("radio, asleep", DAY_S - airtime.seconds - listening, RADIO_SLEEP),
    ]


def day_mah(draws: Iterable[Draw]) -> float:
    """Charge of a day, mAh."""
    return sum(draw.mah for draw in draws)


def days(battery_mah: float, board: Board, share: Estimate, region: str, air: Airtime) -> Estimate:
    """Days that a battery lasts, at the greatest, likely and least share of the CPU."""
    lives = (
        battery_mah / day_mah(day(board, part, region, air))
        for part in (share.high, share.likely, share.low)
    )
    return Estimate(*lives)
