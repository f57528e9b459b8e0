# SPDX-License-Identifier: Apache-2.0
"""A dog that barks in groups of two to four.

Model: a throat (see voice.py) whose pitch arcs from about 400 up to 600 to 1000 Hz and down again
within 0.12 to 0.25 s, rough from irregular folds, with the formants of an opening snout (Riede and
Fitch, 1999, relate them to body size), and a breath burst at the start.
"""

import numpy as np

from soundpost.synth.dsp import Rng, Signal, add_at, noise, samples, times
from soundpost.synth.voice import arc, glide, voiced

BREATH = [(200, -16), (500, -4), (1200, 0), (3000, -8), (8000, -22)]


def render(rng: Rng, seconds: float) -> Signal:
    """Groups of barks until the time is up; the first comes at once."""
    total = np.zeros(samples(seconds))
    size = rng.uniform(0.8, 1.25)
    start = 0.03
    while start < seconds - 0.3:
        for _ in range(int(rng.integers(2, 5))):
            length = rng.uniform(0.14, 0.26)
            add_at(total, start, rng.uniform(0.6, 1.0) * _bark(rng, length, size))
            start += length + rng.uniform(0.12, 0.35)
        start += rng.uniform(0.4, 0.9)
    return total


def _bark(rng: Rng, seconds: float, size: float) -> Signal:
    count = samples(seconds)
    top = rng.uniform(560, 760) / size
    pitch = glide(rng, count, [0.62 * top, top, 0.95 * top, 0.72 * top, 0.5 * top], 0.04)
    opening = glide(rng, count, [0.75, 1.1, 1.0, 0.8])
    formants = [
        (hertz / size * opening, width)
        for hertz, width in ((820.0, 180.0), (1650.0, 260.0), (2750.0, 400.0), (4100.0, 600.0))
    ]
    sound = voiced(rng, pitch, formants, tilt=0.55, roughness=0.035, breath=0.35)
    sound *= arc(count, 0.018, 0.6 * seconds)
    burst = noise(rng, count, BREATH) * np.exp(-times(count) / 0.03)
    return np.tanh(0.7 * sound + 0.5 * burst)
