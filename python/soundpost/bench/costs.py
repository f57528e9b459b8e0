# SPDX-License-Identifier: Apache-2.0
"""Networks by engine and core: cycles, milliseconds and microjoules from what was counted."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from soundpost.hardware.boards import Board
from soundpost.hardware.cycles import (
    CYCLES_PER_INSTRUCTION,
    CYCLES_PER_TFLM_INSTRUCTION,
    Estimate,
)

_ENGINE = re.compile(r"^(m3|m4f)\.inference\.(\w+)\.([\w-]+)\.instructions$")
_LAYER = re.compile(
    r"^(m3|m4f)\.inference\.(\w+)\.([\w-]+)\.((?:body\.|head\.)?\d+_\w+)\.instructions$"
)
_SIZES = ("arena", "stack", "code", "weight")


def cycles_per_instruction(engine: str) -> Estimate:
    """Of an engine."""
    return CYCLES_PER_TFLM_INSTRUCTION if engine.startswith("tflm") else CYCLES_PER_INSTRUCTION


@dataclass(frozen=True)
class Cost:
    """One inference, or one of its layers.

    Attributes:
        core: "m3" or "m4f".
        model: name of the network.
        engine: "compiled", "streaming", "tflm" or "tflm-cmsis-nn".
        layer: number and operators, "" for the whole; with "body." or "head." before it, of the
            streaming form.
        instructions: as counted.
        arena_bytes: RAM, of a layer what it needs at once; None where it is not told.
        stack_bytes: RAM below the caller's frame, None where it is not told.
        code_bytes: flash of the engine, None where it is not told.
        weight_bytes: flash of the model, None where it is not told.
    """

    core: str
    model: str
    engine: str
    layer: str
    instructions: int
    arena_bytes: int | None = None
    stack_bytes: int | None = None
    code_bytes: int | None = None
    weight_bytes: int | None = None

    @property
    def cycles(self) -> Estimate:
        """Cycles, estimated by what runs: instructions of engines differ in what they do."""
        return cycles_per_instruction(self.engine) * self.instructions

    def milliseconds(self, board: Board) -> Estimate:
        """Time at the board's clock."""
        return self.cycles * (1000 / board.clock_hz)

    def microjoules(self, board: Board) -> Estimate:
        """Energy at its current of running code and its voltage: mA times V times ms."""
        return self.milliseconds(board) * (board.currents.run.ma * board.volts)


def _size(figures: Mapping[str, float], name: str) -> int | None:
    size = figures.get(name)
    return None if size is None else int(size)


def inference_costs(figures: Mapping[str, float]) -> Iterator[Cost]:
    """The whole inferences among figures by name, in their order."""
    for name, count in figures.items():
        if found := _ENGINE.match(name):
            core, model, engine = found.groups()
            prefix = name.removesuffix("instructions")
            sizes = (_size(figures, f"{prefix}{what}_bytes") for what in _SIZES)
            yield Cost(core, model, engine, "", int(count), *sizes)


def layer_costs(figures: Mapping[str, float], model: str) -> Iterator[Cost]:
    """The layers of a network, in their order."""
    for name, count in figures.items():
        if (found := _LAYER.match(name)) and found[2] == model:
            core, _, engine, layer = found.groups()
            prefix = name.removesuffix("instructions")
            sizes = {
                "arena_bytes": _size(figures, f"{prefix}ram_bytes"),
                "weight_bytes": _size(figures, f"{prefix}weight_bytes"),
            }
            yield Cost(core, model, engine, layer, int(count), **sizes)


def derived_figures(figures: Mapping[str, float], board: Board) -> dict[str, float]:
    """Likely cycles of every inference, and on a Cortex-M4F its time and energy on a board."""
    derived: dict[str, float] = {}
    for cost in inference_costs(figures):
        prefix = f"{cost.core}.inference.{cost.model}.{cost.engine}"
        derived[f"{prefix}.cycles"] = round(cost.cycles.likely)
        if cost.core == "m4f":
            place = f"{prefix}.{board.short_name}"
            derived[f"{place}.ms"] = round(cost.milliseconds(board).likely, 3)
            derived[f"{place}.uj"] = round(cost.microjoules(board).likely, 1)
    return derived
