# SPDX-License-Identifier: Apache-2.0
"""Buskers: accordion, guitar, bass, a plucked tune and drums, and the people around them.

Model: strings after Karplus and Strong (Digital synthesis of plucked-string and drum timbres,
Computer Music Journal 7, 1983), with the loop's transfer function evaluated on the frequency axis
so that the pitch is exact; an accordion as pairs of reeds that beat; drums as falling sines and
shaped noise; four chords a turn.
"""

import numpy as np
from scipy import fft

from soundpost.synth.dsp import (
    RATE,
    Rng,
    Signal,
    add_at,
    fade,
    harmonics,
    noise,
    phase,
    samples,
    times,
    wander,
)

PROGRESSIONS = (
    ((0, 4, 7), (7, 11, 14), (9, 12, 16), (5, 9, 12)),
    ((9, 12, 16), (5, 9, 12), (0, 4, 7), (7, 11, 14)),
    ((0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14)),
)
PEOPLE = [(60, 6), (200, 3), (500, 2), (1000, -2), (2500, -9), (8000, -19)]
SCALE = (0, 2, 4, 7, 9, 12, 14, 16)


def render(rng: Rng, seconds: float) -> Signal:
    """In time from the first sample on."""
    total = np.zeros(samples(seconds))
    beat = 60 / rng.uniform(96, 126)
    root = 110 * 2 ** (rng.integers(0, 8) / 12)
    chords = PROGRESSIONS[rng.integers(len(PROGRESSIONS))]
    drums = {"kick": _kick(), "snare": _snare(rng), "hat": _hat(rng)}
    step = 3
    for index in range(int(seconds / (beat / 2)) + 1):
        start = index * beat / 2
        place = index % 8
        chord = chords[index // 8 % 4]
        if place in (0, 3, 4, 6):
            add_at(total, start, 0.9 * _pluck(rng, root / 2 * 2 ** (chord[0] / 12), beat, 0.25))
        if place in (0, 2, 3, 5, 6):
            for string, note in enumerate((*chord, chord[0] + 12)):
                tone = _pluck(rng, root * 2 ** (note / 12), 1.5 * beat, 0.6)
                add_at(total, start + 0.012 * string, 0.4 * tone)
        if place == 0:
            add_at(
                total, start, 0.35 * _reeds(rng, [root * 2 ** (n / 12) for n in chord], 4 * beat)
            )
        if rng.random() < 0.7:
            step = int(np.clip(step + rng.integers(-2, 3), 0, len(SCALE) - 1))
            tune = _pluck(rng, 4 * root * 2 ** (SCALE[step] / 12), 2 * beat, 0.8)
            add_at(total, start + rng.uniform(0, 0.015), 0.8 * tune)
        if place in (0, 5):
            add_at(total, start, 0.7 * drums["kick"])
        if place in (2, 6):
            add_at(total, start, 0.22 * drums["snare"])
        add_at(total, start, (0.05 if place % 2 else 0.03) * drums["hat"])
    people = noise(rng, len(total), PEOPLE) * (1 + 0.2 * wander(rng, len(total), 4.0))
    return fade(total + 0.13 * np.std(total) * people, 0.02, 0.25)


def _pluck(rng: Rng, pitch: float, seconds: float, brightness: float) -> Signal:
    """A string of `pitch` Hz; `brightness` 0 to 1 is how hard it is plucked."""
    count = samples(seconds)
    size = fft.next_fast_len(3 * count, real=True)
    period = RATE / pitch
    burst = rng.uniform(-1, 1, int(period))
    burst -= burst.mean()
    omega = 2 * np.pi * np.arange(size // 2 + 1) / size
    # the loop: half a sample of averaging, and a loss that lets a note last about 2 s
    loss = 10 ** (-3 * period / RATE / 2.0)
    loop = loss * np.cos(omega / 2) * np.exp(-1j * omega * period)
    corner = brightness * 2 * np.pi * 3500 / RATE
    pick = 1 / (1 + 1j * omega / corner)
    string = fft.irfft(fft.rfft(burst, size) * pick / (1 - loop), size)[:count]
    return fade(string / np.max(np.abs(string)), 0.001, 0.03)


def _reeds(rng: Rng, pitches: list[float], seconds: float) -> Signal:
    """A chord on an accordion: two reeds a note, some cents apart."""
    count = samples(seconds)
    total = np.zeros(count)
    for pitch in pitches:
        for cents in (0.0, rng.uniform(6, 12)):
            hertz = np.full(count, 2 * pitch * 2 ** (cents / 1200))
            total += harmonics(
                phase(hertz) + rng.random(), hertz, lambda k: k**-0.9 / (1 + (k / 9) ** 2)
            )
    bellows = 1 + 0.15 * wander(rng, count, 3.0)
    return fade(total / np.max(np.abs(total)) * bellows, 0.05, 0.08)


def _kick() -> Signal:
    t = times(samples(0.25))
    boom: Signal = np.sin(2 * np.pi * (50 * t + 6 * (1 - np.exp(-t / 0.03)))) * np.exp(-t / 0.07)
    return boom


def _snare(rng: Rng) -> Signal:
    t = times(samples(0.2))
    rattle = noise(rng, len(t), [(800, -12), (2000, 0), (7000, 0)]) * np.exp(-t / 0.05)
    drum: Signal = 0.6 * rattle + np.sin(2 * np.pi * 190 * t) * np.exp(-t / 0.04)
    return drum


def _hat(rng: Rng) -> Signal:
    t = times(samples(0.08))
    return 0.5 * noise(rng, len(t), [(3000, -40), (6000, 0), (8000, 0)]) * np.exp(-t / 0.02)
