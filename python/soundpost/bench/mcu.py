# SPDX-License-Identifier: Apache-2.0
"""Instructions and bytes of the sensor on a Cortex-M."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from soundpost.bench.counted import Counted, inference_key, run_counting
from soundpost.bench.linkmap import read_map
from soundpost.compiler import Compiled
from soundpost.files import write_text
from soundpost.frontend import FrontendConfig, FrontendTables
from soundpost.frontend.emit import emit_header, emit_source
from soundpost.models.model import Model
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
    """Instructions and bytes of RAM that ports/cortex_m/bench.c reports, under flat keys; and what
    the compiler tells of each layer.

    Raises:
        UserError: if a tool is missing or the program fails.
    """
    options = {"SOUNDPOST_BENCH_TABLES": str(_bench_tables())}
    printed = run_counting(port, build(port, model, "bench", options), model)
    parts = _parts(Model.find(model))
    names = {part: _step_names(compiled) for part, compiled in parts.items()}
    figures = {_key(PREFIX[port], model, names, name): n for name, n in printed.figures.items()}
    for part, compiled in parts.items():
        for name, size in _layer_bytes(compiled):
            figures[f"{PREFIX[port]}.inference.{model}.{part}.{name}"] = size
    return replace(printed, figures=figures)


def _parts(model: Model) -> dict[str, Compiled]:
    """The networks whose layers are counted, by what their figures have behind the model's name."""
    parts = {COMPILED: model.network.compiled}
    if model.stream is not None:
        streamed = model.stream.streamed
        parts |= {f"{STREAMING}.body": streamed.body, f"{STREAMING}.head": streamed.head}
    return parts


def _step_names(compiled: Compiled) -> list[str]:
    """The operators of each step, joined."""
    return ["_".join(operator.name for operator in step.operators) for step in compiled.steps]


def _layer_bytes(compiled: Compiled) -> Iterator[tuple[str, int]]:
    """Of each layer: flash of its weights, and RAM that it needs at once, with what is kept."""
    names = _step_names(compiled)
    for i, (step, ram) in enumerate(zip(compiled.steps, compiled.plan.step_bytes, strict=True)):
        yield inference_key(f"{i}.weight_bytes", names), step.table_bytes
        yield inference_key(f"{i}.ram_bytes", names), ram


def _key(prefix: str, model: str, names: Mapping[str, Sequence[str]], figure: str) -> str:
    """Key of a figure.

    Args:
        prefix: of the core.
        model: name of the network.
        names: of the steps of each of its parts.
        figure: as bench.c prints it.
    """
    stage, _, rest = figure.partition(".")
    part, _, inner = rest.partition(".")
    match stage, part:
        case "inference", _:
            part, inner = COMPILED, rest
        case "streaming", "body" | "head":
            part = f"{STREAMING}.{part}"
        case "streaming", _:
            return f"{prefix}.inference.{model}.{STREAMING}.{rest}"
        case "pipeline", _:
            return f"{prefix}.pipeline.{model}.{rest}"
        case _:
            return f"{prefix}.{figure}"
    return f"{prefix}.inference.{model}.{part}.{inference_key(inner, names[part])}"


def count_bytes(port: Port, model: str) -> dict[str, int]:
    """Flash of each part as linked into the sensor program, under flat keys; of a network that
    streams, that of its windowed form too, from a program that has this one in place of it.

    Raises:
        UserError: if a tool is missing or the build fails.
    """
    figures = _flash(port, model, "sensor")
    if Model.find(model).stream is None:
        return _under_keys(port, model, figures, COMPILED)
    windowed = _under_keys(port, model, _flash(port, model, "sensor_windowed"), COMPILED)
    return windowed | _under_keys(port, model, figures, STREAMING)


def _flash(port: Port, model: str, target: str) -> Counter[str]:
    """Flash of each part of a program; the model's are "weights" and "tables"."""
    program = build(port, model, target)
    of_model = {f"{model}.c": "weights", f"{model}_tables.c": "tables"}
    flash: Counter[str] = Counter()
    for section in read_map(program.with_suffix(".map")):
        if not section.in_flash:
            continue
        if section.library.startswith("sp_model"):
            if section.object in of_model:
                flash[of_model[section.object]] += section.size
        elif section.library.startswith("sp_"):
            flash[section.library.removeprefix("sp_")] += section.size
    return flash


def _under_keys(port: Port, model: str, flash: Mapping[str, int], engine: str) -> dict[str, int]:
    """The flash of a program whose network runs by `engine`."""
    prefix = PREFIX[port]
    network = f"{prefix}.inference.{model}.{engine}"
    own = {
        "tables": f"{prefix}.tables.{model}.flash_bytes",
        "nn": f"{network}.code_bytes",
        "weights": f"{network}.weight_bytes",
    }
    shared = sorted(part for part in flash if part not in own)
    figures = {f"{prefix}.{part}.flash_bytes": flash[part] for part in shared}
    return figures | {key: flash.get(part, 0) for part, key in own.items()}


def of_network(figures: Mapping[str, int], model: str) -> dict[str, int]:
    """Those that are a network's own, and not the same for all."""
    return {name: value for name, value in figures.items() if f".{model}." in name}
