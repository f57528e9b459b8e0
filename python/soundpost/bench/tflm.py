# SPDX-License-Identifier: Apache-2.0
"""What TensorFlow Lite Micro takes for the same network: instructions and bytes, counted alike."""

from pathlib import Path

from soundpost.bench.counted import Counted, inference_key, run_counting
from soundpost.bench.linkmap import read_map
from soundpost.bench.mcu import PREFIX
from soundpost.compiler.reader import parse, read_file
from soundpost.models.model import models_folder, shipped_models
from soundpost.ports import Port, configure_and_build, find_tool, repository
from soundpost.ports.workspace import Sources

TFLM = "tflm"
CMSIS_NN = "tflm-cmsis-nn"
ENGINES = (TFLM, CMSIS_NN)
"""With TFLM's reference kernels, and with CMSIS-NN's."""

#: of ports/cortex_m/tflm/CMakeLists.txt
LIBRARIES = ("tflm", "tflm_reference", "tflm_cmsis_nn", "cmsis_nn")


def build_tflm(port: Port, model: str, engine: str, sources: Sources) -> Path:
    """Build an engine of ports/cortex_m/tflm for a model of models/, in build/tflm/<port>.

    Returns:
        The program.

    Raises:
        UserError: if a compiler or builder is missing, or the build fails.
    """
    find_tool("arm-none-eabi-g++", "gcc-arm-none-eabi libstdc++-arm-none-eabi-newlib")
    root = repository()
    folder = root / "build" / "tflm" / port.value
    variables = {
        "TFLM_DIR": str(sources.tflite_micro),
        "CMSIS_NN_DIR": str(sources.cmsis_nn),
        "MODELS_DIR": str(models_folder()),
        # all of them, so that going from one to another builds no kernel again
        "MODELS": ";".join(shipped_models()),
    }
    source = root / "ports" / "cortex_m" / "tflm"
    configure_and_build(port, source, folder, f"{engine}_{model}", variables)
    return folder / f"{engine}_{model}.elf"


def count_tflm(port: Port, model: str, engine: str, sources: Sources) -> Counted:
    """Instructions, of the whole and of each operator, and bytes, under flat keys.

    `code_bytes` is the interpreter's and the kernels' flash, without what they take of the C and
    C++ libraries; `weight_bytes` the model's file, which it reads as it is.

    Raises:
        UserError: if a tool is missing, the build fails, or the model does not run.
    """
    program = build_tflm(port, model, engine, sources)
    counted = run_counting(port, program, model)
    path = models_folder() / model / "model.tflite"
    operators = [operator.name for operator in parse(read_file(path), str(path)).operators]
    prefix = f"{PREFIX[port]}.inference.{model}.{engine}"
    figures = {
        f"{prefix}.{inference_key(name.removeprefix('inference.'), operators)}": value
        for name, value in counted.figures.items()
    }
    sections = read_map(program.with_suffix(".map"))
    code = sum(s.size for s in sections if s.in_flash and s.library in LIBRARIES)
    figures |= {f"{prefix}.code_bytes": code, f"{prefix}.weight_bytes": path.stat().st_size}
    return Counted(figures, counted.outputs)
