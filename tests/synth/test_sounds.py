# SPDX-License-Identifier: Apache-2.0
"""Each sound is what its model says: pitch, rate, spread of its spectrum, steadiness."""

import numpy as np
import pytest
from scipy import signal

from soundpost.synth.sounds import SOUNDS

SEEDS = (1, 2, 3)


def render(class_name, seconds=6.0, seed=1):
    return SOUNDS[class_name](np.random.Generator(np.random.PCG64(seed)), seconds)


def spectrogram(x, size=1024):
    f, _, power = signal.spectrogram(x, 16_000, "hann", size, size // 2, mode="magnitude")
    return f, power**2


def short_levels(x, seconds=0.02):
    """Level of each 20 ms in dB."""
    step = round(16_000 * seconds)
    blocks = x[: len(x) // step * step].reshape(-1, step)
    return 10 * np.log10(np.mean(blocks**2, axis=1) + 1e-20)


def modulation_peak(x, low, high):
    """Rate at which the envelope of `x` beats most between `low` and `high`, Hz; its prominence."""
    envelope = signal.resample_poly(np.abs(x), 1, 16)
    power = np.abs(np.fft.rfft((envelope - envelope.mean()) * np.hanning(len(envelope)))) ** 2
    rate = np.fft.rfftfreq(len(envelope), 1 / 1000)
    inside = (rate > low) & (rate < high)
    peak = power[inside].max()
    return rate[inside][power[inside].argmax()], peak / np.median(power[inside])


@pytest.mark.parametrize("class_name", SOUNDS)
@pytest.mark.parametrize("seconds", [0.5, 0.731, 2.0, 9.0])
def test_length_and_life(class_name, seconds):
    x = render(class_name, seconds)
    assert len(x) == round(seconds * 16_000)
    assert np.isfinite(x).all()
    levels = short_levels(x)
    assert levels.max() > -60
    # audible within the first half second
    assert levels[:25].max() > levels.max() - 20


@pytest.mark.parametrize("seed", SEEDS)
def test_siren_sweeps(seed):
    f, power = spectrogram(render("siren", 12.0, seed))
    loud = power.sum(axis=0) > 0.02 * power.sum(axis=0).max()
    peaks = f[power.argmax(axis=0)][loud]
    assert np.percentile(peaks, 2) > 500
    assert np.percentile(peaks, 98) < 1800
    assert np.percentile(peaks, 95) > 1.5 * np.percentile(peaks, 5)


@pytest.mark.parametrize("seed", SEEDS)
def test_jackhammer_beats_at_its_rate(seed):
    rate, prominence = modulation_peak(render("jackhammer", 3.0, seed), 10, 35)
    assert 17 <= rate <= 26
    assert prominence > 30


@pytest.mark.parametrize("seed", SEEDS)
def test_engine_fires_at_its_rate(seed):
    x = render("engine_idling", 6.0, seed)
    rate, _ = modulation_peak(x, 20, 34)
    assert 22 <= rate <= 31
    f, power = signal.welch(x, 16_000, nperseg=4096)
    assert power[f < 500].sum() > 10 * power[f > 1000].sum()


@pytest.mark.parametrize("seed", SEEDS)
def test_horn_is_a_chord_of_harmonics(seed):
    x = render("car_horn", 4.0, seed)
    f, power = signal.welch(x, 16_000, nperseg=8192)
    lowest = f[(f > 200) & (f < 600)][power[(f > 200) & (f < 600)].argmax()]
    assert 380 <= lowest <= 570
    tonal = power > 100 * np.median(power)
    assert np.count_nonzero(np.diff(tonal.astype(int)) == 1) >= 8


@pytest.mark.parametrize("seed", SEEDS)
def test_gun_shot_is_a_burst_with_a_tail(seed):
    levels = short_levels(render("gun_shot", 0.8, seed))
    top = levels.argmax()
    assert top <= 3
    assert levels[top + 1 : top + 6].mean() < levels[top] - 5
    assert -70 < levels[30] - levels[top] < -25


@pytest.mark.parametrize("seed", SEEDS)
def test_dog_barks_apart(seed):
    x = render("dog_bark", 6.0, seed)
    levels = short_levels(x)
    loud = (levels > levels.max() - 15).astype(int)
    barks = np.count_nonzero(np.diff(loud, prepend=0) == 1)
    assert 5 <= barks <= 30
    assert 0.15 < loud.mean() < 0.75


@pytest.mark.parametrize("seed", SEEDS)
def test_steady_and_unsteady(seed):
    spread = {
        name: np.std(short_levels(render(name, 6.0, seed)[8000:-8000], 0.1)) for name in SOUNDS
    }
    assert spread["air_conditioner"] < 2
    assert spread["engine_idling"] < 2
    for name in ("gun_shot", "dog_bark", "children_playing", "street_music"):
        assert spread[name] > 3, name


@pytest.mark.parametrize("seed", SEEDS)
def test_drill_is_brighter_than_engine(seed):
    def centre(name):
        f, power = signal.welch(render(name, 6.0, seed), 16_000)
        return (f * power).sum() / power.sum()

    assert centre("drilling") > 1500 > 600 > centre("engine_idling")


def test_seeds_differ():
    for name in SOUNDS:
        one, two = (render(name, 2.0, seed) for seed in (1, 2))
        assert np.max(np.abs(one - two)) > 0.01, name
