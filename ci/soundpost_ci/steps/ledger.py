# SPDX-License-Identifier: Apache-2.0
"""Steps that hold what the sensor costs against ci/budget.json: arm-size and bench."""

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

from soundpost.bench.mcu import COMPILED, PREFIX, STREAMING, count_bytes, of_network
from soundpost.errors import UserError
from soundpost.models.model import DEFAULT_MODEL, Model, shipped_models
from soundpost.ports import Port, build
from soundpost_ci.budget import Budget, Owned, table
from soundpost_ci.step import Context, FaultError, Step, UnavailableError

BUDGET = "ci/budget.json"
COMPILER = "arm-none-eabi-gcc"
PORTS = (Port.CORTEX_M4F, Port.CORTEX_M3)

STATES = {
    "detector.ram_bytes": "sizeof(struct sp_detector)",
    "frontend.ram_bytes": "sizeof(struct sp_frontend) + SP_MODEL_HISTORY * sizeof(int16_t)",
    "level.ram_bytes": "sizeof(struct sp_level)",
    "sensor.ram_bytes": "sizeof(struct sp_sensor)",
    "uplink.ram_bytes": "sizeof(struct sp_uplink)",
    "inference.{model}.{form}.arena_bytes": "SP_MODEL_ARENA_BYTES",
}
"""RAM of each part: its state, which whoever uses it sets aside."""


def compiler_version(context: Context) -> str:
    """Name and version of the Arm compiler, without which figures cannot be compared.

    Raises:
        UnavailableError: if it is not installed.
    """
    context.need(COMPILER, "apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi")
    return f"{COMPILER} {context.call(COMPILER, '-dumpfullversion').strip()}"


def hold(context: Context, title: str, now: Mapping[str, int], owned: Owned) -> None:
    """Compare figures with the budget, or write them into it where that is asked for.

    Raises:
        FaultError: if a figure is over its budget, has none, or is no longer measured.
        UnavailableError: if the budget was made with another compiler.
    """
    path = context.root / BUDGET
    compiler = compiler_version(context)
    budget = Budget.read(path)
    if context.update_budget:
        budget = budget.updated(now, owned, compiler)
        budget.write(path)
    if budget.compiler != compiler:
        raise UnavailableError(
            f"{BUDGET} is for {budget.compiler or 'no compiler'}, here is {compiler}"
        )
    rows = budget.compare(now, owned)
    context.tables.append(table(title, rows, _budget_of_base(context)))
    faults = [row for row in rows if row.verdict.fault]
    if faults:
        named = "\n".join(f"{row.name}: {row.verdict}" for row in faults)
        mend = f"ci/presubmit --step {context.step} --update-budget"
        raise FaultError(f"{named}\nif that is meant to be, commit what `{mend}` writes")
    context.note = f"{len(rows)} figures within their budget"


def _budget_of_base(context: Context) -> Budget | None:
    if context.base is None:
        return None
    done = subprocess.run(
        ["git", "show", f"{context.base}:{BUDGET}"],
        cwd=context.root,
        capture_output=True,
        text=True,
        check=False,
    )
    return Budget.parse(done.stdout) if done.returncode == 0 else None


def is_size(name: str) -> bool:
    """Whether `arm-size` measures a figure."""
    return name.startswith(("m3.", "m4f.")) and name.endswith("_bytes")


def is_count(name: str) -> bool:
    """Whether `bench` measures a figure."""
    counted = name.endswith(("instructions", "instructions_per_second"))
    return name.startswith(("m3.", "m4f.")) and counted


def _program_bytes(context: Context, port: Port) -> dict[str, int]:
    """Flash and RAM of the whole sensor program, C library and all."""
    program = build(port, DEFAULT_MODEL, "sensor")
    numbers = context.call("arm-none-eabi-size", str(program)).splitlines()[1].split()
    text, data, bss = map(int, numbers[:3])
    return {"program.flash_bytes": text + data, "program.ram_bytes": data + bss}


def _state_bytes(context: Context, port: Port, model: str) -> dict[str, int]:
    """RAM of each part's state, as the compiler lays it out, for each form of the network."""
    sizes = _form_bytes(context, port, model, COMPILED, ("-DSP_MODEL_WINDOWED",))
    if Model.find(model).stream is not None:
        sizes |= _form_bytes(context, port, model, STREAMING, ())
    return sizes


def _form_bytes(
    context: Context, port: Port, model: str, form: str, defines: Sequence[str]
) -> dict[str, int]:
    arrays = [f"char state_{i}[{size}];" for i, size in enumerate(STATES.values())]
    source = "\n".join(["#include <soundpost/sensor.h>", '#include "model.h"', *arrays, ""])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "states.c").write_text(source, encoding="utf-8")
        context.call(
            *(COMPILER, "-std=c11", f"-mcpu={port.value}", "-mthumb", "-fno-common", *defines),
            *("-I", "core/include", "-I", f"models/{model}"),
            *("-c", str(folder / "states.c"), "-o", str(folder / "states.o")),
        )
        symbols = context.call(
            "arm-none-eabi-nm", "--print-size", "--radix=d", str(folder / "states.o")
        )
    sizes = {line.split()[3]: int(line.split()[1]) for line in symbols.splitlines()}
    return {
        name.format(model=model, form=form): sizes[f"state_{i}"] for i, name in enumerate(STATES)
    }


def _own(figures: Mapping[str, int], model: str) -> dict[str, int]:
    """Of the figures of a program those of its network; the default one's program has the rest."""
    return dict(figures) if model == DEFAULT_MODEL else of_network(figures, model)


def _arm_size(context: Context) -> None:
    compiler_version(context)
    now: dict[str, int] = {}
    for port, model in product(PORTS, shipped_models()):
        try:
            sizes = _state_bytes(context, port, model)
            if model == DEFAULT_MODEL:
                sizes |= _program_bytes(context, port)
            now |= _own(count_bytes(port, model), model)
        except UserError as error:
            raise FaultError(str(error)) from error
        now |= _own({f"{PREFIX[port]}.{name}": size for name, size in sizes.items()}, model)
    hold(context, "bytes, from the link map", now, is_size)


def _bench(context: Context) -> None:
    compiler_version(context)
    context.need("qemu-system-arm", "apt-get install qemu-system-arm")
    report = context.root / "build" / "presubmit" / "bench.json"
    context.call("soundpost", "bench", "--engine", COMPILED, "--output", str(report))
    figures = json.loads(report.read_text(encoding="utf-8"))
    now = {name: int(value) for name, value in figures.items() if is_count(name)}
    hold(context, "instructions, counted by QEMU", now, is_count)


_WATCHES = (
    *("core/*", "ports/*", "models/*", "CMakeLists.txt", "cmake/*", BUDGET),
    *("python/soundpost/bench/*", "python/soundpost/frontend/*", "python/soundpost/ports/*"),
)

STEPS = (
    Step("arm-size", "flash and RAM of each part against the budget", _WATCHES, _arm_size),
    Step("bench", "instructions of each stage against the budget", _WATCHES, _bench),
)
