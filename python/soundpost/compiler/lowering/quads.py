# SPDX-License-Identifier: Apache-2.0
"""sp_nn_conv(): convolutions of many input channels, four output channels at a time."""

from collections.abc import Mapping

from soundpost.compiler.lowering.patches import patches_steps
from soundpost.compiler.lowering.weights import LANES, Layer, filled_run
from soundpost.compiler.program import Field, Step

# Laying weights out as int16 pays from this many positions on, and as long as they are this few.
WIDE_POSITIONS_MIN = 4
WIDE_DEPTH_MAX = 320
SCALES_BYTES = 100  # before them, NN_QUAD_SCALES


def uses_wide_weights(layer: Layer, positions: int, depth: int) -> bool:
    """Whether weights are to be laid out as int16 in scratch, `depth` of each output."""
    return layer.is_fast and positions >= WIDE_POSITIONS_MIN and depth <= WIDE_DEPTH_MAX


def conv_step(layer: Layer, window: Mapping[str, int], macs: int) -> Step:
    """sp_nn_conv() with the window of window.py."""
    runs, run = window["height"], window["width"] * window["channels"]
    depth = runs * filled_run(run)
    wide = uses_wide_weights(layer, window["out_height"] * window["out_width"], depth)
    params: dict[str, Field] = {
        "weights": layer.in_quads(runs),
        "window": window,
        "wide": int(wide),
    }
    scratch = SCALES_BYTES + 2 * LANES * depth if wide else 0
    if _leaves_the_input(window):
        scratch += depth
    return Step(
        (layer.operator,),
        "sp_nn_conv",
        params,
        (layer.operator.input(0),),
        scratch=scratch,
        macs=macs,
        margin=layer.margin(runs),
        others=patches_steps(layer, window, macs),
    )


def _leaves_the_input(window: Mapping[str, int]) -> bool:
    """Whether some position needs a patch."""
    if window["dilation_x"] > 1:
        return True
    for size, axis, before in (("height", "y", "top"), ("width", "x", "left")):
        extent = (window[size] - 1) * window[f"dilation_{axis}"] + 1
        last = (window[f"out_{size}"] - 1) * window[f"stride_{axis}"] + extent
        if window[f"pad_{before}"] > 0 or last - window[f"pad_{before}"] > window[f"in_{size}"]:
            return True
    return False
