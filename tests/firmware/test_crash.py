# SPDX-License-Identifier: Apache-2.0
"""The whole firmware crashes by a command, starts anew, and tells the network how it ended.

On QEMU: its reset leaves RAM as it is, where a native simulator's ends with the process.
"""

import bisect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import zephyr
from shell import QEMU_CONF
from street import Street, logged

from soundpost.uplink import DiagnosticFrame, Fault, Part, Port, Reset, decode


@pytest.fixture
def crashing(firmware: zephyr.Firmware, tmp_path: Path) -> Iterator[Street]:
    """The firmware with its shell, and a command that crashes it."""
    street = Street(firmware(zephyr.QEMU, QEMU_CONF), tmp_path)
    with street.air:
        yield street


def function_at(address: int, firmware: zephyr.Executable) -> str:
    """Name of the function that an address is in."""
    lines = firmware.path.with_suffix(".symbols").read_text(encoding="utf-8").splitlines()
    parts = [line.split() for line in lines]
    code = sorted((int(part[0], 16), part[2]) for part in parts if part[1] in "tT")
    return code[bisect.bisect_right(code, (address, "\x7f")) - 1][1]


@pytest.mark.parametrize(
    ("way", "reset", "fault"),
    [
        ("undefined", Reset.FAULT, Fault.USAGE),
        ("oops", Reset.FAULT, Fault.OOPS),
        ("panic", Reset.FAULT, Fault.PANIC),
        ("stall", Reset.WATCHDOG, Fault.STALL),
    ],
)
def test_the_network_hears_how_the_last_run_ended(
    crashing: Street, way: str, reset: Reset, fault: Fault
) -> None:
    outcome = crashing.run(25, typed=f"crash {way}\n")

    assert logged(outcome, "Booting Zephyr") == 2
    # before all else, and once
    ports = [uplink.port for uplink in crashing.device.uplinks]
    assert ports == [Port.DIAGNOSTIC, *[Port.SUMMARY] * (len(ports) - 1)]
    assert len(ports) > 1
    payload = crashing.device.uplinks[0].payload
    frame = decode(Port.DIAGNOSTIC, payload)
    assert isinstance(frame, DiagnosticFrame)
    assert (frame.reset, frame.fault, frame.resets) == (reset, fault, 1)
    assert frame.uptime_min == 0
    if fault is Fault.STALL:
        # the shell held all of them up
        assert frame.part in (Part.AUDIO, Part.SENSING, Part.UPLINK)
    else:
        assert frame.part is Part.OTHER
        assert function_at(frame.program_counter, crashing.program) == "cmd_crash"

    said = subprocess.run(
        [sys.executable, "-m", "soundpost.cli", "decode", "--port", "4", payload.hex()],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.startswith(f"reset by {reset.name.lower()}, 1 since power-on, firmware ")
    assert f"\n{fault.name.lower()} in {frame.part.name.lower()} after 0 min" in said


def test_a_run_that_did_not_crash_tells_nothing(crashing: Street) -> None:
    outcome = crashing.run(25, typed="crash gently\n")

    assert logged(outcome, "There is no crash gently") == 1
    assert not crashing.device.on_port(Port.DIAGNOSTIC)
    assert crashing.device.on_port(Port.SUMMARY)
