# SPDX-License-Identifier: Apache-2.0
"""KEEP and QUEUE: what a network that streams keeps of its tensors; put in by stream/build.py."""

from soundpost.compiler.graph import Operator
from soundpost.compiler.program import Field, Step, View


def lower_keep(operator: Operator) -> tuple[Step, dict[int, View]]:
    """New rows behind those kept, of input 1: sp_nn_keep(). Input 0 is made where the output has
    its last rows.
    """
    fresh, kept = operator.input(0), operator.input(1)
    step = Step((operator,), "sp_nn_keep", _params(kept.size, fresh.size), (fresh, kept))
    return step, {fresh.index: View(operator.output, kept.size)}


def lower_queue(operator: Operator) -> tuple[Step, dict[int, View]]:
    """New rows at the end of those kept, which is the output: sp_nn_queue()."""
    fresh, kept = operator.input(0), operator.output
    step = Step((operator,), "sp_nn_queue", _params(kept.size, fresh.size), (fresh,))
    return step, {}


def _params(kept: int, fresh: int) -> dict[str, Field]:
    return {"kept": kept, "fresh": fresh}
