# SPDX-License-Identifier: Apache-2.0
"""Building the ports with CMake and Ninja."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

from soundpost.errors import UserError
from soundpost.models.model import check_shipped


class Port(Enum):
    """Where the sensor runs; the value is the name of its build folder."""

    HOST = "host"
    CORTEX_M4F = "cortex-m4"
    CORTEX_M3 = "cortex-m3"

    @property
    def cross(self) -> bool:
        """Whether it is built with the Arm compiler and run under QEMU."""
        return self is not Port.HOST

    @property
    def machine(self) -> str:
        """QEMU's board of this core: Arm's MPS2 with application note 386 or 385."""
        return {Port.CORTEX_M4F: "mps2-an386", Port.CORTEX_M3: "mps2-an385"}[self]


def repository() -> Path:
    """Root of the repository that this package is installed from.

    Raises:
        UserError: if it was installed without one.
    """
    root = Path(__file__).resolve().parents[3]
    if not (root / "ports" / "cortex_m").is_dir():
        raise UserError("the C ports are not here: install with `pip install -e .` from a clone")
    return root


def find_tool(name: str, package: str) -> str:
    """Path of a program.

    Raises:
        UserError: naming the Debian package that holds it.
    """
    path = shutil.which(name)
    if path is None:
        raise UserError(f"{name} is not installed: apt-get install {package}")
    return path


def _run(command: list[str], doing: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UserError(f"could not {doing}:\n{done.stdout}{done.stderr}")


def build(port: Port, model: str, target: str, options: dict[str, str] | None = None) -> Path:
    """Build one program of a port, in build/<port>/<model>.

    Args:
        port: what it shall run on.
        model: name of a folder of models/, whose network is built in.
        target: "sensor", "sensor_windowed" or "bench".
        options: further CMake variables.

    Returns:
        The program: that of the folder which SOUNDPOST_PROGRAMS names, if it does; it holds
        <port>/<program>, built by other means.

    Raises:
        UserError: if there is no such model, a compiler or builder is missing, or the build fails.
    """
    check_shipped(model)
    name = f"{target}.elf" if port.cross else target
    if programs := os.environ.get("SOUNDPOST_PROGRAMS"):
        return Path(programs) / port.value / name
    root = repository()
    folder = root / "build" / port.value / model
    configure_and_build(port, root, folder, target, {"SOUNDPOST_MODEL": model, **(options or {})})
    return folder / "ports" / name


def configure_and_build(
    port: Port, source: Path, folder: Path, target: str, variables: Mapping[str, str]
) -> None:
    """Build a target of a CMake project for a port.

    Args:
        port: what it shall run on.
        source: of the project.
        folder: to build in.
        target: of the project.
        variables: for CMake.

    Raises:
        UserError: if a compiler or builder is missing, or the build fails.
    """
    tools = {}
    if port.cross:
        find_tool("arm-none-eabi-gcc", "gcc-arm-none-eabi libnewlib-arm-none-eabi")
        toolchain = repository() / "ports" / "cortex_m" / "toolchain.cmake"
        tools = {"CMAKE_TOOLCHAIN_FILE": str(toolchain), "SOUNDPOST_CPU": port.value}
    cmake = find_tool("cmake", "cmake")
    find_tool("ninja", "ninja-build")
    defines = [f"-D{name}={value}" for name, value in {**variables, **tools}.items()]
    folder.mkdir(parents=True, exist_ok=True)
    # two at once in one folder would take each other's half-written files
    with (folder / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _run([cmake, "-S", str(source), "-B", str(folder), "-G", "Ninja", *defines], "configure")
        _run([cmake, "--build", str(folder), "--target", target], f"build {target}")
