# SPDX-License-Identifier: Apache-2.0
"""Instructions of a step on a Cortex-M4F, from what its loops hold.

The loops of core/nn's assembly are counted, what is around them is fitted; tests/compiler holds the
sum of a network to 8 % of what QEMU counts.
"""

from collections.abc import Callable, Mapping
from math import ceil
from typing import Any

from soundpost.compiler.lowering.columns import BLOCK, block_columns, strip_rows
from soundpost.compiler.lowering.planes import BLOCKS
from soundpost.compiler.lowering.strips import strips
from soundpost.compiler.lowering.weights import GROUP, LANES
from soundpost.compiler.program import Step

# a row of a filter_rows.S block, by the filter's width and stride
ROWS = {(3, 1): 11, (3, 2): 11, (5, 1): 16, (5, 2): 12}
# a group of quad_rows.S with wide weights, and with int8 weights
WIDE_GROUP, GROUP_INSTRUCTIONS = 13, 21
# a value of a table of sp_nn_add_tables()
ADD_TABLE = 12.6

INT8 = (-128, 127)

Params = Mapping[str, Any]


def estimate(step: Step) -> int:
    """Instructions of a step."""
    return round(ESTIMATES[step.kernel](step.params, step.output.size))


def _is_fast(layer: Params) -> bool:
    return bool(layer["filter"].name != "sp_nn_filter_any")


def _rounds_both_ways(layer: Params) -> bool:
    output = layer["weights"]["output"]
    return bool(output["min"] < output["zero_point"])


def _scales_slowly(weights: Params) -> bool:
    """Whether some channel's shift is out of the ordinary (core/nn/dsp.h)."""
    shifts = weights["channels"].values[:, 2]
    return bool(((shifts < -11) | (shifts > -5)).any())


def _activate(weights: Params, size: int) -> int:
    output = weights["output"]
    return 0 if (output["min"], output["max"]) == INT8 else 9 * size


def _filters(layer: Params, to_plane: bool = False) -> float:
    """All channels of a layer, from planes."""
    window, weights = layer["window"], layer["weights"]
    rows, outputs = window["out_height"], window["out_width"]
    if not _is_fast(layer):
        taps = window["height"] * (9 * window["width"] + 7)
        return float(weights["outputs"] * rows * outputs * (taps + 45))
    shape = window["width"], window["stride_x"]
    block = BLOCKS[shape]
    around = 4 * block + 9 + (0 if to_plane else block + 1)
    if _scales_slowly(layer["weights"]):
        around += 4 * block + 6
    elif _rounds_both_ways(layer):
        around += 2 * block + 3
    blocks = ceil(outputs / block) * (window["height"] * ROWS[shape] + around)
    return float(weights["outputs"] * (170 + 4.4 * weights["depth"] + rows * (blocks + 12)))


def _spread(layer: Params) -> float:
    window = layer["window"]
    columns = layer["plane_columns"]
    margins = 2.5 * (layer["plane_rows"] * columns - window["in_height"] * window["in_width"])
    channel = window["in_height"] * (4.6 * window["in_width"] + 35)
    return float(window["channels"] * channel + margins)


def _depthwise(params: Params, size: int) -> float:
    return _spread(params) + _filters(params) + _activate(params["weights"], size)


def _depthwise_pair(params: Params, size: int) -> float:
    first, second = params["first"], params["second"]
    filters = _filters(first, to_plane=True) + _filters(second)
    return _spread(first) + filters + _activate(second["weights"], size)


def _conv(params: Params, size: int) -> float:
    window, weights = params["window"], params["weights"]
    runs = window["height"]
    groups = weights["depth"] / GROUP / runs
    quads = ceil(weights["outputs"] / LANES)
    positions = window["out_height"] * window["out_width"]
    if params["wide"]:
        half = 32 if _rounds_both_ways(params) or _scales_slowly(weights) else 0
        run = WIDE_GROUP * groups + 2 * ceil(groups / 4) + 6
        around = positions * (34 + half) + 110 * window["out_height"]
        widen = LANES * (75 + 15 * groups * runs)
    else:
        run = GROUP_INSTRUCTIONS * groups + 30
        around, widen = positions * 130 + 60 * window["out_height"], 0
    patches = _patched(window) * (150 + runs * (25 + window["width"] * (42 + window["channels"])))
    parts = ceil(window["out_width"] / (params.get("columns") or window["out_width"]))
    quad = positions * runs * run + around + parts * widen + patches
    return float(quads * quad + _activate(weights, size))


def _patched(window: Mapping[str, int]) -> int:
    """Positions whose windows leave the input."""
    rows, columns = _inside(window)
    return window["out_height"] * window["out_width"] - rows * columns


def _inside(window: Mapping[str, int]) -> tuple[int, int]:
    """Rows of positions whose windows leave the input neither above nor below, and columns of which
    they do not at the sides.
    """
    found = []
    for size, axis, before in (("height", "y", "top"), ("width", "x", "left")):
        stride, pad = window[f"stride_{axis}"], window[f"pad_{before}"]
        extent = (window[size] - 1) * window[f"dilation_{axis}"] + 1
        last = window[f"in_{size}"] - extent + pad
        end = min(last // stride + 1, window[f"out_{size}"])
        found.append(max(end - ceil(pad / stride), 0))
    # a window that is dilated along x is put together value by value
    return found[0], found[1] if window["dilation_x"] == 1 else 0


def _conv_patches(params: Params, size: int) -> float:
    window, weights = params["window"], params["weights"]
    depth, cells = weights["depth"], window["height"] * window["width"]
    pairs = ceil(window["out_height"] * window["out_width"] / 2)
    quads = ceil(weights["outputs"] / LANES)
    # pairs of inputs, of which eight are written out, and what is around them
    quad = 15 * depth / 2 + 4 * ceil(depth / 16) + (125 if params["fast"] else 420)
    # whole groups of the input are filled in at once, where they are groups of the patch too
    line = window["width"] * window["channels"]
    value = 2.25 if line % GROUP == 0 else 11
    # of a window that leaves the input, some two in five values are outside
    border = 3.75 if window["channels"] % GROUP == 0 else 9
    inside = value * depth + 25 * window["height"] + 20
    outside = border * depth + 50 * cells + 100
    rows, columns = _inside(window)
    at_sides = window["out_height"] * (window["out_width"] - columns)
    above = (window["out_height"] - rows) * columns
    fills = (2 * pairs - at_sides) * inside + above * 4 * depth + at_sides * outside
    return float(pairs * quads * quad + fills)


def _conv_columns(params: Params, size: int) -> float:
    window, weights = params["window"], params["weights"]
    channels, height = window["channels"], window["height"]
    blocks = ceil(window["out_width"] / BLOCK)
    # pairs of channels, of which four are written out
    pair = 15.5 if window["stride_x"] == 1 else 15.75
    starts = [y * window["stride_y"] - window["pad_top"] for y in range(window["out_height"])]
    seen = sum(max(min(start + height, window["in_height"]) - max(start, 0), 0) for start in starts)
    sums = seen * channels / 2 * pair
    # rows at borders are made one by one
    calls = sum(start < 0 or start + height > window["in_height"] for start in starts)
    count = ceil(window["out_height"] / params["rows"])
    widen = count * (10 * weights["depth"] / 12 + 91)
    around = len(starts) * 56 + (calls + count) * 62
    rows = count * strip_rows(window, params["rows"])
    fill = rows * block_columns(window) * (2 * channels + 20)
    return float(blocks * (weights["outputs"] * (sums + widen + around) + fill))


def _depthwise_strips(params: Params, size: int) -> float:
    first, second = params["first"], params["second"]
    window, after = first["window"], second["window"]
    total = float(_activate(second["weights"], size))
    done = 0
    for _, between in strips(window, after, params["rows"]):
        rows = min(params["rows"], after["out_height"] - done)
        done += rows
        one = {
            **first,
            "window": {**window, "out_height": between, "in_height": first["plane_rows"]},
        }
        two = {**second, "window": {**after, "out_height": rows}}
        total += 300 + _spread(one) + _filters(one, to_plane=True) + _filters(two)
    return total


def _conv_depthwise(params: Params, size: int) -> float:
    second = params["second"]
    return _conv(params["first"], 0) + _filters(second) + _activate(second["weights"], size)


def _dense(params: Params, size: int) -> float:
    weights = params["weights"]
    quads = ceil(weights["outputs"] / LANES)
    groups = weights["depth"] / GROUP
    rows = params["rows"] * (GROUP_INSTRUCTIONS * groups + 150)
    return float(quads * (rows + 60) + _activate(weights, size))


def _pool(params: Params, size: int) -> float:
    window = params["window"]
    return float(size * (25 + window["height"] * (9 + 8 * window["width"])))


def _mean(params: Params, size: int) -> float:
    return float(size * (36 + 6 * params["count"]))


def _pad(params: Params, size: int) -> float:
    return float(58 * params["height"] * params["width"] + 1.9 * size)


def _add(params: Params, size: int) -> float:
    pair = params["pair"]
    is_flat = pair["constant"] is None and pair["stride1"] == pair["stride2"]
    return float((47 if is_flat else 70) * size)


def _add_tables(params: Params, size: int) -> float:
    return 512 * ADD_TABLE + 13.0 * size + _activate(params, size)


def _keep(params: Params, size: int) -> float:
    return float(50 + 1.1 * params["kept"])


def _queue(params: Params, size: int) -> float:
    return float(150 + 0.65 * params["kept"])


def _values(instructions: float) -> Callable[[Params, int], float]:
    return lambda _, size: instructions * size


ESTIMATES: dict[str, Callable[[Params, int], float]] = {
    "sp_nn_add": _add,
    "sp_nn_add_tables": _add_tables,
    "sp_nn_average_pool": _pool,
    "sp_nn_conv": _conv,
    "sp_nn_conv_columns": _conv_columns,
    "sp_nn_conv_depthwise": _conv_depthwise,
    "sp_nn_conv_patches": _conv_patches,
    "sp_nn_dense": _dense,
    "sp_nn_depthwise": _depthwise,
    "sp_nn_depthwise_pair": _depthwise_pair,
    "sp_nn_depthwise_strips": _depthwise_strips,
    "sp_nn_keep": _keep,
    "sp_nn_lut": _values(8),
    "sp_nn_max_pool": _pool,
    "sp_nn_mean": _mean,
    "sp_nn_mul": _values(45),
    "sp_nn_pad": _pad,
    "sp_nn_queue": _queue,
    "sp_nn_softmax": _values(290),
}
