# SPDX-License-Identifier: Apache-2.0
"""Pistol shots between houses.

Model: the muzzle blast as a Friedlander wave (positive phase below 1 ms; see Beck et al.,
Variations in recorded acoustic gunshot waveforms, JASA 129, 2011), hot gas behind it as a burst of
noise, discrete echoes from facades 10 to 70 m away, and a tail that falls by 60 dB in 1 to 1.5 s
and loses its highs first.
"""

import numpy as np

from soundpost.synth.dsp import Rng, Signal, add_at, convolve, noise, pulses, samples, times

GAS = [(80, -8), (300, -2), (700, 0), (2500, -4), (8000, -12)]


def render(rng: Rng, seconds: float) -> Signal:
    """A shot at once, and another every 0.9 to 1.7 s while its tail still fits."""
    total = np.zeros(samples(seconds))
    echoes = _echoes(rng)
    start = 0.02
    while start == 0.02 or start < seconds - 0.8:
        add_at(total, start, rng.uniform(0.8, 1.0) * convolve(_blast(rng), echoes))
        start += rng.uniform(0.9, 1.7)
    return total


def _blast(rng: Rng) -> Signal:
    t = times(samples(1.8))
    positive = rng.uniform(0.0004, 0.0007)
    wave = (1 - t / positive) * np.exp(-t / positive)
    gas = noise(rng, len(t), GAS) * np.exp(-t / 0.012) * (1 - np.exp(-t / 0.0005))
    blast: Signal = wave + 0.35 * gas
    return blast


def _echoes(rng: Rng) -> Signal:
    count = samples(1.8)
    t = times(count)
    metres = np.sort(rng.uniform(8, 75, 9))
    at = np.concatenate([[0.0, 0.0035], 2 * metres / 343.0])
    strength = np.concatenate([[1.0, 0.6], 0.28 * (metres / 8) ** -0.6 * rng.uniform(0.5, 1, 9)])
    tail = np.zeros(count)
    for curve, fall in (
        ([(80, 0), (400, 0), (1200, -16), (8000, -40)], rng.uniform(1.2, 1.6)),
        ([(80, -30), (400, -8), (1200, 0), (3000, -3), (8000, -10)], rng.uniform(0.9, 1.3)),
    ):
        tail += noise(rng, count, curve) * np.exp(-6.91 * t / fall)
    tail *= np.clip((t - 0.015) / 0.02, 0, 1)
    return pulses(at, strength, count) + 0.012 * tail
