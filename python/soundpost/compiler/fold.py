# SPDX-License-Identifier: Apache-2.0
"""Folds padding into the convolutions after it."""

from dataclasses import replace

from soundpost.compiler.graph import Graph, Operator
from soundpost.compiler.lowering.pad import pad_margins
from soundpost.compiler.lowering.window import VALID, axes, kernel_size

CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")


def fold_padding(graph: Graph) -> Graph:
    """The graph without those PADs whose values the convolutions after them put there themselves.

    What a convolution sees outside of its input is the zero point, and so is what PAD puts there.
    """
    pads: dict[int, Operator] = {}
    folded: list[Operator] = []
    for operator in graph.operators:
        source = operator.optional(0)
        pad = pads.get(source.index) if source is not None else None
        folded.append(_folded(pad, operator) if pad is not None else operator)
        if operator.name == "PAD":
            pads[operator.output.index] = operator
    needed = {tensor.index for op in folded for tensor in op.inputs if tensor is not None}
    needed.add(graph.output.index)
    kept = [op for op in folded if op.name != "PAD" or op.output.index in needed]
    return replace(graph, operators=tuple(kept))


def _folded(pad: Operator, operator: Operator) -> Operator:
    """A reader of a PAD without it, or as it is if it needs the PAD."""
    margins = pad_margins(pad)
    source, padded = pad.input(0), pad.output
    if (
        operator.name not in CONVOLUTIONS
        or operator.option("Padding") != VALID
        or len(source.shape) != 4
        or (source.scale, source.zero_point) != (padded.scale, padded.zero_point)
        or margins[0] != [0, 0]
        or margins[3] != [0, 0]
    ):
        return operator
    around = (margins[1][0], margins[1][1]), (margins[2][0], margins[2][1])
    # the kernels take it for granted that each window sees some of the input
    kernel = axes(operator, *kernel_size(operator))
    if any(max(pair) >= axis.extent for pair, axis in zip(around, kernel, strict=True)):
        return operator
    return replace(operator, inputs=(source, *operator.inputs[1:]), margins=around)
