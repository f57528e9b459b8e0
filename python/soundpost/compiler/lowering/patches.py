# SPDX-License-Identifier: Apache-2.0
"""sp_nn_conv_patches(): convolutions with deep windows, two positions at a time."""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from soundpost.compiler.graph import ARENA_MAX
from soundpost.compiler.lowering.common import quantized_bounds
from soundpost.compiler.lowering.weights import Layer
from soundpost.compiler.place import ALIGNMENT
from soundpost.compiler.program import Field, Overlay, Step

Axis: TypeAlias = NDArray[np.int64]

POSITIONS = 2  # NN_PATCHES
BYTES = 2  # of a value in a patch
FAST_SHIFTS = -11, -1  # of sp_nn_conv_patches_params.fast
INT8 = (-128, 127)


def patches_steps(layer: Layer, window: Mapping[str, int], macs: int) -> tuple[Step, ...]:
    """sp_nn_conv_patches() with the window of window.py, in the order that overlays best; none if
    no arena could hold its tensors.
    """
    outputs = layer.matrix.shape[0]
    positions = window["out_height"] * window["out_width"]
    if max(_size(window), positions * outputs) > ARENA_MAX:
        return ()
    weights = layer.in_patches()
    depth = weights["depth"]
    assert isinstance(depth, int)
    overlays = [forward_overlay(window, outputs), backward_overlay(window, outputs)]
    # the bytes that are left of input and output together
    overlay = min(overlays, key=lambda found: extent(window, outputs, found.shift))
    params: dict[str, Field] = {
        "weights": weights,
        "window": window,
        "backward": int(overlay.backward),
        "fast": int(scales_fast(layer)),
    }
    step = Step(
        (layer.operator,),
        "sp_nn_conv_patches",
        params,
        (layer.operator.input(0),),
        scratch=BYTES * POSITIONS * depth,
        macs=macs,
        overlay=overlay,
    )
    return (step,)


def scales_fast(layer: Layer) -> bool:
    """Whether scaling takes the short way of patches_add.S and columns_rows.S."""
    shifts = layer.channels[:, 2]
    ordinary = bool(((shifts >= FAST_SHIFTS[0]) & (shifts <= FAST_SHIFTS[1])).all())
    return layer.is_fast and ordinary and quantized_bounds(layer.operator) == INT8


def forward_overlay(window: Mapping[str, int], outputs: int) -> Overlay:
    """Where the output may be at most, if positions are taken from the first on."""
    first, _ = seen(window)
    # the least that positions from each one on need; behind the last, there is no limit
    needed = np.append(np.minimum.accumulate(first[::-1])[::-1], _size(window))
    ends = np.append(np.arange(POSITIONS, len(first), POSITIONS), len(first))
    shift = int(np.min(needed[ends] - ends * outputs))
    return Overlay(shift // ALIGNMENT * ALIGNMENT)


def backward_overlay(window: Mapping[str, int], outputs: int) -> Overlay:
    """Where the output may be at least, if positions are taken from the last on."""
    _, end = seen(window)
    # the most that positions before each one need
    needed = np.append(0, np.maximum.accumulate(end))
    starts = np.arange(0, len(end), POSITIONS)
    shift = int(np.max(needed[starts] - starts * outputs))
    return Overlay(-(-shift // ALIGNMENT) * ALIGNMENT, backward=True)


def _size(window: Mapping[str, int]) -> int:
    return window["in_height"] * window["in_width"] * window["channels"]


def extent(window: Mapping[str, int], outputs: int, shift: int) -> int:
    """Bytes that an input and an output take together that starts `shift` bytes behind it."""
    size = window["out_height"] * window["out_width"] * outputs
    return max(_size(window), shift + size) - min(0, shift)


def seen(window: Mapping[str, int]) -> tuple[Axis, Axis]:
    """Each position's first byte of the input, and the one behind its last."""
    top, bottom = _axis(window, "height", "y", "top")
    left, right = _axis(window, "width", "x", "left")
    line, channels = window["in_width"] * window["channels"], window["channels"]
    first = top[:, None] * line + left * channels
    end = (bottom[:, None] - 1) * line + right * channels
    return first.ravel(), end.ravel()


def _axis(window: Mapping[str, int], size: str, axis: str, before: str) -> tuple[Axis, Axis]:
    """Each output's first input along an axis, and the one behind its last."""
    start = np.arange(window[f"out_{size}"]) * window[f"stride_{axis}"] - window[f"pad_{before}"]
    extent = (window[size] - 1) * window[f"dilation_{axis}"] + 1
    inputs = window[f"in_{size}"]
    # a dilated window may see nothing at all, where this gives a little that does no harm
    return np.clip(start, 0, inputs - 1), np.clip(start + extent, 1, inputs)
