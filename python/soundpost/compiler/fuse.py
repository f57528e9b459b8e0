# SPDX-License-Identifier: Apache-2.0
"""Joins steps, so that what is between them never exists as a whole."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from soundpost.compiler.graph import Graph
from soundpost.compiler.lowering.common import quantized_bounds
from soundpost.compiler.lowering.strips import strip_steps
from soundpost.compiler.lowering.weights import LANES
from soundpost.compiler.program import Step, Views

INT8 = (-128, 127)


def fuse(graph: Graph, steps: Sequence[Step], views: Views) -> list[Step]:
    """Steps, with each depthwise layer joined to the convolution before it, where nobody else reads
    that one's output: they run a channel, or some of them, at a time.
    """
    readers = [tensor.index for step in steps for tensor in step.inputs]
    shared = {graph.output.index, *(view.tensor.index for view in views.values())}
    joined: list[Step] = []
    for step in steps:
        before = joined[-1] if joined else None
        if (
            before is not None
            and before.kernel in ("sp_nn_depthwise", "sp_nn_conv")
            and step.kernel == "sp_nn_depthwise"
            and step.inputs == (before.output,)
            and readers.count(before.output.index) == 1
            and before.output.index not in shared
            and quantized_bounds(before.operator) == INT8
        ):
            joined[-1] = JOINED[before.kernel](before, step)
        else:
            joined.append(step)
    return joined


def _joined(kernel: str, first: Step, second: Step, scratch: int) -> Step:
    return Step(
        (*first.operators, *second.operators),
        kernel,
        {"first": first.params, "second": second.params},
        first.inputs,
        scratch=scratch,
        macs=first.macs + second.macs,
        spreads=first.spreads,
        margin=first.margin,
    )


def _depthwise_pair(first: Step, second: Step) -> Step:
    pair = _joined("sp_nn_depthwise_pair", first, second, first.scratch + second.scratch)
    return replace(pair, others=strip_steps(pair))


def _conv_depthwise(first: Step, second: Step) -> Step:
    # a pointwise layer takes all positions for one row; in planes they lie in rows
    window, after = _window(first), _window(second)
    sizes = {"height": after["in_height"], "width": after["in_width"]}
    if any(window[f"out_{axis}"] != size for axis, size in sizes.items()):
        kept = {f"{end}_{axis}": size for end in ("in", "out") for axis, size in sizes.items()}
        first = replace(first, params={**first.params, "window": {**window, **kept}})
    return _joined("sp_nn_conv_depthwise", first, second, first.scratch + LANES * second.scratch)


def _window(step: Step) -> dict[str, int]:
    return cast(dict[str, int], step.params["window"])


JOINED = {"sp_nn_depthwise": _depthwise_pair, "sp_nn_conv": _conv_depthwise}
