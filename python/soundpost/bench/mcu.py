# SPDX-License-Identifier: Apache-2.0
"""Instructions and bytes of the sensor on a Cortex-M."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from soundpost.bench.counted import Counted, inference_key, run_counting
from soundpost.bench.linkmap import read_map
from soundpost.compiler import compile_network
from soundpost.files import write_text
from soundpost.frontend import FrontendConfig, FrontendTables
from soundpost.frontend.emit import emit_header, emit_source
from soundpost.models.model import models_folder
from soundpost.ports import Port, build, repository

COLUMN_SIZES = (512, 1024)
"""FFT lengths whose columns are counted, each with a hop of half of it and 60 bands."""

COMPILED = "compiled"
STREAMING = "streaming"

PREFIX = {Port.CORTEX_M4F: "m4f", Port.CORTEX_M3: "m3"}


def _bench_tables() -> Path:
    folder = repository() / "build" / "bench" / "tables"
    for size in COLUMN_SIZES:
        tables = FrontendTables.from_config(FrontendConfig(fft_size=size, hop=size // 2))
        name = f"bench_{size}"
        write_text(folder / f"{name}_tables.h", emit_header(tables, name))
        write_text(folder / f"{name}_tables.c", emit_source(tables, name))
    return folder


def count_instructions(port: Port, model: str) -> Counted:
    """Instructions and bytes of RAM that ports/cortex_m/bench.c reports, under flat keys.

    Raises:
        UserError: if a tool is missing or the program fails.
    """
    options = {"SOUNDPOST_BENCH_TABLES": str(_bench_tables())}
    printed = run_counting(port, build(port, model, "bench", options), model)
    network = compile_network(models_folder() / model / "model.tflite")
    operators = ["_".join(op.name for op in step.operators) for step in network.steps]
    figures = {
        _key(PREFIX[port], model, operators, name): value for name, value in printed.figures.items()
    }
    return replace(printed, figures=figures)


def _key(prefix: str, model: str, operators: Sequence[str], name: str) -> str:
    """Key of a figure."""
    stage, _, rest = name.partition(".")
    match stage:
        case "inference":
            return f"{prefix}.inference.{model}.{COMPILED}.{inference_key(rest, operators)}"
        case "streaming":
            return f"{prefix}.inference.{model}.{STREAMING}.{rest}"
        case "pipeline":
            return f"{prefix}.pipeline.{model}.{rest}"
    return f"{prefix}.{name}"


def count_bytes(port: Port, model: str) -> dict[str, int]:
    """Flash of each part as linked into the sensor program, under flat keys.

    Raises:
        UserError: if a tool is missing or the build fails.
    """
    program = build(port, model, "sensor")
    by_part: Counter[str] = Counter()
    code = weights = tables = 0
    for section in read_map(program.parent / "sensor.map"):
        if not section.in_flash:
            continue
        if section.library == "sp_model":
            if section.object == f"{model}.c":
                weights += section.size
            elif section.object == f"{model}_tables.c":
                tables += section.size
        elif section.library.startswith("sp_"):
            by_part[section.library.removeprefix("sp_")] += section.size
    code = by_part.pop("nn", 0)
    prefix = PREFIX[port]
    figures = {f"{prefix}.{part}.flash_bytes": size for part, size in sorted(by_part.items())}
    network = f"{prefix}.inference.{model}.{COMPILED}"
    return figures | {
        f"{prefix}.tables.{model}.flash_bytes": tables,
        f"{network}.code_bytes": code,
        f"{network}.weight_bytes": weights,
    }


def of_network(figures: Mapping[str, int], model: str) -> dict[str, int]:
    """Those that are a network's own, and not the same for all."""
    return {name: value for name, value in figures.items() if f".{model}." in name}
