# SPDX-License-Identifier: Apache-2.0
"""sp_nn_depthwise_strips(): a first convolution and the depthwise layer after it, by rows."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from soundpost.compiler.lowering.planes import BYTES
from soundpost.compiler.place import ALIGNMENT
from soundpost.compiler.program import Field, Overlay, Step

ROWS = (8, 6, 4, 3, 2, 1)


def strip_steps(pair: Step) -> tuple[Step, ...]:
    """A step of sp_nn_depthwise_pair(), in strips of several heights; none if they make no sense.

    The input must have one channel: a strip needs all of it before the output is written.
    """
    first: Mapping[str, Any] = pair.params["first"]  # type: ignore[assignment]
    second: Mapping[str, Any] = pair.params["second"]  # type: ignore[assignment]
    if first["window"]["channels"] != 1:
        return ()
    return tuple(
        _strips(pair, first, second, rows) for rows in ROWS if rows < second["window"]["out_height"]
    )


def strips(first: Mapping[str, Any], second: Mapping[str, Any], rows: int) -> list[tuple[int, int]]:
    """The first input row of each strip, and the rows between the layers that it makes."""
    found = []
    for y in range(0, second["out_height"], rows):
        end = min(y + rows, second["out_height"])
        start, between = _seen(second, y, end)
        found.append((_seen(first, start, start + between)[0], between))
    return found


def _strips(pair: Step, first: Mapping[str, Any], second: Mapping[str, Any], rows: int) -> Step:
    window, after = first["window"], second["window"]
    cuts = strips(window, after, rows)
    planes = [_rows(window, max(between for _, between in cuts)), _rows(after, rows)]
    params: dict[str, Field] = {
        "first": {**first, "plane_rows": planes[0]},
        "second": {**second, "plane_rows": planes[1]},
        "rows": rows,
    }
    columns = first["plane_columns"], second["plane_columns"]
    line = after["out_width"] * second["weights"]["outputs"]
    # what is written by the end of a strip, before the next one reads its input
    shift = min(
        row * window["in_width"] - strip * rows * line for strip, (row, _) in enumerate(cuts)
    )
    shift = min(shift, window["in_height"] * window["in_width"] - after["out_height"] * line)
    return replace(
        pair,
        kernel="sp_nn_depthwise_strips",
        params=params,
        scratch=sum(BYTES * a * b for a, b in zip(planes, columns, strict=True)),
        spreads=False,
        overlay=Overlay(shift // ALIGNMENT * ALIGNMENT),
    )


def _rows(window: Mapping[str, int], outputs: int) -> int:
    extent = (window["height"] - 1) * window["dilation_y"] + 1
    return (outputs - 1) * window["stride_y"] + extent


def _seen(window: Mapping[str, int], first: int, end: int) -> tuple[int, int]:
    """The first input row that outputs see, and how many."""
    top = first * window["stride_y"] - window["pad_top"]
    below = min(top + _rows(window, end - first), window["in_height"])
    return max(top, 0), below - max(top, 0)
