# SPDX-License-Identifier: Apache-2.0
"""Typical supply currents at 25 °C, and the documents that they are from.

Documents are cited by the titles of their tables, whose numbers change from revision to revision.
Nobody has yet compared all of them with the documents themselves. What others quote from these
bears out

- the nRF52840's 3.3 mA: its features' 52 µA/MHz from flash with DC/DC, at 64 MHz;
- the SX1262's 118 mA at +22 dBm, 90 mA at +14 dBm, and 600 nA of sleep with retention (which the
  notes of Mbed OS's driver give too).

Its reception is quoted with 4.2 and with 4.6 mA: the greater counts here. The STM32L476's, the
microphone's and the PDM's currents stand alone: compare these before you rely on them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Current:
    """A current in mA, the document that it is from, and the entry there."""

    ma: float
    document: str
    entry: str


@dataclass(frozen=True)
class McuCurrents:
    """A microcontroller at its board's clock.

    Attributes:
        run: running code from flash.
        sleep: between two blocks of audio: the core waits for an interrupt, its clock runs on.
        capture: what takes samples in, besides, all the time.
    """

    run: Current
    sleep: Current
    capture: Current


_STM32 = "ST DS10198"
_NRF = "Nordic nRF52840 PS"
_RADIO = "Semtech DS.SX1261-2"
_ESTIMATE = "estimate"

STM32L476 = McuCurrents(
    Current(
        10.2,
        _STM32,
        "6.3.5, Current consumption in Run and Low-power run modes, code with data processing"
        " running from Flash, ART enable (Cache ON Prefetch OFF): Range 1, 80 MHz",
    ),
    Current(
        2.96,
        _STM32,
        "6.3.5, Current consumption in Sleep and Low-power sleep modes, Flash ON: Range 1, 80 MHz",
    ),
    Current(0.5, _ESTIMATE, "DFSDM and DMA, which the table of Sleep mode leaves off"),
)

NRF52840 = McuCurrents(
    Current(
        3.3, _NRF, "5.2.1, CPU running: CoreMark at 64 MHz from flash, clock HFXO, regulator DC/DC"
    ),
    Current(0.6, _ESTIMATE, "HFXO, and the clocks that PDM and its DMA keep running"),
    Current(1.4, "Nordic nRF52832 PS", "PDM electrical specification: stereo operation"),
)

MICROPHONE = Current(0.98, "Infineon IM69D130", "Electrical characteristics: normal mode")

RADIO_RECEIVE = Current(
    4.6, _RADIO, "3.4, Power consumption in receive mode: DC-DC, LoRa 125 kHz, power saving"
)
RADIO_SLEEP = Current(0.0006, _RADIO, "3.4, Power consumption: sleep with retention (warm start)")

_SENDING = "3.4, Power consumption in transmit mode: SX1262 at 868 and 915 MHz"

#: of the SX1262 at 868 and 915 MHz, by power at its pin in dBm
RADIO_TRANSMIT = {
    14: Current(90.0, _RADIO, f"{_SENDING}, +14 dBm"),
    17: Current(95.0, _RADIO, f"{_SENDING}, +17 dBm"),
    20: Current(102.0, _RADIO, f"{_SENDING}, +20 dBm"),
    22: Current(118.0, _RADIO, f"{_SENDING}, +22 dBm"),
}

#: dBm at the pin with an antenna of 2.15 dBi: RP002's greatest EIRP, as far as the SX1262 goes
REGION_DBM = {"EU868": 14, "AS923": 14, "US915": 22, "AU915": 22, "IN865": 22}
