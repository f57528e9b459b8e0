# SPDX-License-Identifier: Apache-2.0
"""TFLM on bare metal, against what its interpreter reports elsewhere."""

import json

import pytest

from soundpost.bench.tflm import CMSIS_NN, count_tflm
from soundpost.bench.windows import differences
from soundpost.errors import UserError
from soundpost.models.model import models_folder
from soundpost.ports import Port, find_tool, repository
from soundpost.ports.workspace import find_sources

MODEL = "stride_ds_24"


def test_tflm_gives_its_golden_scores_in_the_arena_that_it_takes_in_firmware() -> None:
    try:
        sources = find_sources(repository())
        for tool in ("arm-none-eabi-g++", "qemu-system-arm"):
            find_tool(tool, tool)
    except UserError as error:
        pytest.skip(str(error))
    counted = count_tflm(Port.CORTEX_M4F, MODEL, CMSIS_NN, sources)
    assert differences(MODEL, {CMSIS_NN: counted.outputs}) == []

    prefix = f"m4f.inference.{MODEL}.{CMSIS_NN}"
    measured = json.loads((models_folder() / MODEL / "tflm.json").read_text(encoding="utf-8"))
    # of the same interpreter, in Zephyr with its C++ library
    arena = counted.figures[f"{prefix}.arena_bytes"]
    assert arena == pytest.approx(measured["cmsis_nn_dsp"], rel=0.02)
    # operators are all of it, but for the interpreter between them
    layers = sum(
        value
        for name, value in counted.figures.items()
        if name.endswith(".instructions") and name.removeprefix(f"{prefix}.")[0].isdecimal()
    )
    assert layers == pytest.approx(counted.figures[f"{prefix}.instructions"], rel=0.02)
