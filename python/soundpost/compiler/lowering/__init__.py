# SPDX-License-Identifier: Apache-2.0
"""From operators to kernels; each module here lowers the operators of its kind."""

from collections.abc import Callable

from soundpost.compiler.graph import Graph, Operator
from soundpost.compiler.lowering import (
    convolution,
    dense,
    keep,
    lookup,
    mean,
    pad,
    pair,
    pool,
    softmax,
    views,
)
from soundpost.compiler.program import Step, View
from soundpost.errors import UserError

LOWERINGS: dict[str, Callable[[Operator], Step]] = {
    "ADD": pair.lower_add,
    "AVERAGE_POOL_2D": pool.lower_average_pool,
    "CONV_2D": convolution.lower_conv,
    "DEPTHWISE_CONV_2D": convolution.lower_depthwise,
    "FULLY_CONNECTED": dense.lower_fully_connected,
    "LOGISTIC": lookup.lower_logistic,
    "MAX_POOL_2D": pool.lower_max_pool,
    "MEAN": mean.lower_mean,
    "MUL": pair.lower_mul,
    "PAD": pad.lower_pad,
    "RELU": lookup.lower_relu,
    "RELU6": lookup.lower_relu6,
    "SOFTMAX": softmax.lower_softmax,
}
# what takes no time: the output is a part of the input
VIEWS: dict[str, Callable[[Operator], View]] = {
    "RESHAPE": views.view_reshape,
    "SLICE": views.view_slice,
    "STRIDED_SLICE": views.view_slice,
}
SUPPORTED = (*LOWERINGS, *VIEWS)
# what the compiler itself puts into a network that streams (stream/build.py)
STREAMING = {"KEEP": keep.lower_keep, "QUEUE": keep.lower_queue}
# how many inputs there are, where that is not one; of a file's operators as TFLM takes them
INPUTS = {
    "ADD": (2,),
    "CONV_2D": (2, 3),
    "DEPTHWISE_CONV_2D": (2, 3),
    "FULLY_CONNECTED": (2, 3),
    "KEEP": (2,),
    "MEAN": (2,),
    "MUL": (2,),
    "PAD": (2,),
    "RESHAPE": (1, 2),
    "SLICE": (3,),
    "STRIDED_SLICE": (4,),
}


def lower(graph: Graph) -> tuple[list[Step], dict[int, View]]:
    """The steps of a network, and the tensors that lie in others.

    Raises:
        UserError: if an operator is not supported, or is used in a way that is not.
    """
    written = {graph.input.index}
    held = {tensor.index for tensor in graph.state}
    steps: list[Step] = []
    found: dict[int, View] = {}
    for operator in graph.operators:
        name, output = operator.name, operator.output.index
        if not (name in SUPPORTED or name in STREAMING):
            supported = ", ".join(sorted(SUPPORTED))
            raise operator.fault(f"not supported; build the network from {supported}")
        _check_count(operator)
        _check_order(operator, written, held)
        if name in VIEWS:
            found[output] = VIEWS[name](operator)
        elif name in STREAMING:
            step, inside = STREAMING[name](operator)
            steps.append(step)
            found |= inside
        else:
            steps.append(LOWERINGS[name](operator))
        written.add(output)
    if graph.output.index not in written:
        raise UserError(f"{graph.source}: no operator writes the output; the file is corrupt")
    if not steps:
        raise UserError(f"{graph.source}: only reshapes its input; export a trained model")
    return steps, found


def _check_count(operator: Operator) -> None:
    counts = INPUTS.get(operator.name, (1,))
    if len(operator.inputs) not in counts:
        wanted = " or ".join(map(str, counts))
        raise operator.fault(f"has {len(operator.inputs)} inputs, not {wanted}")


def _check_order(operator: Operator, written: set[int], held: set[int]) -> None:
    for tensor in operator.inputs:
        if tensor is not None and tensor.data is None and tensor.index not in written | held:
            raise operator.fault(f"reads tensor {tensor.index} before it is written")
    if operator.output.index in written or operator.output.data is not None:
        raise operator.fault("writes a tensor that has its value already; the file is corrupt")
