# SPDX-License-Identifier: Apache-2.0
"""Running a program that counts, and what it printed."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from soundpost.bench.windows import write_windows
from soundpost.ports import Port, emulate


@dataclass(frozen=True)
class Counted:
    """What an engine takes.

    Attributes:
        figures: counts by name.
        outputs: the network's bytes for each window of `write_windows`.
    """

    figures: dict[str, int]
    outputs: tuple[bytes, ...]


def run_counting(port: Port, program: Path, model: str) -> Counted:
    """Run a program on a model's windows, and read its lines: `name count`, or `output hex`.

    Of a figure that it prints several times the greatest counts.

    Raises:
        UserError: if QEMU is missing or the program fails.
    """
    figures: dict[str, int] = {}
    outputs = []
    with tempfile.TemporaryDirectory() as folder:
        write_windows(model, Path(folder))
        lines = emulate(port, program, [], Path(folder)).splitlines()
    for line in lines:
        name, value = line.split()
        if name == "output":
            outputs.append(bytes.fromhex(value))
        else:
            figures[name] = max(figures.get(name, 0), int(value))
    return Counted(figures, tuple(outputs))


def inference_key(name: str, operators: Sequence[str]) -> str:
    """Name of an inference's figure; steps, which programs count, get their operator.

    Args:
        name: as printed, without "inference.": "instructions", "0.instructions".
        operators: of each step, in TensorFlow Lite's words.
    """
    step, _, unit = name.partition(".")
    return f"{step}_{operators[int(step)].lower()}.{unit}" if step.isdecimal() else name
