# SPDX-License-Identifier: Apache-2.0
"""Powers add up as those of the samples do, and levels follow the paper's formula."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from scipy import signal

from soundpost.augmentation.columns import (
    Columns,
    between_class_gains,
    equalise,
    levels,
    mask,
    mix_power,
    resample,
    shift_bands,
    silence,
    window_means,
)
from soundpost.frontend import FrontendConfig, FrontendTables, normalised_windows, recording_columns
from soundpost.level_design import analog_a, decibels

FRONTEND = FrontendConfig(hop=320, bands=64)
TABLES = FrontendTables.from_config(FRONTEND)
Floats = NDArray[np.float64]

WINDOWS = arrays.arrays(np.int8, (3, 9, 7))
HEARD = arrays.arrays(np.int8, (3, 9, 7), elements=st.integers(-127, 127))
GAINS = arrays.arrays(np.float64, 3, elements=st.floats(-60, 0))
NONE = np.zeros(3)


def columns_of(samples: Floats) -> Columns:
    return recording_columns(TABLES, np.rint(samples * 2**15).astype(np.int16))


def mixed_columns(first: Floats, second: Floats, second_db: float = 0.0) -> Columns:
    windows = (columns_of(samples)[np.newaxis] for samples in (first, second))
    return np.asarray(mix_power(*windows, np.zeros(1), np.array([second_db]))[0])


def mean_level(columns: Columns) -> Floats:
    """Mean power of each band in dB."""
    return np.asarray(10 * np.log10(np.mean(10.0 ** (TABLES.to_db(columns) / 10), axis=0)))


@given(WINDOWS)
def test_silence_gives_the_other_back(window: Columns) -> None:
    silence = np.full_like(window, -128)
    assert np.array_equal(mix_power(window, silence, NONE, NONE), window)
    assert np.array_equal(mix_power(silence, window, NONE, NONE), window)
    assert np.array_equal(mix_power(silence, silence, NONE, NONE - 3), silence)


@given(WINDOWS, WINDOWS)
def test_equal_shares_commute(first: Columns, second: Columns) -> None:
    one, other = mix_power(first, second, NONE, NONE), mix_power(second, first, NONE, NONE)
    assert np.array_equal(one, other)


@given(HEARD, HEARD, GAINS, GAINS)
def test_powers_add_up_to_half_a_step(
    first: Columns, second: Columns, first_db: Floats, second_db: Floats
) -> None:
    power = sum(
        10.0 ** ((window / 2.0 + db[:, None, None]) / 10)
        for window, db in ((first, first_db), (second, second_db))
    )
    true = 20.0 * np.log10(power)
    mixed = mix_power(first, second, first_db, second_db).astype(np.float64)
    for window, wanted in zip(mixed, true, strict=True):
        if wanted.min() > -128 and wanted.max() < 127:
            assert np.abs(window - wanted).max() <= 0.5 + 1e-6
        elif wanted.max() - wanted.min() < 253:
            # moved as a whole
            moved = window - wanted
            assert moved.max() - moved.min() <= 1 + 1e-6


@given(HEARD, HEARD, GAINS, GAINS)
def test_a_level_that_counts_is_kept(
    first: Columns, second: Columns, first_db: Floats, second_db: Floats
) -> None:
    mixed = mix_power(first, second, first_db, second_db, level_counts=True).astype(np.float64)
    power = sum(
        10.0 ** ((window / 2.0 + db[:, None, None]) / 10)
        for window, db in ((first, first_db), (second, second_db))
    )
    # as the front end does, each value by itself
    assert np.abs(mixed - np.clip(20.0 * np.log10(power), -128, 127)).max() <= 0.5 + 1e-6


@given(WINDOWS)
def test_means_are_those_that_the_front_end_takes_off(windows: Columns) -> None:
    means = window_means(windows)[:, None, None].astype(int)
    taken = normalised_windows(windows, "window_mean")
    assert np.array_equal(taken, np.clip(windows - means, -128, 127))


@given(HEARD, HEARD, st.floats(-20, 0))
def test_a_gain_of_both_is_a_gain(first: Columns, second: Columns, gain: float) -> None:
    # quiet enough to stay inside
    first, second = first // 4, second // 4
    plain, changed = (mix_power(first, second, NONE + g, NONE + g) for g in (0.0, gain))
    assert np.abs(changed - (plain + 2 * gain)).max() <= 1 + 1e-6


def test_noises_add_up_as_their_samples_do() -> None:
    random = np.random.default_rng(0)
    white = 0.02 * random.standard_normal(16000 * 60)
    tilted = signal.lfilter([0.02], [1, -0.9], random.standard_normal(16000 * 60))
    for gain_db in (0.0, -12.0):
        true = columns_of(white + tilted * 10 ** (gain_db / 20))
        mixed = mixed_columns(white, tilted, gain_db)
        # on average within a step of 0.5 dB
        assert np.abs(mean_level(true) - mean_level(mixed)).max() < 0.5
        # and cell by cell, where phases meet by chance, in the middle within a few
        assert np.median(np.abs(true.astype(int) - mixed)) <= 4


def test_tones_add_up_as_their_samples_do() -> None:
    time = np.arange(32000) / 16000
    first, second = (0.2 * np.sin(2 * np.pi * hertz * time) for hertz in (440.0, 3000.0))
    true, mixed = columns_of(first + second), mixed_columns(first, second)
    # where rounding of samples to 16 bits is far below
    heard = true > -40
    assert np.abs(true.astype(int) - mixed)[heard].max() <= 1


@given(st.floats(-80, 60), st.floats(-80, 60), st.floats(0.01, 0.99))
def test_gains_are_those_of_the_paper(first: float, second: float, share: float) -> None:
    # equation 2 of Tokozume and others, ICLR 2018, as it is written there
    p = 1 / (1 + 10 ** ((first - second) / 20) * (1 - share) / share)
    size = np.sqrt(p**2 + (1 - p) ** 2)
    gains = between_class_gains(*(np.array([x]) for x in (first, second, share)))
    if 1e-6 < p < 1 - 1e-6:
        wanted = [20 * np.log10(p / size), 20 * np.log10((1 - p) / size)]
        assert np.concatenate(gains) == pytest.approx(wanted, abs=1e-6)
    heard = (first + gains[0][0]) - (second + gains[1][0])
    assert heard == pytest.approx(20 * np.log10(share / (1 - share)), abs=1e-6)


def test_levels_are_weighted_as_ears_do() -> None:
    time = np.arange(16000) / 16000
    # at the centre of a band each
    at_1k, at_250, soft = (
        levels(columns_of(a * np.sin(2 * np.pi * hertz * time)), FRONTEND)
        for hertz, a in ((1000, 0.5), (250, 0.5), (1000, 0.05))
    )
    assert len(at_1k) == len(columns_of(np.zeros(16000)))
    wanted = decibels(analog_a(np.array([250.0]))) - decibels(analog_a(np.array([1000.0])))
    assert np.median(at_250 - at_1k) == pytest.approx(wanted[0], abs=1.5)
    assert np.median(at_1k - soft) == pytest.approx(20.0, abs=0.3)


def test_a_level_is_that_of_a_tenth_of_a_second() -> None:
    columns = np.full((30, 64), -128, np.int8)
    columns[10:15] = 0
    found = levels(columns, FRONTEND)
    # five columns of 20 ms from the tenth on
    assert found.argmax() == 10
    assert found[10] - found[8] == pytest.approx(10 * np.log10(5 / 3), abs=1e-3)
    assert found[15] < -300


@given(WINDOWS, arrays.arrays(np.float64, (3, 6), elements=st.floats(-30, 30)))
def test_equalising_moves_each_band_by_the_curve(windows: Columns, curves: Floats) -> None:
    out = equalise(windows, curves)
    for window, changed, curve in zip(windows, out, curves, strict=True):
        for band in range(7):
            gain = np.interp(band * 5 / 6, np.arange(6), curve)
            wanted = np.clip(window[:, band] + np.rint(2 * gain), -128, 127)
            assert np.array_equal(changed[:, band], wanted)


COUNTS = arrays.arrays(np.int64, 3, elements=st.integers(0, 9))


@given(WINDOWS, WINDOWS, COUNTS, COUNTS)
def test_silence_leaves_a_stretch_around_the_loudest_column(
    windows: Columns, floors: Columns, before: NDArray[np.int64], after: NDArray[np.int64]
) -> None:
    out = silence(windows, floors, before, after)
    for n in range(3):
        loudest = int(windows[n].astype(float).mean(axis=1).argmax())
        assert np.array_equal(out[n, loudest], windows[n, loudest])
        for column in range(9):
            left = loudest - before[n] <= column <= loudest + after[n]
            assert np.array_equal(out[n, column], (windows if left else floors)[n, column])


@given(st.data(), st.integers(1, 30), st.integers(1, 30))
def test_resampled_columns_are_those_nearest(data: st.DataObject, length: int, window: int) -> None:
    start = data.draw(st.integers(0, 30 - length))
    columns = np.arange(30, dtype=np.int8)[:, np.newaxis]
    out = resample(columns, start, length, window)
    assert out.shape == (window, 1)
    assert start <= out[0] <= out[-1] <= start + length - 1
    if window > 1:
        true = start + np.arange(window) * (length - 1) / (window - 1)
        assert np.abs(out[:, 0] - true).max() <= 0.5
    if window == length:
        assert np.array_equal(out, columns[start : start + length])


@given(WINDOWS, arrays.arrays(np.int64, 3, elements=st.integers(-8, 8)))
def test_bands_are_moved_and_the_outermost_repeated(
    windows: Columns, shifts: NDArray[np.int64]
) -> None:
    out = windows.copy()
    shift_bands(out, shifts)
    for window, moved, shift in zip(windows, out, shifts, strict=True):
        for band in range(7):
            assert np.array_equal(moved[:, band], window[:, min(max(band - shift, 0), 6)])


@given(st.data(), st.integers(0, 4))
def test_masks_are_runs_of_the_mean(data: st.DataObject, masks: int) -> None:
    windows = np.ones((2, 9, 7), np.int8)
    means = np.array([0, -40], np.int8)
    shape = (2, masks, 2)
    starts, lengths = (
        data.draw(arrays.arrays(np.int64, shape, elements=st.integers(0, 7))) for _ in range(2)
    )
    mask(windows, starts, lengths, means)
    for n in range(2):
        kept = np.ones((9, 7), np.int8)
        for (column, band), (columns, bands) in zip(starts[n], lengths[n], strict=True):
            kept[column : column + columns] = means[n]
            kept[:, band : band + bands] = means[n]
        assert np.array_equal(windows[n], kept)
