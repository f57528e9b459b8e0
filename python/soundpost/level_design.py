# SPDX-License-Identifier: Apache-2.0
"""Designs the filters of core/level: `python -m soundpost.level_design write|check|table|search`.

The design is the set of constants in `DESIGN`: corner frequencies, poles and zeros, rounded
so that they are exact in this file. `search` finds them anew from the standards (it takes some
seconds; its result replaces the constants by hand, because an optimiser's last digits differ
between machines and coefficients.c must not). Everything else follows from them.

Sources: IEC 61672-1:2013, annex E (analog poles of the weightings) and table 3 (limits);
IEC 61260-1:2014, table 1 (octave filters).
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import typer
from scipy import optimize

from soundpost import __version__
from soundpost.errors import UserError
from soundpost.files import write_text

Array = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]

RATE_HZ = 16000
BANDS = 8
OCTAVE_RATIO = 10**0.3
# Poles of the analog weightings, Hz (IEC 61672-1:2013, annex E).
ANALOG_HZ = (20.598997, 107.65265, 737.86223, 12194.217)

# Corners of the first-order high passes in Hz; (zero, pole) of the first-order corrections; of an
# octave filter p1, p2 of (1 + p1 z^-2 + p2 z^-4) and then d1, d2 of (1 + d1 z^-1 + d2 z^-2);
# coefficients of the half-band filter's all-passes, of the even samples and of the odd ones.
DESIGN: dict[str, Any] = {
    "dc_hz": 2.0,
    "c_hz": 20.394,
    "a_hz": [107.18, 743.47],
    "c_correction": [-0.2453, -0.1019],
    "a_correction": [-0.2105, -0.0706],
    "octave": [0.67153, 0.32418, -0.36968, 0.42031],
    "half_band": [0.56111, 0.12397],
}

# As in core/level/filters.h.
SAMPLE_BITS = 8
SCALE_BITS = 36
SUB_BLOCK = 16
OCTAVE_BLOCK = 256
# Coefficients of 32 fractional bits are less.
Q32_LIMIT = 0.5
FAST_SAMPLES = 2000
FAST_TAU_S = 0.125
# Mean square of a sine at full scale is 2^this in what the meter reports.
ENERGY_BITS = 44

COEFFICIENTS = Path(__file__).resolve().parents[2] / "core" / "level" / "coefficients.c"


class Limit(NamedTuple):
    """A row of table 3 of IEC 61672-1:2013, all in dB."""

    nominal_hz: float
    a: float
    c: float
    above: float
    below: float


INF = float("inf")
WEIGHTING_LIMITS = [
    Limit(10, -70.4, -14.3, 3.0, -INF),
    Limit(12.5, -63.4, -11.2, 2.5, -INF),
    Limit(16, -56.7, -8.5, 2.0, -4.0),
    Limit(20, -50.5, -6.2, 2.0, -2.0),
    Limit(25, -44.7, -4.4, 2.0, -1.5),
    Limit(31.5, -39.4, -3.0, 1.5, -1.5),
    Limit(40, -34.6, -2.0, 1.0, -1.0),
    Limit(50, -30.2, -1.3, 1.0, -1.0),
    Limit(63, -26.2, -0.8, 1.0, -1.0),
    Limit(80, -22.5, -0.5, 1.0, -1.0),
    Limit(100, -19.1, -0.3, 1.0, -1.0),
    Limit(125, -16.1, -0.2, 1.0, -1.0),
    Limit(160, -13.4, -0.1, 1.0, -1.0),
    Limit(200, -10.9, 0.0, 1.0, -1.0),
    Limit(250, -8.6, 0.0, 1.0, -1.0),
    Limit(315, -6.6, 0.0, 1.0, -1.0),
    Limit(400, -4.8, 0.0, 1.0, -1.0),
    Limit(500, -3.2, 0.0, 1.0, -1.0),
    Limit(630, -1.9, 0.0, 1.0, -1.0),
    Limit(800, -0.8, 0.0, 1.0, -1.0),
    Limit(1000, 0.0, 0.0, 0.7, -0.7),
    Limit(1250, 0.6, 0.0, 1.0, -1.0),
    Limit(1600, 1.0, -0.1, 1.0, -1.0),
    Limit(2000, 1.2, -0.2, 1.0, -1.0),
    Limit(2500, 1.3, -0.3, 1.0, -1.0),
    Limit(3150, 1.2, -0.5, 1.0, -1.0),
    Limit(4000, 1.0, -0.8, 1.0, -1.0),
    Limit(5000, 0.5, -1.3, 1.5, -1.5),
    Limit(6300, -0.1, -2.0, 1.5, -2.0),
    Limit(8000, -1.1, -3.0, 1.5, -2.5),
]
THIRD_OCTAVES_HZ: Array = 1000 * 10 ** (np.arange(-20, 10) / 10)


def decibels(response: Array | Complex) -> Array:
    """20 log10 of the magnitude, with an end at -300 dB."""
    return np.asarray(20 * np.log10(np.maximum(np.abs(response), 1e-15)))


def analog_a(hz: Array) -> Array:
    """Magnitude of the A weighting, not normalised (IEC 61672-1:2013, formula E.6)."""
    f1, f2, f3, f4 = ANALOG_HZ
    low = (hz**2 + f1**2) * np.sqrt(hz**2 + f2**2) * np.sqrt(hz**2 + f3**2)
    return np.asarray(f4**2 * hz**4 / (low * (hz**2 + f4**2)))


def analog_c(hz: Array) -> Array:
    """Magnitude of the C weighting, not normalised (IEC 61672-1:2013, formula E.1)."""
    f1, _, _, f4 = ANALOG_HZ
    return np.asarray(f4**2 * hz**2 / ((hz**2 + f1**2) * (hz**2 + f4**2)))


def _high_pass_step(corner_hz: float) -> float:
    return float(1 - np.exp(-2 * np.pi * corner_hz / RATE_HZ))


def _high_pass(z1: Complex, corner_hz: float) -> Complex:
    return np.asarray((1 - z1) / (1 - (1 - _high_pass_step(corner_hz)) * z1))


def weightings(hz: Array, design: dict[str, Any] = DESIGN) -> tuple[Complex, Complex, Complex]:
    """Response of the meter's Z, C and A weightings at `hz`, not normalised."""
    z1 = np.exp(-2j * np.pi * hz / RATE_HZ)
    z = _high_pass(z1, design["dc_hz"])
    low = z * _high_pass(z1, design["c_hz"]) ** 2
    c_zero, c_pole = design["c_correction"]
    c = low * (1 - c_zero * z1) / (1 - c_pole * z1)
    a_zero, a_pole = design["a_correction"]
    a = low * _high_pass(z1, design["a_hz"][0]) * _high_pass(z1, design["a_hz"][1])
    a = a * (1 - a_zero * z1) / (1 - a_pole * z1)
    return z, c, a


def octave_section(z1: Complex, design: dict[str, Any] = DESIGN) -> Complex:
    """Response of the octave filter, where z1 is exp(-j w) at the band's own rate."""
    p1, p2, d1, d2 = design["octave"]
    pair = (1 - z1**2) / (1 + p1 * z1**2 + p2 * z1**4)
    return np.asarray(pair * (1 - z1) ** 2 / (1 + d1 * z1 + d2 * z1**2))


def half_band(z1: Complex, design: dict[str, Any] = DESIGN) -> Complex:
    """Response of the half-band filter before each decimation by two."""
    even, odd = design["half_band"]
    z2 = z1**2
    return np.asarray(0.5 * (z1 * (even + z2) / (1 + even * z2) + (odd + z2) / (1 + odd * z2)))


def octave_hz(band: int) -> float:
    """Exact mid-band frequency (base ten) of band 0 (31.5 Hz) to 7 (4 kHz)."""
    return float(1000 * OCTAVE_RATIO ** (band - 5))


def octave(hz: Array, band: int, design: dict[str, Any] = DESIGN) -> Complex:
    """Response of octave band 0 to 7 to a steady tone, folding included, not normalised."""
    response: Complex = weightings(hz, design)[0]
    rate = float(RATE_HZ)
    for _ in range(BANDS - 1 - band):
        response = response * half_band(np.exp(-2j * np.pi * hz / rate), design)
        rate /= 2
    return np.asarray(response * octave_section(np.exp(-2j * np.pi * hz / rate), design))


def octave_limits(octaves: Array) -> tuple[Array, Array]:
    """Least and greatest attenuation in dB, class 1 of IEC 61260-1:2014, table 1.

    Args:
        octaves: log_G(f / fm), any shape.
    """
    x = np.abs(octaves)
    inside = x <= 0.5
    least = np.where(inside, -0.4, np.interp(x, [0.5, 1, 2, 3, 4], [1.6, 16.6, 40.5, 60, 70]))
    greatest = np.interp(x, [0, 0.125, 0.25, 0.375, 0.5], [0.4, 0.5, 0.7, 1.4, 5.3])
    return least, np.where(inside, greatest, np.inf)


# breakpoints of these limits, and points between them
_OCTAVES: Array = np.concatenate([[-4, -3, -2, -1, -0.5000001, 0.5000001], np.arange(-20, 21) / 40])


def octave_margin(
    band: int, design: dict[str, Any] = DESIGN, points: int = 4000
) -> tuple[float, float]:
    """Least distance in dB to the class 1 limits inside a band and outside, 2 Hz to 8 kHz.

    The first cannot exceed the 0.4 dB that the centre has.
    """
    hz = np.concatenate([np.geomspace(2, 7999, points), octave_hz(band) * OCTAVE_RATIO**_OCTAVES])
    hz = hz[hz < RATE_HZ / 2]
    centre = decibels(octave(np.array([octave_hz(band)]), band, design))
    attenuation = centre - decibels(octave(hz, band, design))
    octaves = np.log(hz / octave_hz(band)) / np.log(OCTAVE_RATIO)
    least, greatest = octave_limits(octaves)
    margin = np.minimum(attenuation - least, greatest - attenuation)
    inside = np.abs(octaves) <= 0.5
    return float(margin[inside].min()), float(margin[~inside].min())


def octave_bandwidth_error(band: int, design: dict[str, Any] = DESIGN) -> float:
    """Level in dB that a band reads too high in pink noise, for a gain of one at its centre."""
    hz = np.geomspace(octave_hz(band) / 30, min(octave_hz(band) * 30, 7999), 8000)
    centre = np.abs(octave(np.array([octave_hz(band)]), band, design))
    power = (np.abs(octave(hz, band, design)) / centre) ** 2
    width = np.sum((power[1:] + power[:-1]) / 2 * np.diff(np.log(hz)))
    return float(10 * np.log10(width / np.log(OCTAVE_RATIO)))


def _search_weighting(
    model: Callable[[Array, Array], Array], target: Callable[[Array], Array], start: Array
) -> Array:
    """Parameters whose greatest deviation from `target` over 10 Hz to 6.3 kHz is least."""
    hz = np.concatenate([THIRD_OCTAVES_HZ[:-1], np.geomspace(10, 6400, 200)])
    one: Array = np.array([1000.0])
    wanted = decibels(target(hz)) - decibels(target(one))

    def deviation(x: Array) -> Array:
        return decibels(model(hz, x)) - decibels(model(one, x)) - wanted

    best: Array = optimize.least_squares(deviation, start).x
    for power in (4, 8, 16, 32):
        best = optimize.minimize(
            lambda x, p=power: float(np.sum((deviation(x) / 0.05) ** p) ** (1 / p)),
            best,
            method="Nelder-Mead",
            options={"maxiter": 20000, "xatol": 1e-9, "fatol": 1e-9},
        ).x
    return best


def search() -> dict[str, Any]:
    """Find the constants of `DESIGN` anew, from those that it holds."""
    d = {key: (list(v) if isinstance(v, list) else v) for key, v in DESIGN.items()}

    def with_c(x: Array) -> dict[str, Any]:
        return d | {"c_hz": x[0] * 20, "c_correction": [x[1], x[2]]}

    def with_a(x: Array) -> dict[str, Any]:
        return d | {"a_hz": [x[0] * 100, x[1] * 700], "a_correction": [x[2], x[3]]}

    x = _search_weighting(
        lambda hz, x: np.abs(weightings(hz, with_c(x))[1]), analog_c, np.array([1, -0.25, -0.1])
    )
    d = with_c(np.round(x, 4))
    x = _search_weighting(
        lambda hz, x: np.abs(weightings(hz, with_a(x))[2]), analog_a, np.array([1, 1, -0.25, -0.1])
    )
    d = with_a(np.round(x, 4))

    def octave_cost(x: Array) -> float:
        trial = d | {"octave": x[:4].tolist(), "half_band": x[4:].tolist()}
        poles = np.concatenate([np.roots([1, 0, x[0], 0, x[1]]), np.roots([1, x[2], x[3]])])
        if np.abs(poles).max() > 0.98 or max(abs(x[2]), abs(x[3]), abs(x[5])) >= Q32_LIMIT:
            return 1e3
        inside, outside = zip(*(octave_margin(k, trial, 600) for k in (7, 6, 4, 2, 0)), strict=True)
        return -float(min(min(inside) / 0.4, min(outside) / 0.6))

    x = np.array(d["octave"] + d["half_band"])
    x = optimize.minimize(octave_cost, x, method="Nelder-Mead", options={"maxiter": 800}).x
    d["octave"] = np.round(x[:4], 5).tolist()
    d["half_band"] = np.round(x[4:], 5).tolist()
    return {key: np.round(value, 5).tolist() for key, value in d.items()}


def _fixed(value: float, bits: int) -> int:
    """`value` in fixed point of `bits` fractional bits; it must fit int32_t."""
    number = round(value * 2.0**bits)
    assert -(2**31) <= number < 2**31
    return number


def render() -> str:
    """Text of coefficients.c."""
    inputs = [DESIGN, RATE_HZ, SAMPLE_BITS, SUB_BLOCK, OCTAVE_BLOCK]
    inputs += [FAST_SAMPLES, FAST_TAU_S, ENERGY_BITS, SCALE_BITS]
    digest = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:16]
    z, c, a = (float(np.abs(response)[0]) for response in weightings(np.array([1000.0])))
    full_scale = 2.0 ** (2 * (15 + SAMPLE_BITS)) / 2
    scale = 2.0 ** (ENERGY_BITS + SCALE_BITS) / full_scale

    def weighting(name: str, corners: list[float], gain: float) -> str:
        zero, pole = DESIGN[f"{name}_correction"]
        low, high = (_fixed(_high_pass_step(corner), 32) for corner in corners)
        return (
            f"{{.step = {{{low}, {high}}}, .zero = {_fixed(-zero, 32)}, .pole = {_fixed(pole, 32)},"
            f" .scale = {_fixed(scale / FAST_SAMPLES / gain**2, 0)}}}"
        )

    octave_scales = []
    for band in range(BANDS):
        gain = float(np.abs(octave(np.array([octave_hz(band)]), band))[0])
        samples = OCTAVE_BLOCK >> (BANDS - 1 - band)
        octave_scales.append(_fixed(scale / samples / gain**2, 0))
    pair = [_fixed(-k, 31) for k in DESIGN["octave"][:2]]
    last = [_fixed(-k, 32) for k in DESIGN["octave"][2:]]
    half = [_fixed(k, bits) for k, bits in zip(DESIGN["half_band"], (31, 32), strict=True)]
    fields = {
        "z_step": _fixed(_high_pass_step(DESIGN["dc_hz"]), 32),
        "z_scale": _fixed(scale / FAST_SAMPLES / z**2, 0),
        "c": weighting("c", [DESIGN["c_hz"]] * 2, c),
        "a": weighting("a", DESIGN["a_hz"], a),
        "fast_step": _fixed(1 - np.exp(-SUB_BLOCK / RATE_HZ / FAST_TAU_S), 32),
        "fast_full_scale_cdb": round(1000 * np.log10(full_scale * SUB_BLOCK * a * a)),
        "octave_pair": _braced(pair),
        "octave_last": _braced(last),
        "half": _braced(half),
        "octave_scale": _braced(octave_scales),
    }
    return "\n".join(
        [
            "/* SPDX-License-Identifier: Apache-2.0 */",
            f"/* Made by soundpost.level_design {__version__}, design {digest}. Do not edit. */",
            "",
            '#include "filters.h"',
            "",
            "/* clang-format off */",
            "const struct sp_level_filters sp_level_filters = {",
            *(f"\t.{name} = {value}," for name, value in fields.items()),
            "};",
            "",
        ]
    )


def _braced(values: list[int]) -> str:
    return "{" + ", ".join(map(str, values)) + "}"


def table() -> str:
    """The weightings as a table in Markdown, by third-octave."""
    _, c, a = (decibels(r) for r in weightings(THIRD_OCTAVES_HZ))
    _, c0, a0 = (decibels(r) for r in weightings(np.array([1000.0])))
    rows = ["| Hz | A | ours | C | ours | class 1 | margin |", "|--:|--:|--:|--:|--:|--:|--:|"]
    for limit, ours_a, ours_c in zip(WEIGHTING_LIMITS, a - a0, c - c0, strict=True):
        errors = (ours_a - limit.a, ours_c - limit.c)
        margin = min(limit.above - max(errors), min(errors) - limit.below)
        rows.append(
            f"| {limit.nominal_hz:g} | {limit.a:.1f} | {ours_a:.2f} | {limit.c:.1f} | {ours_c:.2f}"
            f" | {limit.above:+.1f}, {limit.below:+.1f} | {margin:.2f} |"
        )
    rows += ["", "| octave, Hz | margin inside | outside | in pink noise |", "|--:|--:|--:|--:|"]
    for band in range(BANDS):
        inside, outside = octave_margin(band, points=30000)
        error = octave_bandwidth_error(band)
        rows.append(f"| {octave_hz(band):.1f} | {inside:.2f} | {outside:.2f} | {error:+.2f} |")
    return "\n".join(rows) + "\n"


app = typer.Typer(no_args_is_help=True, add_completion=False, help="Filters of core/level.")


@app.command("write")
def write_command() -> None:
    """Write core/level/coefficients.c."""
    write_text(COEFFICIENTS, render())


@app.command("check")
def check_command() -> None:
    """Fail if core/level/coefficients.c is stale."""
    if not COEFFICIENTS.exists() or COEFFICIENTS.read_text(encoding="utf-8") != render():
        raise UserError(f"{COEFFICIENTS.name} is stale; run python -m soundpost.level_design write")


@app.command("table")
def table_command() -> None:
    """Print the weightings and octave bands against the limits of class 1."""
    typer.echo(table(), nl=False)


@app.command("search")
def search_command() -> None:
    """Find the constants of DESIGN anew and print them (some seconds)."""
    typer.echo(json.dumps(search(), indent=4))


if __name__ == "__main__":
    app()
