# SPDX-License-Identifier: Apache-2.0
"""core/level against published limits, float64 references and numpy."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal
from soundpost._core import ffi, lib

from soundpost import level_design as design
from soundpost.errors import UserError
from soundpost.level import Fast, LevelMeter

RATE = 16000
FULL_SCALE_DB = 120.0


def tone(hz, seconds, dbfs=-6.0, phase=0.0):
    """A sine, int16; its frequency and amplitude are exact but for the rounding."""
    t = np.arange(round(seconds * RATE))
    x = 32767 * 10 ** (dbfs / 20) * np.sin(2 * np.pi * hz / RATE * t + phase)
    return np.round(x).astype(np.int16)


def steady(pcm, settle_s=1.0):
    """Summary of `pcm` without its first `settle_s` seconds."""
    meter = LevelMeter(FULL_SCALE_DB)
    cut = round(settle_s * RATE)
    meter.measure(pcm[:cut])
    meter.summarize()
    meter.measure(pcm[cut:])
    return meter.summarize()


def levels(fasts: list[Fast]):
    return np.array([fast.laf for fast in fasts])


# -- weightings


def test_calibration_tone_reads_its_level():
    summary = steady(tone(1000, 3, -26.0))
    for level in (summary.laeq, summary.lceq, summary.lzeq, summary.lafmax, summary.laf50):
        assert level == pytest.approx(94.0, abs=0.1)
    assert summary.lzeq_octave[5] == pytest.approx(94.0, abs=0.1)


@pytest.mark.parametrize(
    ("limit", "hz"),
    list(zip(design.WEIGHTING_LIMITS, design.THIRD_OCTAVES_HZ, strict=True)),
    ids=lambda v: f"{v.nominal_hz:g}Hz" if isinstance(v, design.Limit) else "",
)
def test_weightings_are_inside_class_1(limit, hz):
    summary = steady(tone(hz, 5), 1.0)
    level = FULL_SCALE_DB - 6.0
    for measured, nominal in ((summary.laeq, limit.a), (summary.lceq, limit.c), (summary.lzeq, 0)):
        assert limit.below <= measured - level - nominal <= limit.above
    if 12 < hz < 7000:
        analog = design.decibels(design.analog_a(np.array([hz, 1000.0])))
        assert summary.laeq - level == pytest.approx(analog[0] - analog[1], abs=0.1)
        analog = design.decibels(design.analog_c(np.array([hz, 1000.0])))
        assert summary.lceq - level == pytest.approx(analog[0] - analog[1], abs=0.1)


def test_nominal_weightings_are_the_formulas_rounded():
    hz = design.THIRD_OCTAVES_HZ
    one = np.array([1000.0])
    for name, formula in (("a", design.analog_a), ("c", design.analog_c)):
        exact = design.decibels(formula(hz)) - design.decibels(formula(one))
        nominal = [getattr(limit, name) for limit in design.WEIGHTING_LIMITS]
        np.testing.assert_allclose(nominal, exact, atol=0.051)


@pytest.mark.parametrize("hz", [63.0957, 1000.0, 3981.07])
@pytest.mark.parametrize("dbfs", [0, -10, -20, -30, -40, -50, -60, -70])
def test_level_is_linear(hz, dbfs):
    # dither keeps the rounding of a faint low tone from making harmonics that A lets through;
    # its own A-weighted level, some 95 dB under full scale, is taken off
    rng = np.random.default_rng(1)
    x = 32768 * 10 ** (dbfs / 20) * np.sin(2 * np.pi * hz / RATE * np.arange(5 * RATE))
    dither = rng.uniform(-0.5, 0.5, len(x)) + rng.uniform(-0.5, 0.5, len(x))
    pcm = np.clip(np.round(x + dither), -32768, 32767).astype(np.int16)
    noise = steady(np.round(dither).astype(np.int16))
    summary = steady(pcm)
    gain = design.decibels(design.analog_a(np.array([hz, 1000.0])))
    power = 10 ** (summary.laeq / 10) - 10 ** (noise.laeq / 10)
    assert 10 * np.log10(power) == pytest.approx(FULL_SCALE_DB + dbfs + gain[0] - gain[1], abs=0.3)
    if hz == 1000:
        for level in (summary.laeq, summary.lafmax, summary.lzeq, summary.lceq):
            assert level == pytest.approx(FULL_SCALE_DB + dbfs, abs=0.3)


def float_reference(pcm):
    """Mean squares of the samples, A and C weighted by the design's responses over an FFT."""
    spectrum = np.fft.rfft(np.concatenate([pcm / 32768, np.zeros(len(pcm))]))
    hz = np.fft.rfftfreq(2 * len(pcm), 1 / RATE)
    hz[0] = 1e-3
    one = np.array([1000.0])
    results = []
    for formula in (design.analog_a, design.analog_c):
        gain = formula(hz) / formula(one)
        results.append(np.fft.irfft(spectrum * gain)[: len(pcm)])
    return results


@pytest.mark.parametrize("kind", ["white", "pink"])
@pytest.mark.parametrize("dbfs", [-20, -75])
def test_noise_against_the_analog_weightings(kind, dbfs):
    rng = np.random.default_rng(2)
    noise = rng.standard_normal(20 * RATE)
    if kind == "pink":
        spectrum = np.fft.rfft(noise)
        # not below 20 Hz, where the 2 Hz of the meter's high pass begin to count
        spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 20 * 20))
        spectrum[: 20 * 20] = 0
        noise = np.fft.irfft(spectrum)
    noise *= 10 ** (dbfs / 20) * 32768 / noise.std()
    pcm = np.clip(np.round(noise), -32768, 32767).astype(np.int16)
    summary = steady(pcm, 2.0)
    for measured, x in zip((summary.laeq, summary.lceq), float_reference(pcm), strict=True):
        expected = FULL_SCALE_DB + 10 * np.log10(2 * np.mean(x[2 * RATE :] ** 2))
        assert measured == pytest.approx(expected, abs=0.1)
    z = FULL_SCALE_DB + 10 * np.log10(2 * np.mean((pcm[2 * RATE :] / 32768) ** 2))
    assert summary.lzeq == pytest.approx(z, abs=0.1)


# -- Fast time weighting


@pytest.mark.parametrize(
    ("ms", "lafmax", "lae", "tolerance"),
    [
        # IEC 61672-1:2013, table 4, class 1
        (1000, 0.0, 0.0, 0.5),
        (500, -0.1, -3.0, 0.5),
        (200, -1.0, -7.0, 0.5),
        (100, -2.6, -10.0, 1.0),
        (50, -4.8, -13.0, 1.0),
        (20, -8.3, -17.0, 1.0),
        (10, -11.1, -20.0, 1.0),
    ],
)
@pytest.mark.parametrize("start", [16000, 16007])
def test_tone_bursts_of_table_4(ms, lafmax, lae, tolerance, start):
    continuous = tone(4000, 3, -10, 0.3)
    burst = np.zeros(4 * RATE, np.int16)
    burst[start : start + ms * 16] = continuous[: ms * 16]
    reference = steady(continuous).laeq
    meter = LevelMeter(FULL_SCALE_DB)
    fasts = meter.measure(burst)
    summary = meter.summarize()
    assert summary.lafmax - reference == pytest.approx(lafmax, abs=tolerance)
    assert np.nanmax([fast.lafmax for fast in fasts]) == summary.lafmax
    config = ffi.new("struct sp_level_config *", {"full_scale_cdb": 12000})
    energy = sum(fast.energy_a for fast in fasts)
    measured = lib.sp_level_cdb(config, energy, lib.SP_FASTS_PER_SECOND) / 100
    assert measured - reference == pytest.approx(lae, abs=tolerance)
    assert measured - reference == pytest.approx(10 * np.log10(ms / 1000), abs=0.1)


def test_fast_decays_at_its_time_constant():
    meter = LevelMeter(FULL_SCALE_DB)
    fasts = meter.measure(np.concatenate([tone(1000, 2, 0), np.zeros(RATE, np.int16)]))
    rate = -np.diff(levels(fasts)[16:]) * 8
    assert len(rate) == 7
    # IEC 61672-1:2013, 5.8.2: 34.7 dB/s, +3.8 and -3.7
    np.testing.assert_allclose(rate, 10 / np.log(10) / 0.125, atol=0.2)


def test_fast_against_a_float_average():
    rng = np.random.default_rng(3)
    pcm = np.round(rng.standard_normal(5 * RATE) * 3000 * np.repeat([1, 0.01, 1, 0.1, 0.5], RATE))
    pcm = pcm.astype(np.int16)
    a, _ = float_reference(pcm)
    pole = np.exp(-1 / (RATE * 0.125))
    average = signal.lfilter([1 - pole], [1, -pole], 2 * a**2)
    expected = FULL_SCALE_DB + 10 * np.log10(average[1999::2000])
    measured = levels(LevelMeter(FULL_SCALE_DB).measure(pcm))
    np.testing.assert_allclose(measured[4:], expected[4:], atol=0.15)


# -- intervals


def street(seconds, seed=4):
    rng = np.random.default_rng(seed)
    steps = np.repeat(10 ** rng.uniform(-3, 0, seconds * 2), RATE // 2)
    return np.clip(rng.standard_normal(len(steps)) * 9000 * steps, -32768, 32767).astype(np.int16)


def test_summary_is_that_of_its_fast_intervals():
    meter = LevelMeter(FULL_SCALE_DB)
    pcm = street(60)
    settling = lib.SP_LEVEL_SETTLING
    for part, settled in ((pcm[: 30 * RATE], settling), (pcm[30 * RATE :], 0)):
        fasts = meter.measure(part)
        summary = meter.summarize()
        assert summary.samples == 30 * RATE
        laf = levels(fasts)[settled:]
        for measured, percent in ((summary.laf10, 90), (summary.laf50, 50), (summary.laf90, 10)):
            assert measured == pytest.approx(np.percentile(laf, percent), abs=0.1)
        assert summary.lafmax == np.nanmax([fast.lafmax for fast in fasts])
        assert summary.lafmin <= laf.min()
        energy = np.mean([fast.energy_a for fast in fasts])
        expected = FULL_SCALE_DB + 10 * np.log10(energy / 2**lib.SP_ENERGY_BITS)
        assert summary.laeq == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_steady_levels_fill_their_classes_many_times_over(order):
    # 100 s each are 800 Fast intervals: three times what a class's byte holds
    tones = [tone(1000, 100, dbfs) for dbfs in (-60, -40, -20)]
    meter = LevelMeter(FULL_SCALE_DB)
    laf = levels(meter.measure(np.concatenate([tones[i] for i in order])))
    for _ in range(2):
        summary = meter.summarize()
        for measured, percent in ((summary.laf10, 90), (summary.laf50, 50), (summary.laf90, 10)):
            assert measured == pytest.approx(np.percentile(laf, percent), abs=0.1)
        # the next interval begins with none of it
        laf = levels(meter.measure(tone(1000, 40, -30)))


def test_lafmin_leaves_out_the_start():
    pcm = tone(1000, 3, -20)
    meter = LevelMeter(FULL_SCALE_DB)
    meter.measure(pcm)
    assert meter.summarize().lafmin == pytest.approx(100, abs=0.1)


@given(cuts=st.lists(st.integers(0, 9000), max_size=40), seed=st.integers(0, 100))
@settings(derandomize=True, deadline=None, max_examples=30)
def test_cutting_the_input_makes_no_difference(cuts, seed):
    pcm = street(1, seed)[:9000]
    whole = LevelMeter(FULL_SCALE_DB)
    pieces = LevelMeter(FULL_SCALE_DB)
    fasts = []
    edges = [0, *sorted(cuts), len(pcm)]
    for start, end in pairwise(edges):
        fasts += pieces.measure(pcm[start:end])
    assert fasts == whole.measure(pcm)
    assert repr(pieces.summarize()) == repr(whole.summarize())


def test_calibration_changes_while_running():
    meter = LevelMeter(FULL_SCALE_DB)
    meter.measure(tone(1000, 2, -20))
    meter.configure(110, 95)
    summary = meter.summarize()
    assert summary.laeq == pytest.approx(90, abs=0.1)
    assert summary.laf50 == pytest.approx(90, abs=0.1)
    assert summary.under_range


def test_settings_out_of_range_are_refused():
    with pytest.raises(UserError, match="-300 to 300"):
        LevelMeter(400)
    meter = LevelMeter()
    with pytest.raises(UserError, match="-300 to 300"):
        meter.configure(120, -1000)


# -- octave bands


@pytest.mark.parametrize("band", range(8))
def test_octave_band_is_inside_class_1(band):
    inside, outside = design.octave_margin(band, points=20000)
    assert inside > 0.25
    assert outside > 0.35
    assert abs(design.octave_bandwidth_error(band)) < 0.1


@pytest.mark.parametrize("band", range(8))
def test_measured_octave_band_is_inside_class_1(band):
    fm = design.octave_hz(band)
    offsets = np.array([-3, -2, -1, -0.5, -0.375, -0.25, 0, 0.25, 0.375, 0.5, 1, 1.6, 2, 2.8])
    hz = fm * design.OCTAVE_RATIO**offsets
    offsets = offsets[(hz > 4) & (hz < 7900)]
    least, greatest = design.octave_limits(offsets)
    for offset, low, high in zip(offsets, least, greatest, strict=True):
        pcm = tone(fm * design.OCTAVE_RATIO**offset, 6, -1)
        summary = steady(pcm, 2)
        attenuation = FULL_SCALE_DB - 1 - summary.lzeq_octave[band]
        # what the rounding of the samples leaves in a band is no fault of the filter
        assert low <= attenuation <= high or (np.isnan(attenuation) and high == np.inf)


def test_octave_bands_of_noise():
    rng = np.random.default_rng(5)
    pcm = np.round(rng.standard_normal(60 * RATE) * 2000).astype(np.int16)
    summary = steady(pcm, 2)
    density = FULL_SCALE_DB + 10 * np.log10(2 * (2000 / 32768) ** 2 / (RATE / 2))
    for band, level in enumerate(summary.lzeq_octave):
        fm = design.octave_hz(band)
        width = fm * (design.OCTAVE_RATIO**0.5 - design.OCTAVE_RATIO**-0.5)
        # 60 s of a 22 Hz band have a statistical error of some 0.15 dB
        assert level == pytest.approx(density + 10 * np.log10(width), abs=0.5 if band < 2 else 0.3)


# -- what a microphone may do


def test_offset_is_not_sound():
    clean = steady(tone(1000, 5, -40), 3)
    offset = steady(tone(1000, 5, -40) + np.int16(5000), 3)
    assert offset.laeq == pytest.approx(clean.laeq, abs=0.02)
    assert offset.lzeq == pytest.approx(clean.lzeq, abs=0.02)


def test_clipping_is_said():
    assert not steady(tone(1000, 2, -1)).overload
    clipped = np.clip(tone(1000, 2, -1).astype(np.int32) * 4, -32768, 32767).astype(np.int16)
    summary = steady(clipped)
    assert summary.overload
    assert FULL_SCALE_DB < summary.laeq < FULL_SCALE_DB + 4


@given(
    st.integers(-32768, 32767) | st.sampled_from([-32768, -32767, 32766, 32767]),
    st.integers(0, 2 * 2000 - 1),
    st.integers(1, 2000),
)
def test_a_click_is_an_overload_at_full_scale_alone(peak, at, block):
    pcm = np.zeros(2 * 2000, np.int16)
    pcm[at] = peak
    meter = LevelMeter(FULL_SCALE_DB)
    for start in range(0, len(pcm), block):
        meter.measure(pcm[start : start + block])
    assert meter.summarize().overload == (peak in (-32768, 32767))


def test_silence_after_sound():
    meter = LevelMeter(FULL_SCALE_DB)
    meter.measure(tone(1000, 2, -20))
    meter.summarize()
    meter.measure(np.zeros(20 * RATE, np.int16))
    summary = meter.summarize()
    assert summary.under_range
    assert np.isnan(summary.laf90)
    meter.measure(np.zeros(5 * RATE, np.int16))
    assert np.isnan(meter.summarize().laeq)


def test_empty_input():
    meter = LevelMeter()
    assert meter.measure(np.zeros(0, np.int16)) == []
    assert np.isnan(meter.summarize().laeq)


# -- coefficients


def test_coefficients_are_fresh():
    assert design.COEFFICIENTS.read_text(encoding="utf-8") == design.render()


def test_energy_unit_is_the_documented_one():
    assert design.ENERGY_BITS == lib.SP_ENERGY_BITS
    expected = 1000 * np.log10(2.0) * lib.SP_ENERGY_BITS
    assert round(expected) == lib.SP_ENERGY_FULL_SCALE_CDB
    assert design.SUB_BLOCK == lib.SP_LEVEL_SUB_BLOCK
    assert design.OCTAVE_BLOCK == lib.SP_LEVEL_OCTAVE_BLOCK


def peak(response):
    """log2 of the greatest value that int16 samples can bring about: the L1 norm bounds it."""
    return 15 + design.SAMPLE_BITS + np.log2(np.abs(response).sum())


def at_rate(numerator, denominator, step, x):
    """Filter x by a filter whose delays are of `step` samples, as behind decimations."""
    b, a = np.zeros(step * (len(numerator) - 1) + 1), np.zeros(step * (len(denominator) - 1) + 1)
    b[::step] = numerator
    a[::step] = denominator
    return signal.lfilter(b, a, x)


def test_no_input_can_overflow_the_filters():
    d = design.DESIGN
    x = np.zeros(1 << 16)
    x[0] = 1

    def high_pass(x, hz):
        k = 1 - np.exp(-2 * np.pi * hz / RATE)
        return signal.lfilter([1, -1], [1, k - 1], x)

    z = high_pass(x, d["dc_hz"])
    c = high_pass(high_pass(z, d["c_hz"]), d["c_hz"])
    a = high_pass(high_pass(c, d["a_hz"][0]), d["a_hz"][1])
    for y, name in ((c, "c"), (a, "a")):
        zero, pole = d[f"{name}_correction"]
        y = signal.lfilter([1, -zero], [1, -pole], y)
        # sums of squares of a Fast interval
        assert 2 * peak(y) + np.log2(design.FAST_SAMPLES) < 64

    # a decimated signal has the values of the one that was filtered at the full rate
    p1, p2, d1, d2 = d["octave"]
    c0, c1 = d["half_band"]
    x = z
    for stage in range(design.BANDS):
        step = 1 << stage
        w = at_rate([1], [1, 0, p1, 0, p2], step, x)
        y = at_rate([1, 0, -1], [1], step, w)
        v = at_rate([1], [1, d1, d2], step, y)
        band = at_rate([1, -2, 1], [1], step, v)
        # sum of squares of an octave block
        assert 2 * peak(band) + np.log2(design.OCTAVE_BLOCK >> stage) < 63
        even = at_rate([0, c0, 0, 1], [1, 0, c0], step, x)
        odd = at_rate([c1, 0, 1], [1, 0, c1], step, x)
        # a bit is left for sums of two, one for a value twice
        for node in (x, w, y, v, even, odd):
            assert peak(node) < 29
        x = (even + odd) / 2


def test_readme_has_the_table():
    readme = design.COEFFICIENTS.with_name("README.md").read_text(encoding="utf-8")
    assert design.table() in readme
