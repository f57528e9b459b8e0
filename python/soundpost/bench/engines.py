# SPDX-License-Identifier: Apache-2.0
"""Networks by engine and core: all that are asked for, counted."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console

from soundpost.bench.mcu import COMPILED, count_bytes, count_instructions, of_network
from soundpost.bench.tflm import ENGINES as TFLM_ENGINES
from soundpost.bench.tflm import count_tflm
from soundpost.bench.windows import differences
from soundpost.errors import UserError
from soundpost.ports import Port, repository
from soundpost.ports.workspace import Sources, find_sources

PORTS = (Port.CORTEX_M4F, Port.CORTEX_M3)
ENGINES = (COMPILED, *TFLM_ENGINES)


@dataclass
class Results:
    """What was counted.

    Attributes:
        figures: by key.
        skipped: reasons, by engine.
        faults: where engines gave other bytes, a line each.
    """

    figures: dict[str, float] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def _sources(engines: Sequence[str], results: Results) -> Sources | None:
    """Sources of TFLM; None if it is not asked for, or not there, which the results then tell."""
    asked = [engine for engine in engines if engine in TFLM_ENGINES]
    if not asked:
        return None
    try:
        return find_sources(repository())
    except UserError as error:
        results.skipped |= dict.fromkeys(asked, str(error))
        return None


def count_engines(models: Sequence[str], engines: Sequence[str], console: Console) -> Results:
    """Count every network with every engine on every core, on the same windows.

    Args:
        models: names of folders of models/; what is the same for all is counted with the first.
        engines: of ENGINES.
        console: for progress.

    Raises:
        UserError: if a tool is missing, or a program does not build or run.
    """
    results = Results()
    sources = _sources(engines, results)
    with console.status("") as status:
        for model in models:
            outputs: dict[str, tuple[bytes, ...]] = {}
            for port in PORTS:
                for engine in engines:
                    if engine in results.skipped:
                        continue
                    name = f"{engine} on {port.value}"
                    status.update(f"{model}: counting {name}; the first build takes minutes")
                    if engine == COMPILED:
                        counted = count_instructions(port, model)
                        figures = {**counted.figures, **count_bytes(port, model)}
                        figures = figures if model == models[0] else of_network(figures, model)
                    else:
                        assert sources is not None
                        counted = count_tflm(port, model, engine, sources)
                        figures = counted.figures
                    results.figures |= figures
                    outputs[name] = counted.outputs
            results.faults += differences(model, outputs)
    return results
