# SPDX-License-Identifier: Apache-2.0
"""Zephyr and its modules, in the workspace that west has made."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from soundpost.errors import UserError


@dataclass(frozen=True)
class Sources:
    """Folders of tflite-micro and CMSIS-NN."""

    tflite_micro: Path
    cmsis_nn: Path


def find_zephyr(root: Path) -> Path | None:
    """Folder of Zephyr: ZEPHYR_BASE, that of the west workspace around us, or ~/zephyrproject's."""
    named = os.environ.get("ZEPHYR_BASE")
    places = [Path(named)] if named else []
    if shutil.which("west"):
        top = subprocess.run(
            ["west", "topdir"], cwd=root, capture_output=True, text=True, check=False
        )
        if top.returncode == 0:
            places.append(Path(top.stdout.strip()) / "zephyr")
    places.append(Path.home() / "zephyrproject" / "zephyr")
    return next((place for place in places if (place / "VERSION").is_file()), None)


def tflite_micro(zephyr: Path) -> Path | None:
    """Folder of tflite-micro in the workspace of Zephyr, if west has brought it."""
    folder = zephyr.parent / "optional" / "modules" / "lib" / "tflite-micro"
    return folder if folder.is_dir() else None


def find_sources(root: Path) -> Sources:
    """The sources of the workspace of `find_zephyr`.

    Raises:
        UserError: if there is no workspace, or it lacks one of them.
    """
    zephyr = find_zephyr(root)
    if zephyr is None:
        raise UserError("no Zephyr workspace: set ZEPHYR_BASE, or clone into a west workspace")
    tflm = tflite_micro(zephyr)
    if tflm is None:
        raise UserError(f"{zephyr.parent} has no tflite-micro; west update tflite-micro")
    cmsis_nn = zephyr.parent / "modules" / "lib" / "cmsis-nn"
    if not cmsis_nn.is_dir():
        raise UserError(f"{zephyr.parent} has no cmsis-nn; west update cmsis-nn")
    return Sources(tflm, cmsis_nn)
