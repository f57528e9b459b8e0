# SPDX-License-Identifier: Apache-2.0
"""Stacks of the firmware, after all that it does at once, on a Cortex-M3.

The native simulators run threads on stacks of the host; what they tell of their own means nothing.
"""

import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import zephyr
from shell import QEMU_CONF, Shell

from soundpost.audio import write_wav
from soundpost.provision.boards import board_geometry
from soundpost.provision.keys import Identity, identity_values, image, settings_value
from soundpost.synth.render import render_scene
from soundpost.synth.schedule import street_scene

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lorawan"))
from lorawan_server import Air, Device, NetworkServer, Uplink
from lorawan_server.mac_commands import dev_status_request

#: test keys: no network has them
IDENTITY = Identity(bytes.fromhex("70b3d57ed0000001"), bytes(7) + b"\x02", bytes(range(16)))
SETTINGS = {"interval_s": 10, "records_per_frame": 1, "airtime_budget_ds": 8640}
UPLINKS = 20
WINDOWS = 100
TIMEOUT_S = 300
MOST_PERCENT = 80
COMMANDS = (
    *("audio level", "cal show", "model info", "detector show"),
    *("detector set gate_cdb 3000", "settings list", "settings get interval_s"),
    *("settings set interval_s 11", "settings set volume 1", "lora status", "lora keys show"),
    *("stats", "help"),
)
THREADS = {"audio", "main", "sensing", "sysworkq", "shell_uart", "idle", "IRQ"}
# "0x20001234 main       (real size 2048):	unused 1000	usage 1048 / 2048 (51 %)"
STACK = re.compile(r"^0x\w+ (\w+) .*usage +(\d+) / +(\d+) ", re.MULTILINE)
COUNTS = re.compile(r"sensing: (\d+) windows, (\d+) silent, (\d+) events")


def talk_to(device: Device) -> None:
    """Have the network answer with all that it may."""

    def answer(uplink: Uplink) -> None:
        if uplink.fcnt % 3 == 1:
            # every key there is, asked for
            device.send(10, bytes(0x80 | key for key in range(1, 25)), confirmed=True)
        if uplink.fcnt % 3 == 2:
            device.request(dev_status_request())
            device.send(10, bytes([1, 0, 10]))

    # at a low data rate after these, from which ADR brings it up
    device.faults.refuse_joins = 2
    device.adr_max_data_rate = 5
    device.adr_history = 3
    device.on_uplink = answer


@pytest.fixture
def busy(firmware: zephyr.Firmware, tmp_path: Path) -> Iterator[tuple[Shell, Device]]:
    """A firmware that hears a loud street, on a network that talks, and its shell."""
    program = firmware(zephyr.QEMU, QEMU_CONF)
    street = render_scene(street_scene(40.0, seed=3))[0].astype(np.int32)
    noise = np.random.default_rng(1).integers(-4000, 4000, len(street))
    # and steady enough to be a calibrator's
    tone = 16000 * np.sin(2 * np.pi * 1000 * np.arange(20 * 16000) / 16000)
    pcm = np.clip(np.concatenate([street * 4 + noise, tone]), -32768, 32767)
    write_wav(tmp_path / "in.wav", pcm.astype(np.int16))

    values = identity_values(IDENTITY) | {"sp/settings": settings_value(SETTINGS)}
    storage = tmp_path / "storage.bin"
    storage.write_bytes(image(values, board_geometry(zephyr.QEMU)))
    server = NetworkServer()
    device = server.add_device(
        int.from_bytes(IDENTITY.dev_eui, "big"),
        int.from_bytes(IDENTITY.join_eui, "big"),
        IDENTITY.app_key,
    )
    talk_to(device)
    with Air(server) as air:
        arguments, qemu = zephyr.attach(program, tmp_path, storage, air.path)
        command = zephyr.command(program, ["--wav=in.wav", "--wav-loop", *arguments], qemu)
        with Shell(command, tmp_path) as shell:
            yield shell, device


def used(shell: Shell) -> dict[str, tuple[int, int]]:
    """Bytes used of each stack, and its size; a line of the log may break one of the answer."""
    for _ in range(10):
        found = STACK.findall("\n".join(shell.type("kernel stacks")))
        if {name for name, _, _ in found} >= THREADS:
            return {name: (int(most), int(size)) for name, most, size in found}
    pytest.fail(f"no stacks of {THREADS}")


def scored(shell: Shell) -> tuple[int, int]:
    """Windows that were scored, and events; none if a line of the log breaks the answer."""
    found = COUNTS.search("\n".join(shell.type("stats")))
    windows, silent, events = map(int, found.groups()) if found else (0, 0, 0)
    return windows - silent, events


def test_every_stack_has_a_fifth_left(busy: tuple[Shell, Device]) -> None:
    shell, device = busy
    until = time.monotonic() + TIMEOUT_S
    calibrated, windows, events = False, 0, 0
    while len(device.uplinks) < UPLINKS or not calibrated or windows <= WINDOWS or not events:
        told = f"{len(device.uplinks)} uplinks; {calibrated=}; {windows=}; {events=}"
        assert time.monotonic() < until, told
        for line in COMMANDS:
            shell.type(line)
        calibrated |= "full scale is" in "".join(shell.type("cal set 114.0"))
        windows, events = scored(shell)
    # it did what it was to do
    assert device.on_port(10)
    assert device.adr_answers
    assert device.status is not None

    stacks = used(shell)
    print("\n".join(f"{name:12} {most:5} of {size:5}" for name, (most, size) in stacks.items()))
    assert set(stacks) == THREADS
    full = {name: most for name, most in stacks.items() if most[0] * 100 >= most[1] * MOST_PERCENT}
    assert not full
