# SPDX-License-Identifier: Apache-2.0
"""Steps that need a Zephyr workspace: firmware and twister."""

import os
import re
import shutil
from collections.abc import Mapping
from itertools import product
from pathlib import Path

from soundpost.ports.workspace import find_zephyr, tflite_micro
from soundpost_ci.complaints import complaints
from soundpost_ci.step import Context, FaultError, Step, UnavailableError
from soundpost_ci.steps.ledger import hold

APPLICATION = "zephyr_app"
BOARDS = ("nucleo_l476rg", "nrf52840dk/nrf52840")
ENGINES = ("compiled", "tflm")
PLATFORMS = ("native_posix", "native_sim", "qemu_cortex_m3")
TEST_ROOTS = (APPLICATION, "tests/zephyr", "drivers")

# "           FLASH:       73400 B         1 MB      7.00%"
_REGION = re.compile(r"^\s*(FLASH|RAM|SRAM):\s+(\d+) (B|KB|MB)\s", re.M)
_UNIT = {"B": 1, "KB": 1024, "MB": 1024 * 1024}


def environment(root: Path) -> dict[str, str]:
    """Variables in which west builds for every board, over those that there are.

    west and what it needs are the caller's, or those of the virtual environment that Zephyr's
    getting started guide puts beside Zephyr. Where no toolchain is named, it is the system's
    arm-none-eabi-gcc. ccache, which Zephyr uses where it is installed, takes builds for one when
    only their folders under build/ differ.

    Raises:
        UnavailableError: if Zephyr or west is not there.
    """
    zephyr = find_zephyr(root)
    if zephyr is None:
        raise UnavailableError("no Zephyr: set ZEPHYR_BASE, or clone into a west workspace")
    variables = {"ZEPHYR_BASE": str(zephyr)}
    if shutil.which("west") is None:
        tools = zephyr.parent / ".venv" / "bin"
        if not (tools / "west").is_file():
            raise UnavailableError("west is not installed: pip install west")
        variables["PATH"] = f"{tools}{os.pathsep}{os.environ['PATH']}"
    compiler = shutil.which("arm-none-eabi-gcc")
    named = {"ZEPHYR_TOOLCHAIN_VARIANT", "ZEPHYR_SDK_INSTALL_DIR"} & os.environ.keys()
    if compiler is not None and not named:
        variables["ZEPHYR_TOOLCHAIN_VARIANT"] = "gnuarmemb"
        variables["GNUARMEMB_TOOLCHAIN_PATH"] = str(Path(compiler).parents[1])
    variables |= {"CCACHE_BASEDIR": str(root / "build"), "CCACHE_NOHASHDIR": "1"}
    return variables


def _workspace(context: Context) -> Mapping[str, str]:
    """Environment to call west in.

    Raises:
        UnavailableError: if the application, Zephyr or west is not there.
    """
    if not (context.root / APPLICATION).is_dir():
        raise UnavailableError(f"there is no {APPLICATION}/")
    return environment(context.root)


def region_bytes(output: str) -> dict[str, int]:
    """Bytes of flash and RAM from what the linker says of its memory regions."""
    used = {name: int(size) * _UNIT[unit] for name, size, unit in _REGION.findall(output)}
    ram = used.get("RAM", used.get("SRAM"))
    figures = {"flash_bytes": used.get("FLASH"), "ram_bytes": ram}
    return {name: size for name, size in figures.items() if size is not None}


def engine_options(zephyr: Path, root: Path, engine: str) -> list[str]:
    """CMake's options for an engine."""
    chosen = [f"-DCONFIG_SOUNDPOST_ENGINE_{engine.upper()}=y"]
    module = tflite_micro(zephyr)
    if engine == "tflm" and module is not None:
        # a workspace of Zephyr's own manifest leaves its optional modules out
        chosen.append(f"-DEXTRA_ZEPHYR_MODULES={module};{root}")
    return chosen


def update_options(zephyr: Path, root: Path) -> list[str]:
    """Options of a build with MCUboot: sysbuild's, and a key that is not the example key.

    It is that key under another name, for builds that no sensor gets: its own name is warned of.

    Raises:
        UnavailableError: if MCUboot is not there.
    """
    example = zephyr.parent / "bootloader" / "mcuboot" / "root-ec-p256.pem"
    if not example.is_file():
        raise UnavailableError("no MCUboot: west update mcuboot")
    key = root / "build" / "firmware" / "nobody.pem"
    key.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(example, key)
    return [f'-DSB_CONFIG_BOOT_SIGNATURE_KEY_FILE="{key}"']


def is_firmware(name: str) -> bool:
    """Whether `firmware` measures a figure."""
    return name.startswith("firmware.")


def _firmware(context: Context) -> None:
    env = _workspace(context)
    zephyr = Path(env["ZEPHYR_BASE"])
    warned: list[str] = []

    def build(board: str, variant: str, options: list[str], *more: str) -> dict[str, int]:
        name = f"{board.partition('/')[0]}.{variant}"
        output = context.call(
            *("west", "build", "--pristine", *more, "--board", board),
            *("--build-dir", f"build/firmware/{name}", APPLICATION, "--", *options),
            env=env,
        )
        warned.extend(f"{name}: {warning}" for warning in complaints(output, context.root))
        return {f"firmware.{name}.{key}": size for key, size in region_bytes(output).items()}

    now: dict[str, int] = {}
    for board, engine in product(BOARDS, ENGINES):
        now |= build(board, engine, engine_options(zephyr, context.root, engine))
    for board in BOARDS:
        # its bytes are the application's and MCUboot's, in partitions of their own
        build(board, "update", update_options(zephyr, context.root), "--sysbuild")
    if warned:
        raise FaultError("\n".join(warned))
    hold(context, "firmware, from the linker", now, is_firmware)


def _twister(context: Context) -> None:
    env = _workspace(context)
    roots = [name for name in TEST_ROOTS if (context.root / name).is_dir()]
    context.call(
        *("west", "twister", "--inline-logs", "--outdir", "build/twister"),
        *(argument for root in roots for argument in ("-T", root)),
        *(argument for platform in (*PLATFORMS, *BOARDS) for argument in ("-p", platform)),
        env=env,
    )


WATCHES = (
    *("core/*", "models/*", "drivers/*", "dts/*", "zephyr/*", "boards/*", "west.yml"),
    *(f"{APPLICATION}/*", "tests/zephyr/*"),
)

STEPS = (
    Step(
        "firmware",
        f"west build for {', '.join(BOARDS)}, {' and '.join(ENGINES)}, and MCUboot: no warning",
        WATCHES,
        _firmware,
    ),
    Step("twister", f"west twister on {', '.join(PLATFORMS)}, and for boards", WATCHES, _twister),
)
