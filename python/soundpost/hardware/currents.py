# SPDX-License-Identifier: Apache-2.0
"""Typical supply currents at 25 °C, and the documents that they are from.

Documents are cited by the titles of their tables, whose numbers change from revision to revision.
None of the tables cited was at hand when the currents were last checked; what was is below. None
has been measured on a board.

Borne out by the maker, elsewhere:

- SX1262, sending and receiving: Semtech's LoRa Basics Modem (github.com/Lora-net/SWL2001,
  lbm_examples/radio_hal/ral_sx126x_bsp.c) reckons with 89.3, 95.4, 103.8 and 117.9 mA at +14, +17,
  +20 and +22 dBm with DC-DC, and with 4.6 mA in LoRa reception, not boosted; "check values" stands
  over the latter. The 4.2 mA of the data sheet's first page it has for FSK.
- nRF52840, running: its PS, Current consumption, Compounded, has 8.1 mA for CoreMark from flash
  while the radio sends at 0 dBm, HFXO, DC/DC. Others quote 4.8 mA for the radio, which leaves 3.3;
  and 52 µA/MHz of its features, which is as much at 64 MHz.

Borne out by others alone:

- SX1262, asleep: 600 nA in the notes of Mbed OS's driver.
- IM69D130: 980 µA at a clock of 3.072 MHz in the notes of two projects; at lower clocks it takes
  less. The nucleo_l476rg's is 3.2 MHz. The nRF52840's is 1.0 or 1.3 MHz, so it counts too much.
- nRF52840, capture: its PS has no current of PDM, so the nRF52832's stands in. With our estimate of
  the clocks it makes 2.0 mA. Nordic's documents of later chips have 1.63 and 1.67 mA for mono with
  HFXO, and who measured an nRF52832 got 2.5 mA with a microphone of 0.65 mA, so 1.85 mA.

Found nowhere: the STM32L476's 10.2 and 2.96 mA, which are most of that board's charge. Zephyr's
page of the board quotes 100 µA/MHz of the features, which is 8 mA at 80 MHz. If that is in Range 2
(core at 1.0 V, up to 26 MHz), Range 1's 1.2 V make 9.6 mA of it; of Sleep mode it tells nothing.
Compare both with the data sheet before you rely on them.
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
