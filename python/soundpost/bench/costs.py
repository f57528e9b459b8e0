# SPDX-License-Identifier: Apache-2.0
"""Networks by engine and core: cycles, milliseconds and microjoules from what was counted."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from soundpost.hardware.boards import Board
from soundpost.hardware.cycles import Estimate, cycles

_ENGINE = re.compile(r"^(m3|m4f)\.inference\.(\w+)\.([\w-]+)\.instructions$")
_LAYER = r"^{core}\.inference\.{model}\.{engine}\.(\d+_\w+)\.instructions$"


@dataclass(frozen=True)
class Cost:
    """One inference, or one of its layers.

    Attributes:
        core: "m3" or "m4f".
        engine: "compiled", "tflm" or "tflm-cmsis-nn".
        layer: number and operators, "" for the whole.
        instructions: as counted.
        arena_bytes: RAM, None where it is not told.
        code_bytes: flash of the engine, None where it is not told.
        weight_bytes: flash of the model, None where it is not told.
    """

    core: str
    engine: str
    layer: str
    instructions: int
    arena_bytes: int | None = None
    code_bytes: int | None = None
    weight_bytes: int | None = None

    @property
    def cycles(self) -> Estimate:
        """Cycles, estimated."""
        return cycles(self.instructions)

    def milliseconds(self, board: Board) -> Estimate:
        """Time at the board's clock."""
        return self.cycles * (1000 / board.clock_hz)

    def microjoules(self, board: Board) -> Estimate:
        """Energy at its current of running code and its voltage: mA times V times ms."""
        return self.milliseconds(board) * (board.currents.run.ma * board.volts)


def inference_costs(figures: Mapping[str, float]) -> Iterator[Cost]:
    """The whole inferences among figures by name, in their order."""
    for name, count in figures.items():
        if found := _ENGINE.match(name):
            core, _, engine = found.groups()
            prefix = name.removesuffix("instructions")
            sizes = (figures.get(f"{prefix}{what}_bytes") for what in ("arena", "code", "weight"))
            yield Cost(core, engine, "", int(count), *(s if s is None else int(s) for s in sizes))


def layer_costs(figures: Mapping[str, float], model: str) -> Iterator[Cost]:
    """The layers of these, engine by engine."""
    for whole in inference_costs(figures):
        pattern = _LAYER.format(core=whole.core, model=model, engine=re.escape(whole.engine))
        for name, count in figures.items():
            if found := re.match(pattern, name):
                yield Cost(whole.core, whole.engine, found[1], int(count))


def derived_figures(figures: Mapping[str, float], board: Board) -> dict[str, float]:
    """Likely cycles of every inference, and on a Cortex-M4F its time and energy on a board."""
    derived: dict[str, float] = {}
    for name, count in figures.items():
        if _ENGINE.match(name) is None:
            continue
        prefix = name.removesuffix("instructions")
        cost = Cost(name.partition(".")[0], "", "", int(count))
        derived[f"{prefix}cycles"] = round(cost.cycles.likely)
        if cost.core == "m4f":
            place = f"{prefix}{board.short_name}"
            derived[f"{place}.ms"] = round(cost.milliseconds(board).likely, 3)
            derived[f"{place}.uj"] = round(cost.microjoules(board).likely, 1)
    return derived
