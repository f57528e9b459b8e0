# SPDX-License-Identifier: Apache-2.0
"""PAD."""

from soundpost.compiler.graph import Operator
from soundpost.compiler.lowering.common import constant, ends
from soundpost.compiler.program import Field, Step


def pad_margins(operator: Operator) -> list[list[int]]:
    """Values before and after the input along each of its axes, checked."""
    source, output = ends(operator)
    listed = constant(operator, 1, "INT32", 2)
    rank = len(source.shape)
    if not 1 <= rank <= 4 or listed.shape != (rank, 2):
        raise operator.fault("must pad up to 4 dimensions, each before and after")
    margins: list[list[int]] = listed.values().tolist()
    if any(count < 0 for pair in margins for count in pair):
        raise operator.fault("has negative margins")
    padded = tuple(a + sum(pair) for a, pair in zip(source.shape, margins, strict=True))
    if padded != output.shape:
        raise operator.fault("its margins do not fit its output's shape; the file is corrupt")
    return margins


def lower_pad(operator: Operator) -> Step:
    """PAD of height, width and channels with the zero point: sp_nn_pad()."""
    source, output = operator.input(0), operator.output
    margins = pad_margins(operator)
    rank = len(margins)
    shape = (1,) * (4 - rank) + source.shape
    margins = [[0, 0]] * (4 - rank) + margins
    if shape[0] != 1 or margins[0] != [0, 0]:
        raise operator.fault("pads the batch; it must stay 1")
    params: dict[str, Field] = {
        "height": shape[1],
        "width": shape[2],
        "channels": shape[3],
        "before": [pair[0] for pair in margins[1:]],
        "after": [pair[1] for pair in margins[1:]],
        "value": output.zero_point,
    }
    return Step((operator,), "sp_nn_pad", params, (source,))
