# SPDX-License-Identifier: Apache-2.0
"""zephyr_app/README.md says what the firmware's budget of bytes says, and that is little enough."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "zephyr_app/README.md"
FIGURES = {
    name: size
    for name, size in json.loads((ROOT / "ci/budget.json").read_text("utf-8"))["figures"].items()
    if name.startswith("firmware.")
}
KIB = 1024


def test_the_table_is_the_budget() -> None:
    rows = re.findall(
        r"^\| (\w+) \| (\w+) \| ([\d,]+) \| ([\d,]+) \|$", README.read_text("utf-8"), re.MULTILINE
    )
    told = {}
    for board, engine, *sizes in rows:
        for what, size in zip(("flash", "ram"), sizes, strict=True):
            told[f"firmware.{board}.{engine}.{what}_bytes"] = int(size.replace(",", ""))
    assert told == FIGURES


def test_the_sensor_leaves_memory_of_the_nucleo() -> None:
    assert FIGURES["firmware.nucleo_l476rg.compiled.flash_bytes"] <= 256 * KIB
    assert FIGURES["firmware.nucleo_l476rg.compiled.ram_bytes"] <= 48 * KIB
