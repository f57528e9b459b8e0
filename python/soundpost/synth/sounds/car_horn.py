# SPDX-License-Identifier: Apache-2.0
"""A pair of electric horns, sounded as drivers do.

Model: two diaphragms struck at about 420 and 500 Hz (a major or minor third apart), each a pulse
rich in harmonics; the trumpets pass little below 500 Hz and above 3.3 kHz, and best at 2.5 to
3.1 kHz; the pitch settles after the first 30 ms.
"""

import numpy as np

from soundpost.synth.dsp import (
    Rng,
    Signal,
    add_at,
    harmonics,
    noise,
    phase,
    samples,
    times,
    wander,
)

# the car itself, idling under its horn
CAR = [(50, 6), (150, 4), (400, 0), (1000, -6), (3000, -16), (8000, -30)]


def render(rng: Rng, seconds: float) -> Signal:
    """Honks of 0.2 to 3 s until the time is up; the first begins at once."""
    count = samples(seconds)
    total = np.zeros(count)
    low = rng.uniform(390, 440)
    tones = [low, low * rng.choice([1.19, 1.25, 1.26]) * rng.uniform(0.995, 1.005)]
    peaks = rng.uniform(2500, 3100, 2)
    start, quick = 0.02, bool(rng.random() < 0.5)
    while start < seconds - 0.15:
        length = rng.uniform(0.25, 0.5) if quick else rng.uniform(1.2, 3.0)
        length = min(length, seconds - start - 0.02)
        add_at(total, start, _honk(rng, length, tones, peaks))
        start += length + rng.uniform(0.1, 0.5)
        quick = bool(rng.random() < 0.4)
    return total + 0.12 * np.std(total) * noise(rng, count, CAR)


def _honk(rng: Rng, seconds: float, tones: list[float], peaks: Signal) -> Signal:
    count = samples(seconds)
    t = times(count)
    total = np.zeros(count)
    for tone, peak in zip(tones, peaks, strict=True):
        settle = 1 - 0.03 * np.exp(-t / 0.02)
        pitch = tone * settle * (1 + 0.002 * wander(rng, count, 30.0))

        def gain(k: int, tone: float = tone, peak: float = peak) -> float:
            hertz = k * tone
            trumpet = 1 / (1 + ((hertz - peak) / 450) ** 2)
            # a trumpet this short hardly radiates its fundamental
            mouth = 1 / (1 + (540 / hertz) ** 4) / (1 + (hertz / 3300) ** 12)
            return float((0.5 / k**0.5 + 0.9 * trumpet) * mouth)

        total += harmonics(phase(pitch) + rng.random(), pitch, gain)
    envelope: Signal = (1 - np.exp(-t / 0.012)) * np.clip((seconds - t) / 0.035, 0, 1)
    return total * envelope
