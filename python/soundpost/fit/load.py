# SPDX-License-Identifier: Apache-2.0
"""Instructions that a second of audio costs, and the share of the CPU that they are."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from soundpost.errors import UserError
from soundpost.frontend.config import SAMPLE_RATE
from soundpost.hardware.boards import Board
from soundpost.hardware.cycles import Estimate, cycles
from soundpost.models.model import Model

#: cores as CMSIS packs and cmsis-pack-manager name them, whose instructions the Cortex-M4F's are
DSP_CORES = ("", "CortexM4", "CortexM7", "CortexM33")

LONGEST_FFT = 1024


@dataclass(frozen=True)
class Load:
    """Instructions a second of sound loud enough that every window is classified."""

    instructions: int
    source: str

    def share(self, board: Board) -> Estimate:
        """Share of a board's CPU, with what its microphone's driver takes."""
        return cycles(self.instructions) * (1 / board.clock_hz) + board.driver_share


def read_figures(path: Path) -> dict[str, float]:
    """The figures of a file of `soundpost bench`, or of ci/budget.json.

    Raises:
        UserError: if the file cannot be read or is none of these.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; make it with soundpost bench") from error
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise UserError(f"{path}: no JSON; make it with soundpost bench") from error
    figures = content.get("figures", content) if isinstance(content, dict) else None
    if not isinstance(figures, dict) or not all(map(_is_figure, figures.values())):
        raise UserError(f"{path}: no figures by name; make it with soundpost bench")
    return figures


def _is_figure(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(float(str(value))) and float(str(value)) >= 0


def _estimate(figures: Mapping[str, float], model: Model) -> Load:
    """From the compiler's estimate, and columns and levels as counted for other front ends."""
    column, level = "m4f.column.1024.instructions", "m4f.level.instructions_per_second"
    if column not in figures or level not in figures:
        raise UserError(
            f"no {column} to reckon with: make build/bench/bench.json by soundpost bench"
        )
    frontend = model.recipe.frontend
    columns_hz = SAMPLE_RATE / frontend.hop
    windows_hz = columns_hz / model.window_hop
    # an FFT takes N log N
    size = frontend.fft_size
    scale = size * math.log2(size) / (LONGEST_FFT * math.log2(LONGEST_FFT))
    inference = model.window_instructions(model.window_hop)
    total = windows_hz * inference + columns_hz * scale * figures[column] + figures[level]
    return Load(round(total), "estimate: the compiler's, and the ledger's front end and levels")


def find_load(model: Model, engine: str, sources: Mapping[str, Mapping[str, float]]) -> Load:
    """What a second costs on a core with the DSP instructions.

    Args:
        model: the network and its front end.
        engine: "compiled" or "tflm".
        sources: figures by the name of their file, the best first; the last is the ledger.

    Raises:
        UserError: if the engine is TFLM and nobody has counted it, or the ledger lacks the rest.
    """
    name = model.recipe.name
    pipeline = f"m4f.pipeline.{name}.instructions_per_second"
    found = next(((s, f) for s, f in sources.items() if pipeline in f), None)
    if found is None:
        load = _estimate(list(sources.values())[-1], model)
    else:
        load = Load(round(found[1][pipeline]), f"counted: {found[0]}")
    if engine == "compiled":
        return load
    inference = f"m4f.inference.{name}.{engine}-cmsis-nn.instructions"
    counted = next((f[inference] for f in sources.values() if inference in f), None)
    if counted is None:
        raise UserError(
            f"the build runs {engine}, and no file has {inference};"
            " run soundpost bench where there is a Zephyr workspace"
        )
    windows_hz = SAMPLE_RATE / model.recipe.frontend.hop / model.window_hop
    ours = model.window_instructions(model.window_hop)
    total = load.instructions + windows_hz * (counted - ours)
    return Load(round(total), f"{load.source}, with {engine} for the compiled network")
