# SPDX-License-Identifier: Apache-2.0
"""What a network costs the microcontroller."""

import numpy as np

from soundpost._core import lib
from soundpost.compiler.graph import Graph
from soundpost.frontend.config import SAMPLE_RATE
from soundpost.models.model import Model

WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


def parameters(graph: Graph) -> int:
    """Weights and biases of a .tflite, in which batch normalisation is folded in."""
    weights = {
        tensor.index: tensor.size
        for operator in graph.operators
        if operator.name in WEIGHTED
        for tensor in operator.inputs[1:]
        if tensor is not None
    }
    return sum(weights.values())


def network_costs(model: Model) -> dict[str, int]:
    """What schema.md lists under `costs`.

    Args:
        model: the network with its front end.
    """
    recipe, tables, compiled = model.recipe, model.tables, model.network.compiled
    columns = model.window_hop
    step = columns * recipe.frontend.hop
    instructions = model.window_instructions(columns)
    weights = sum(step.table_bytes for network in model.built_in for step in network.steps)
    arrays = [value for value in vars(tables).values() if isinstance(value, np.ndarray)]
    arena = int(lib.sp_engine_arena_bytes(model.c))
    return {
        "model_bytes": (model.folder / "model.tflite").stat().st_size,
        "parameters": parameters(compiled.graph),
        "macs": compiled.macs,
        "macs_per_second": round(model.window_macs(columns) * SAMPLE_RATE / step),
        "instructions": instructions,
        "instructions_per_second": round(instructions * SAMPLE_RATE / step),
        "flash_bytes": weights + sum(array.nbytes for array in arrays),
        "arena_bytes": arena,
        "ram_bytes": arena + recipe.window * recipe.frontend.bands + model.history_bytes,
    }
