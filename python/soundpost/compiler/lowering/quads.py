# SPDX-License-Identifier: Apache-2.0
"""sp_nn_conv(): convolutions of many input channels, four output channels at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from soundpost.compiler.lowering.columns import columns_steps
from soundpost.compiler.lowering.patches import extent, patches_steps
from soundpost.compiler.lowering.weights import LANES, Layer, filled_run
from soundpost.compiler.lowering.window import pointwise_window
from soundpost.compiler.place import ALIGNMENT
from soundpost.compiler.program import Field, Overlay, Step

# Laying weights out as int16 pays from this many positions on, and as long as they are this few.
WIDE_POSITIONS_MIN = 4
WIDE_DEPTH_MAX = 320
COLUMNS = 32, 64, 128  # positions that are made at a time
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
    others = (*patches_steps(layer, window, macs), *columns_steps(layer, window, macs))
    scratch = SCALES_BYTES + 2 * LANES * depth if wide else 0
    if _leaves_the_input(window):
        scratch += depth
    step = Step(
        (layer.operator,),
        "sp_nn_conv",
        params,
        (layer.operator.input(0),),
        scratch=scratch,
        macs=macs,
        margin=layer.margin(runs),
    )
    return replace(step, others=(*others, *_in_parts(step, window, len(layer.matrix))))


def _in_parts(step: Step, window: Mapping[str, int], outputs: int) -> Iterator[Step]:
    """The same of pointwise windows, some positions at a time, so that it may overlay."""
    positions, channels = window["out_width"], window["channels"]
    row = pointwise_window(positions, channels, window["zero_point"])
    if step.margin or not step.params["wide"] or dict(window) != row:
        return
    for columns in COLUMNS:
        if columns >= positions:
            return
        # from the first position on, what is written stays below what the same part reads
        starts = np.arange(0, positions, columns)
        ends = np.minimum(starts + columns, positions)
        forward = int(np.min(starts * channels - ends * outputs))
        # from the last one on, it stays above that
        starts, ends = positions - ends, positions - starts
        backward = int(np.max(ends * channels - starts * outputs))
        overlays = (
            Overlay(forward // ALIGNMENT * ALIGNMENT),
            Overlay(-(-backward // ALIGNMENT) * ALIGNMENT, backward=True),
        )
        overlay = min(overlays, key=lambda found: extent(window, outputs, found.shift))
        params = {**step.params, "columns": columns, "backward": int(overlay.backward)}
        yield replace(step, params=params, overlay=overlay)


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
