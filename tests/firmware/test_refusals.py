# SPDX-License-Identifier: Apache-2.0
"""What the firmware refuses, and what it loses, `stats` counts."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zephyr
from shell import QEMU_CONF, Shell
from street import INTERVAL_KEY, SETTINGS_PORT, Street

from lorawan_server import Uplink

UPLINKS = 10
TIMEOUT_S = 300


@pytest.fixture
def street(firmware: zephyr.Firmware, tmp_path: Path) -> Iterator[Street]:
    """A sensor on qemu_cortex_m3, whose network does all wrong that it can."""
    street = Street(firmware(zephyr.QEMU, QEMU_CONF), tmp_path)
    device, faults = street.device, street.faults

    def corrupt() -> None:
        faults.corrupt_downlinks = 1
        device.send(SETTINGS_PORT, bytes([0x80 | INTERVAL_KEY]))

    def replay() -> None:
        faults.replay_downlinks = 1

    wrongs: dict[int, Callable[[], object]] = {
        2: corrupt,
        3: lambda: device.send(SETTINGS_PORT, bytes([0x80 | INTERVAL_KEY])),
        4: replay,
        5: lambda: setattr(device.send(SETTINGS_PORT, bytes(230)), "oversize", True),
        6: lambda: device.send(77, b"\x01\x02"),
        # a value that is cut off after its key
        7: lambda: device.send(SETTINGS_PORT, bytes([INTERVAL_KEY, 0])),
    }

    def do_wrong(_: Uplink) -> None:
        wrongs.get(len(device.uplinks), lambda: None)()

    device.on_uplink = do_wrong
    # so slow after it that downlinks take 51 bytes
    faults.refuse_joins = 1
    faults.wrong_key_joins = 2
    street.noise(60)
    with street.air:
        yield street


def test_what_is_refused_is_counted(street: Street, tmp_path: Path) -> None:
    arguments, qemu = zephyr.attach(street.program, tmp_path, street.flash, street.air.path)
    arguments = ["--wav=noise.wav", "--wav-loop", *arguments]
    with Shell(zephyr.command(street.program, arguments, qemu), tmp_path) as shell:
        until = time.monotonic() + TIMEOUT_S
        while len(street.device.uplinks) < UPLINKS:
            assert time.monotonic() < until, street.device.uplinks
            shell.type("lora status")
        stats = "\n".join(shell.type("stats"))

    assert re.search(r"^uplink: .* 0 errors, .* 1 joins$", stats, re.MULTILINE)
    refused = re.search(r"^refused: (.*)$", stats, re.MULTILINE)
    assert refused is not None
    assert refused[1].split(", ") == [
        *("1 MIC", "1 replayed", "1 malformed", "0 foreign", "1 on no port"),
        *("0 payloads", "2 join accepts"),
    ]
