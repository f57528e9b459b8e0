# SPDX-License-Identifier: Apache-2.0
"""Payload and airtime against RP002-1.0.4 and the formula of Semtech, typed in here again."""

import math

import pytest
from soundpost._core import ffi, lib

from soundpost.errors import UserError
from soundpost.uplink import make_link, regions

# RP002-1.0.4: modulation and N of the tables "maximum payload size (not repeater compatible)",
# without and with a dwell time of 400 ms; None: no such uplink data rate
SF = {f"SF{sf}/{khz}": (sf, khz) for sf in range(7, 13) for khz in (125, 250, 500)}
RP002: dict[str, list[tuple[str, int | None, int | None] | None]] = {
    "EU868": [
        ("SF12/125", 51, 51),
        ("SF11/125", 51, 51),
        ("SF10/125", 51, 51),
        ("SF9/125", 115, 115),
        ("SF8/125", 242, 242),
        ("SF7/125", 242, 242),
        ("SF7/250", 242, 242),
        ("FSK", 242, 242),
    ],
    "US915": [
        ("SF10/125", 11, 11),
        ("SF9/125", 53, 53),
        ("SF8/125", 125, 125),
        ("SF7/125", 242, 242),
        ("SF8/500", 242, 242),
    ],
    "AU915": [
        ("SF12/125", 51, None),
        ("SF11/125", 51, None),
        ("SF10/125", 51, 11),
        ("SF9/125", 115, 53),
        ("SF8/125", 242, 125),
        ("SF7/125", 242, 242),
        ("SF8/500", 242, 242),
    ],
    "AS923": [
        ("SF12/125", 51, None),
        ("SF11/125", 51, None),
        ("SF10/125", 115, 11),
        ("SF9/125", 115, 53),
        ("SF8/125", 242, 125),
        ("SF7/125", 242, 242),
        ("SF7/250", 242, 242),
        ("FSK", 242, 242),
    ],
    "IN865": [
        ("SF12/125", 51, 51),
        ("SF11/125", 51, 51),
        ("SF10/125", 51, 51),
        ("SF9/125", 115, 115),
        ("SF8/125", 242, 242),
        ("SF7/125", 242, 242),
        None,
        ("FSK", 242, 242),
    ],
}


def airtime_s(modulation: str, radio_bytes: int) -> float:
    """SX1276 datasheet, section 4.1.1.7; GFSK of 50 kbit/s as RP002 has it."""
    if modulation == "FSK":
        return 8 * (5 + 3 + 1 + radio_bytes + 2) / 50e3
    sf, khz = SF[modulation]
    symbol = 2**sf / (khz * 1e3)
    optimise = 1 if symbol > 0.016 else 0
    bits = 8 * radio_bytes - 4 * sf + 28 + 16 * 1 - 20 * 0
    symbols = 8 + max(math.ceil(bits / (4 * (sf - 2 * optimise))) * (1 + 4), 0)
    return (8 + 4.25) * symbol + symbols * symbol


def payload_max(region: str, data_rate: int, dwell: bool) -> int | None:
    link = ffi.new(
        "struct sp_link *",
        {"region": regions().index(region), "data_rate": data_rate, "dwell_limited": dwell},
    )
    length: int = lib.sp_link_payload_max(link)
    return None if length < 0 else length


def test_regions() -> None:
    assert regions() == list(RP002)


@pytest.mark.parametrize("region", RP002)
def test_payload_of_every_data_rate(region: str) -> None:
    table = RP002[region] + [None] * (256 - len(RP002[region]))
    for data_rate, row in enumerate(table):
        free, limited = (None, None) if row is None else row[1:]
        assert payload_max(region, data_rate, False) == free
        assert payload_max(region, data_rate, True) == limited


@pytest.mark.parametrize("region", RP002)
def test_airtime_of_every_length(region: str) -> None:
    for data_rate, row in enumerate(RP002[region]):
        if row is None:
            continue
        modulation, longest, limited = row
        assert longest is not None
        for fopts in (0, 7, 15):
            link = make_link(region, data_rate, fopts_bytes=fopts)
            assert lib.sp_link_payload_max(link) == max(longest - fopts, 0)
            for length in range(max(longest - fopts, 0) + 1):
                expected = airtime_s(modulation, 13 + fopts + length)
                assert lib.sp_link_airtime_us(link, length) == round(expected * 1e6)
            assert lib.sp_link_airtime_us(link, longest - fopts + 1) < 0
        if limited is not None and region in ("US915", "AU915", "AS923"):
            link = make_link(region, data_rate, dwell_limited=True)
            assert lib.sp_link_airtime_us(link, limited) <= 400_000


def test_airtime_of_every_lora_setting() -> None:
    for modulation, (sf, khz) in SF.items():
        for radio_bytes in range(256):
            expected = round(airtime_s(modulation, radio_bytes) * 1e6)
            assert lib.sp_lora_airtime_us(sf, khz, radio_bytes) == expected


def test_links_that_make_no_sense_are_refused() -> None:
    with pytest.raises(UserError, match="unknown region CN470"):
        make_link("CN470", 0)
    with pytest.raises(UserError, match="no uplink data rate 7; there are 0, 1, 2, 3, 4"):
        make_link("US915", 7)
    with pytest.raises(UserError, match="dwell"):
        make_link("AU915", 0, dwell_limited=True)
    with pytest.raises(UserError, match="out of range"):
        make_link("EU868", 0, battery=256)
