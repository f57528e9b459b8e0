# SPDX-License-Identifier: Apache-2.0
"""How times, levels and sizes are written, the same in the timeline and in the report."""

from collections.abc import Callable, Mapping
from typing import Any

from soundpost.errors import UserError

RATE_HZ = 16000
FAST_SAMPLES = 2000

UNKNOWN, SILENCE = "unknown", "silence"
"""Names of what is no class of the network."""

NONE = "\N{EN DASH}"
"""Stands for a value that was not measured."""

Decode = Callable[[int, bytes], str]
"""Port and payload of a frame to a text for people, of one line or more."""


def clock(samples: float, decimals: int = 1) -> str:
    """A count of 16 kHz samples as mm:ss.s, or h:mm:ss.s from an hour on."""
    ticks = round(samples * 10**decimals / RATE_HZ)
    seconds, fraction = divmod(ticks, 10**decimals)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"
    return f"{text}.{fraction:0{decimals}}" if decimals else text


def db(level: float | None) -> str:
    """A level in dB with one decimal."""
    return NONE if level is None else f"{level:.1f}"


def size(count: int) -> str:
    """A number of bytes, in decimal units."""
    value = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{count:,} bytes" if unit == "bytes" else f"{value:.2f} {unit}"
        value /= 1000
    raise AssertionError


def airtime(microseconds: int) -> str:
    """Time on air, in ms below a second and in s above."""
    if microseconds < 1_000_000:
        return f"{microseconds / 1000:.1f} ms"
    return f"{microseconds / 1e6:.2f} s"


def printable(text: str) -> str:
    """`text` without control characters, which would reach the user's terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def meaning(decode: Decode | None, frame: Mapping[str, Any]) -> str:
    """What a frame's payload says, or why it could not be decoded; empty without a decoder."""
    try:
        return decode(frame["port"], bytes.fromhex(frame["hex"])) if decode else ""
    except UserError as error:
        return f"not decoded: {error}"
