# SPDX-License-Identifier: Apache-2.0
"""Running the ports, under QEMU where they are not for this machine."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from soundpost.errors import UserError
from soundpost.ports.build import Port, build, find_tool

TIMEOUT_S = 1800


def emulate(port: Port, program: Path, arguments: Sequence[str], folder: Path) -> str:
    """Run a bare-metal program under QEMU, one nanosecond an instruction.

    Args:
        port: its core.
        program: ELF file.
        arguments: without spaces, which semihosting cannot carry.
        folder: where it runs and finds files of this machine.

    Returns:
        What it printed.

    Raises:
        UserError: if QEMU is missing or the program fails; the message holds what it said.
    """
    qemu = find_tool("qemu-system-arm", "qemu-system-arm")
    given = "".join(f",arg={argument}" for argument in ("sensor", *arguments))
    command = [
        *(qemu, "-M", port.machine, "-nographic", "-monitor", "none", "-serial", "null"),
        *("-icount", "shift=0", "-semihosting-config", f"enable=on,target=native{given}"),
        *("-kernel", str(program)),
    ]
    return _run(command, folder)


def _run(command: Sequence[str], folder: Path) -> str:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=TIMEOUT_S
        )
    except subprocess.TimeoutExpired as error:
        raise UserError(f"{command[0]} did not end within {TIMEOUT_S} s") from error
    if done.returncode != 0:
        raise UserError(f"{command[0]} failed ({done.returncode}): {done.stdout}{done.stderr}")
    return done.stdout


def run_sensor(port: Port, model: str, wav: Path, options: Mapping[str, object]) -> bytes:
    """Let a port's sensor listen to a recording.

    Args:
        port: where it runs; it is built first if need be.
        model: folder of models/.
        wav: 16 kHz mono 16-bit WAV file.
        options: `region`, `dr`, and settings by name.

    Returns:
        Its JSONL.

    Raises:
        UserError: as `build` and `emulate`.
    """
    program = build(port, model, "sensor")
    arguments = ["in.wav", "out.jsonl", *(f"{name}={value}" for name, value in options.items())]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # a fixed name without spaces or commas, whatever the recording is called
        shutil.copyfile(wav, folder / "in.wav")
        if port.cross:
            emulate(port, program, arguments, folder)
        else:
            _run([str(program), *arguments], folder)
        return (folder / "out.jsonl").read_bytes()
