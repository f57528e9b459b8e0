# SPDX-License-Identifier: Apache-2.0
"""What a street sounds like when nothing stands out.

Model: distant traffic as noise with a hump of tyre noise near 1 kHz (as in the reference spectrum
of road traffic, EN 1793-3) over engine rumble, slowly swelling; cars that pass; gusts of wind below
200 Hz; and birds, as short chirps at 2.5 to 6 kHz.
"""

import numpy as np

from soundpost.synth.dsp import (
    Rng,
    Signal,
    add_at,
    fade,
    noise,
    phase,
    samples,
    wander,
)
from soundpost.synth.space import pass_by

TRAFFIC = [(50, 8), (100, 6), (250, 0), (600, 0), (1000, 0), (1600, -5), (3000, -14), (8000, -32)]
TYRES = [(80, -4), (200, -6), (600, -2), (1000, 0), (1600, -3), (3000, -11), (8000, -26)]
WIND = [(20, 6), (60, 0), (150, -10), (500, -26), (8000, -60)]


def render(rng: Rng, seconds: float, cars: float = 6.0, birds: float = 2.0) -> Signal:
    """Background of any scale; `cars` that pass and bird songs, each a minute."""
    count = samples(seconds)
    total = noise(rng, count, TRAFFIC) * 10 ** (1.2 * wander(rng, count, 0.25) / 20)
    gusts = np.clip(1 + 0.7 * wander(rng, count, 0.5), 0, 3)
    total += 0.8 * gusts * noise(rng, count, WIND)
    for _ in range(rng.poisson(cars * seconds / 60)):
        nearest = rng.uniform(-3, seconds + 3)
        gain, _ = pass_by(count, rng.uniform(8, 14), rng.uniform(15, 40), nearest)
        total += rng.uniform(0.7, 1.6) * gain**1.5 * noise(rng, count, TYRES)
    for _ in range(rng.poisson(birds * seconds / 60)):
        add_at(total, rng.uniform(0, seconds), 10 ** (rng.uniform(-8, 0) / 20) * _song(rng))
    return total


def _song(rng: Rng) -> Signal:
    song = np.zeros(samples(2.5))
    start, pitch = 0.0, rng.uniform(2800, 4800)
    for _ in range(int(rng.integers(3, 9))):
        count = samples(rng.uniform(0.05, 0.14))
        sweep = pitch * np.linspace(rng.uniform(0.85, 1.2), rng.uniform(0.85, 1.2), count)
        add_at(song, start, fade(np.sin(2 * np.pi * phase(sweep)), 0.015, 0.03))
        start += count / 16_000 + rng.uniform(0.04, 0.15)
    return song
