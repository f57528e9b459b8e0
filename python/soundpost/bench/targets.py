# SPDX-License-Identifier: Apache-2.0
"""What the compiled network is meant to take, beside TFLM with CMSIS-NN and by itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from soundpost.bench.mcu import COMPILED, STREAMING
from soundpost.bench.tflm import CMSIS_NN

COMPARED = ("instructions", "cycles", "arena_bytes", "code_bytes")
"""Figures that ratios are made of."""

RATIOS = {"instructions_ratio": 0.35, "arena_ratio": 0.6}
"""Of TFLM's with CMSIS-NN, at most."""

STREAMING_RATIO = 0.6
"""Instructions of a hop of about half a window, of those of the window, at most."""

PIPELINE = round(0.06 * 80e6)
"""Instructions a second of front end, levels and network, a window every half one, at most: 6 % of
80 MHz, if an instruction took a cycle."""

BYTES = {"code_bytes": 12 * 1024, "stack_bytes": 1023}
"""At most."""


@dataclass(frozen=True)
class Target:
    """A figure of a compiled network on a Cortex-M4F, and what it may be at most."""

    model: str
    what: str
    figure: float
    limit: float

    @property
    def holds(self) -> bool:
        """Whether it is reached."""
        return self.figure <= self.limit


def ratios(figures: Mapping[str, float]) -> dict[str, float]:
    """Of every network and core that both were counted on: compiled to TFLM with CMSIS-NN, and
    the instructions of the streaming form to compiled.

    Returns:
        By name: that of the first one's figure, with "_ratio" for "_bytes" or behind it.
    """
    found = {}
    for name, value in figures.items():
        core, _, rest = name.partition(".inference.")
        model, _, rest = rest.partition(".")
        engine, _, what = rest.partition(".")
        other = figures.get(f"{core}.inference.{model}.{CMSIS_NN}.{what}")
        if engine == COMPILED and what in COMPARED and other:
            found[f"{name.removesuffix('_bytes')}_ratio"] = round(value / other, 3)
        whole = figures.get(f"{core}.inference.{model}.{COMPILED}.instructions")
        if (engine, what) == (STREAMING, "instructions") and whole:
            found[f"{name}_ratio"] = round(value / whole, 3)
    return found


def targets(figures: Mapping[str, float], model: str) -> Iterator[Target]:
    """What is told of a network's targets on a Cortex-M4F.

    Args:
        figures: by name, ratios among them.
        model: name of the network.
    """
    prefix = f"m4f.inference.{model}.{COMPILED}."
    for what, limit in {**RATIOS, **BYTES}.items():
        if (figure := figures.get(prefix + what)) is not None:
            yield Target(model, what, figure, limit)
    for what, limit in {"instructions_ratio": STREAMING_RATIO, **BYTES}.items():
        name = f"{STREAMING}.{what}"
        if (figure := figures.get(f"m4f.inference.{model}.{name}")) is not None:
            yield Target(model, name, figure, limit)
    pipeline = "pipeline.instructions_per_second"
    if (figure := figures.get(f"m4f.pipeline.{model}.instructions_per_second")) is not None:
        yield Target(model, pipeline, figure, PIPELINE)
