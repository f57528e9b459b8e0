# SPDX-License-Identifier: Apache-2.0
"""sp_nn_conv_columns(): convolutions with windows three columns wide, some rows at a time."""

from collections.abc import Mapping
from math import ceil

import numpy as np

from soundpost.compiler.fixed import INT32_MAX
from soundpost.compiler.graph import ARENA_MAX
from soundpost.compiler.lowering.patches import scales_fast, seen
from soundpost.compiler.lowering.weights import GROUP, Layer
from soundpost.compiler.place import ALIGNMENT
from soundpost.compiler.program import Field, Overlay, Step

BLOCK = 4  # NN_COLUMNS_BLOCK
WIDTH = 3  # NN_COLUMNS_WIDTH
STRIDES_MAX = 2
BYTES = 2  # of a value that is laid out
ROWS = 1, 2, 3, 4, 6, 8, 16  # of the output, made at a time
# int8 less its zero point
GREATEST = 255


def columns_steps(layer: Layer, window: Mapping[str, int], macs: int) -> tuple[Step, ...]:
    """sp_nn_conv_columns() with the window of window.py, with few rows at once and with more."""
    outputs = layer.matrix.shape[0]
    rows, columns = window["out_height"], window["out_width"]
    size = window["in_height"] * window["in_width"] * window["channels"]
    if not _fits(layer, window) or max(size, rows * columns * outputs) > ARENA_MAX:
        return ()
    weights = layer.in_columns(window["height"], WIDTH)
    steps = []
    for count in sorted({min(count, rows) for count in ROWS}):
        params: dict[str, Field] = {
            "weights": weights,
            "window": window,
            "rows": count,
        }
        step = Step(
            (layer.operator,),
            "sp_nn_conv_columns",
            params,
            (layer.operator.input(0),),
            scratch=BYTES * (layer.matrix.shape[1] + _laid_out(window, count)),
            macs=macs,
            overlay=_overlay(window, outputs, count),
        )
        steps.append(step)
    return tuple(steps)


def block_columns(window: Mapping[str, int]) -> int:
    """Columns of the input that BLOCK positions side by side see."""
    return (BLOCK - 1) * window["stride_x"] + WIDTH


def strip_rows(window: Mapping[str, int], rows: int) -> int:
    """Rows of the input that so many rows of the output see at most, of a strip from the top on."""
    starts = np.arange(0, window["out_height"], rows)
    ends = np.minimum(starts + rows, window["out_height"])
    tops = starts * window["stride_y"] - window["pad_top"]
    bottoms = (ends - 1) * window["stride_y"] - window["pad_top"] + window["height"]
    seen = np.minimum(bottoms, window["in_height"]) - np.maximum(tops, 0)
    # a strip may be all margin
    return max(int(seen.max()), 0)


def _fits(layer: Layer, window: Mapping[str, int]) -> bool:
    """Whether the kernel takes such a layer, whose sums fit 32 bits on the way."""
    sums = np.abs(layer.bias) + GREATEST * np.abs(layer.matrix).sum(axis=1)
    return (
        scales_fast(layer)
        and window["width"] == WIDTH
        and window["stride_x"] <= STRIDES_MAX
        and window["dilation_x"] == window["dilation_y"] == 1
        and window["channels"] % GROUP == 0
        and int(sums.max()) <= INT32_MAX
    )


def _overlay(window: Mapping[str, int], outputs: int, rows: int) -> Overlay:
    """Where the output may be at most, as blocks of rows are taken from the first on."""
    first, _ = seen(window)
    positions = np.arange(len(first))
    y, x = np.divmod(positions, window["out_width"])
    blocks = ceil(window["out_width"] / BLOCK)
    block = y // rows * blocks + x // BLOCK
    order = np.argsort(block, kind="stable")
    # the least that is still needed after each position, and the most that has been written
    needed = np.minimum.accumulate(first[order][::-1])[::-1]
    written = np.maximum.accumulate((positions[order] + 1) * outputs)
    ends = np.flatnonzero(np.diff(block[order])) + 1
    size = window["in_height"] * window["in_width"] * window["channels"]
    shift = int(np.min(np.append(needed[ends], size) - np.append(written[ends - 1], written[-1])))
    return Overlay(shift // ALIGNMENT * ALIGNMENT)


def _laid_out(window: Mapping[str, int], rows: int) -> int:
    """Values that are laid out for so many rows of the output."""
    return strip_rows(window, rows) * block_columns(window) * window["channels"]
