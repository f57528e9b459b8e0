# SPDX-License-Identifier: Apache-2.0
"""A pair of electric horns, sounded as drivers do.

Model: two diaphragms struck at about 420 and 500 Hz (a major or minor third apart), each a pulse
rich in harmonics; the trumpets pass best at 2 to 3.5 kHz; the pitch settles after the first 30 ms.
"""

import numpy as np

from soundpost.synth.dsp import (
    Rng,
    Signal,
    add_at,
    harmonics,
    phase,
    samples,
    times,
    wander,
)


def render(rng: Rng, seconds: float) -> Signal:
    """Honks of 0.2 to 2 s until the time is up; the first begins at once."""
    count = samples(seconds)
    total = np.zeros(count)
    low = rng.uniform(390, 440)
    tones = [low, low * rng.choice([1.19, 1.25, 1.26]) * rng.uniform(0.995, 1.005)]
    peaks = rng.uniform(1900, 3200, 2)
    start, quick = 0.02, True
    while start < seconds - 0.15:
        length = rng.uniform(0.18, 0.4) if quick else rng.uniform(0.9, 2.0)
        length = min(length, seconds - start - 0.02)
        add_at(total, start, _honk(rng, length, tones, peaks))
        start += length + rng.uniform(0.08, 0.3)
        quick = rng.random() < 0.4
    return total


def _honk(rng: Rng, seconds: float, tones: list[float], peaks: Signal) -> Signal:
    count = samples(seconds)
    t = times(count)
    total = np.zeros(count)
    for tone, peak in zip(tones, peaks, strict=True):
        settle = 1 - 0.03 * np.exp(-t / 0.02)
        pitch = tone * settle * (1 + 0.001 * wander(rng, count, 20.0))

        def gain(k: int, tone: float = tone, peak: float = peak) -> float:
            hertz = k * tone
            trumpet = 1 / (1 + ((hertz - peak) / 900) ** 2)
            return float((0.55 / k**0.6 + 1.1 * trumpet) / (1 + (hertz / 5200) ** 4))

        total += harmonics(phase(pitch) + rng.random(), pitch, gain)
    envelope: Signal = (1 - np.exp(-t / 0.012)) * np.clip((seconds - t) / 0.035, 0, 1)
    return total * envelope
