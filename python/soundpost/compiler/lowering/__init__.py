# SPDX-License-Identifier: Apache-2.0
"""From operators to kernels; each module here lowers the operators of its kind."""

from collections.abc import Callable

from soundpost.compiler.graph import Graph, Operator, Tensor
from soundpost.compiler.lowering import convolution, dense, lookup, mean, pad, pair, pool, softmax
from soundpost.compiler.lowering.common import activation, same_type
from soundpost.compiler.program import Step
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
SUPPORTED = (*LOWERINGS, "RESHAPE")
# how many inputs TFLM takes, where that is not one
INPUTS = {
    "ADD": (2,),
    "CONV_2D": (2, 3),
    "DEPTHWISE_CONV_2D": (2, 3),
    "FULLY_CONNECTED": (2, 3),
    "MEAN": (2,),
    "MUL": (2,),
    "PAD": (2,),
    "RESHAPE": (1, 2),
}


def lower(graph: Graph) -> tuple[list[Step], dict[int, Tensor]]:
    """The steps of a network, and what its reshapes alias: tensor index to the tensor behind it.

    Raises:
        UserError: if an operator is not supported, or is used in a way that is not.
    """
    written = {graph.input.index}
    steps: list[Step] = []
    aliases: dict[int, Tensor] = {}
    for operator in graph.operators:
        if operator.name not in SUPPORTED:
            supported = ", ".join(sorted(SUPPORTED))
            raise operator.fault(f"not supported; build the network from {supported}")
        _check_count(operator)
        _check_order(operator, written)
        if operator.name == "RESHAPE":
            aliases[operator.output.index] = _reshaped(operator)
        else:
            steps.append(LOWERINGS[operator.name](operator))
        written.add(operator.output.index)
    if graph.output.index not in written:
        raise UserError(f"{graph.source}: no operator writes the output; the file is corrupt")
    if not steps:
        raise UserError(f"{graph.source}: only reshapes its input; export a trained model")
    return steps, aliases


def _check_count(operator: Operator) -> None:
    counts = INPUTS.get(operator.name, (1,))
    if len(operator.inputs) not in counts:
        wanted = " or ".join(map(str, counts))
        raise operator.fault(f"has {len(operator.inputs)} inputs, not {wanted}")


def _check_order(operator: Operator, written: set[int]) -> None:
    for tensor in operator.inputs:
        if tensor is not None and tensor.data is None and tensor.index not in written:
            raise operator.fault(f"reads tensor {tensor.index} before it is written")
    if operator.output.index in written or operator.output.data is not None:
        raise operator.fault("writes a tensor that has its value already; the file is corrupt")


def _reshaped(operator: Operator) -> Tensor:
    source = activation(operator, operator.input(0))
    output = same_type(operator, operator.output)
    shape = operator.optional(1)
    if shape is not None and shape.type != "INT32":
        raise operator.fault(f"its shape is {shape.type}; export it again")
    if source.size != output.size:
        raise operator.fault(f"reshapes {list(source.shape)} to {list(output.shape)}")
    return source
