# SPDX-License-Identifier: Apache-2.0
"""The firmware on a simulator: built with west, run on a recording."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from soundpost.provision.boards import board_geometry
from soundpost_ci.step import UnavailableError
from soundpost_ci.steps.firmware import APPLICATION, PLATFORMS, environment

ROOT = Path(__file__).resolve().parents[2]
BUILDS = ROOT / "build" / "firmware"
BUILD_TIMEOUT_S = 1200
RUN_TIMEOUT_S = 600

BOARDS = PLATFORMS
NATIVE = ("native_posix", "native_sim")
QEMU = "qemu_cortex_m3"
# as `west build -t run` calls it: 2^3 ns an instruction, and idle time costs none
QEMU_COMMAND = (
    *("qemu-system-arm", "-machine", "lm3s6965evb", "-cpu", "cortex-m3", "-nographic"),
    *("-vga", "none", "-net", "none", "-monitor", "none", "-serial", "stdio"),
    *("-icount", "shift=3,align=off,sleep=off", "-rtc", "clock=vm"),
)


def why_not() -> str | None:
    """What is missing to build and run; None if nothing is."""
    try:
        environment(ROOT)
    except UnavailableError as error:
        return str(error)
    if shutil.which(QEMU_COMMAND[0]) is None:
        return f"{QEMU_COMMAND[0]} is not installed: apt-get install qemu-system-arm"
    return None


@dataclass(frozen=True)
class Executable:
    """A firmware for a simulator."""

    board: str
    path: Path


Firmware = Callable[..., Executable]
"""The fixture `firmware`: builds a board with a configuration, once a session."""


@dataclass(frozen=True)
class Outcome:
    """What a run gave: its exit status, and what it said on the console."""

    status: int
    console: str

    @property
    def lines(self) -> list[str]:
        """Lines of JSON: what the sensor found."""
        return [line for line in self.console.splitlines() if line.startswith("{")]

    @property
    def log(self) -> list[str]:
        """All other lines."""
        return [line for line in self.console.splitlines() if not line.startswith("{")]

    def of_type(self, *types: str) -> list[dict[str, Any]]:
        """Lines of JSON of some types, read."""
        return [found for line in self.lines if (found := json.loads(line))["type"] in types]


def build(
    board: str, conf: Mapping[str, str] | None = None, application: str = APPLICATION
) -> Executable:
    """Build an application, in a folder of build/firmware for each board and configuration.

    Args:
        board: one of BOARDS.
        conf: Kconfig symbols with their values, over those of the board: {"CONFIG_…": "y"}; and
            variables of CMake.
        application: its folder, from the repository's.
    """
    options = [f"-D{name}={value}" for name, value in sorted((conf or {}).items())]
    mark = hashlib.sha256(" ".join(options).encode()).hexdigest()[:8]
    name = "-".join([*application.split("/")[1:], *board.split("/")])
    folder = BUILDS / (f"{name}-{mark}" if options else name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    command = [
        *("west", "build", "--board", board, "--build-dir", str(folder), application),
        *(("--", *options) if options else ()),
    ]
    # two at once in one folder would take each other's half-written files
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **environment(ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=BUILD_TIMEOUT_S,
        )
    assert done.returncode == 0, f"{done.stdout[-8000:]}{done.stderr[-2000:]}"
    image = "zephyr.exe" if board.startswith("native") else "zephyr.elf"
    return Executable(board, folder / "zephyr" / image)


def command(firmware: Executable, arguments: Sequence[str], qemu: Sequence[str] = ()) -> list[str]:
    """Command line that runs a firmware.

    Args:
        firmware: what to run.
        arguments: of the simulator, `--wav=…` and so on; without spaces or commas on QEMU.
        qemu: further arguments of QEMU, where that is the simulator.
    """
    if firmware.board != QEMU:
        return [str(firmware.path), "--no-rt", *arguments]
    given = "".join(f",arg={part.replace(',', ',,')}" for part in ("zephyr", *arguments))
    semihosting = ("-semihosting-config", f"enable=on,target=native{given}")
    # QEMU does not load the ELF file together with an image of the settings partition
    kernel = firmware.path.with_suffix(".bin")
    return [*QEMU_COMMAND, *semihosting, *qemu, "-kernel", str(kernel)]


def attach(
    firmware: Executable, folder: Path, storage: Path | None, air: Path | None
) -> tuple[list[str], list[str]]:
    """Arguments of the simulator, and of QEMU, for its flash and its radio.

    Args:
        firmware: what will run, in `folder`.
        folder: where the radio of QEMU finds its FIFOs.
        storage: image of `soundpost provision`.
        air: path of a lorawan_server.Air.
    """
    if firmware.board != QEMU:
        given = {"flash": storage, "air": air}
        return [f"--{name}={path}" for name, path in given.items() if path is not None], []
    if air is not None:
        # its FIFOs, under the name that the devicetree has
        for way in ("up", "down"):
            (folder / f"air.{way}").symlink_to(air.with_name(f"{air.name}.{way}"))
    if storage is None:
        return [], []
    where = hex(board_geometry(QEMU).address)
    return [], ["-device", f"loader,file={storage},addr={where},force-raw=on"]


def run(
    firmware: Executable,
    wav: Path,
    arguments: Sequence[str] = (),
    qemu: Sequence[str] = (),
    timeout_s: float = RUN_TIMEOUT_S,
    *,
    storage: Path | None = None,
    air: Path | None = None,
    typed: str = "",
) -> Outcome:
    """Let a firmware listen to a recording, to its end.

    Args:
        firmware: of `build`.
        wav: what its microphone hears; there need not be such a file.
        arguments: further ones of the simulator.
        qemu: further ones of QEMU.
        timeout_s: wall time that it may take.
        storage: image of `soundpost provision`; a native simulator writes to it.
        air: path of a lorawan_server.Air.
        typed: what is typed on its console.
    """
    with tempfile.TemporaryDirectory() as folder:
        # a short name, whatever the recording is called
        if wav.is_file():
            (Path(folder) / "in.wav").symlink_to(wav.resolve())
        more, more_qemu = attach(firmware, Path(folder), storage, air)
        done = subprocess.run(
            command(firmware, ["--wav=in.wav", *more, *arguments], [*more_qemu, *qemu]),
            cwd=folder,
            input=typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=timeout_s,
        )
    return Outcome(done.returncode, done.stdout)
