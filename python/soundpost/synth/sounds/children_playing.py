# SPDX-License-Identifier: Apache-2.0
"""A playground: several children who babble, shout, squeal and laugh.

Model: a throat a child (see voice.py) with the short vocal tract's formants, about 1.4 times an
adult's (Peterson and Barney, 1952); syllables between vowels, consonants as bursts of noise;
shouts at 350 to 650 Hz, laughter at five bursts a second; each child at its own distance.
"""

import numpy as np

from soundpost.synth.dsp import Rng, Signal, add_at, fade, noise, samples
from soundpost.synth.voice import arc, glide, voiced

# children's formants, Hz: Peterson and Barney (1952), mean of their children
VOWELS = {
    "i": (370, 3200, 3730),
    "e": (690, 2610, 3570),
    "ae": (1010, 2320, 3320),
    "a": (1030, 1370, 3170),
    "o": (680, 1060, 3180),
    "u": (430, 1170, 3260),
    "er": (560, 1820, 2160),
}
CONSONANT = [(1000, -20), (2500, -8), (4500, 0), (7000, -2), (8000, -6)]


def render(rng: Rng, seconds: float) -> Signal:
    """Five children at once; the first is heard at once."""
    total = np.zeros(samples(seconds))
    for child in range(5):
        size = rng.uniform(0.92, 1.08)
        pitch = rng.uniform(270, 360) / size
        nearness = 10 ** (rng.uniform(-12, 0) / 20) if child else 1.0
        start = rng.uniform(0.2, 2.0) if child else 0.02
        while start < seconds - 0.2:
            phrase = _phrase(rng, pitch, size)
            add_at(total, start, nearness * phrase)
            start += len(phrase) / 16_000 + rng.exponential(0.7)
    return fade(total, 0.0, 0.08)


def _phrase(rng: Rng, pitch: float, size: float) -> Signal:
    kind = rng.choice(["babble", "shout", "squeal", "laugh"], p=[0.45, 0.3, 0.1, 0.15])
    if kind == "shout":
        parts = [_syllable(rng, pitch * rng.uniform(1.3, 1.9), size, rng.uniform(0.3, 0.8), 0.5)]
        if rng.random() < 0.6:
            first = _syllable(rng, pitch * rng.uniform(1.2, 1.6), size, 0.18, 0.5)
            parts = [1.2 * first, 1.8 * parts[0]]
        return np.concatenate([1.8 * parts[0], *parts[1:]])
    if kind == "squeal":
        return 1.2 * _syllable(rng, pitch * rng.uniform(2.6, 4.0), size, rng.uniform(0.3, 0.9), 0.9)
    if kind == "laugh":
        count = int(rng.integers(3, 7))
        parts = []
        for index in range(count):
            part = _syllable(rng, pitch * (1.5 - 0.07 * index), size, 0.11, 0.7, "a")
            parts += [part, np.zeros(samples(rng.uniform(0.06, 0.1)))]
        return np.concatenate(parts)
    count = int(rng.integers(3, 9))
    tune = pitch * glide(rng, count, [1.15, 1.25, 0.9], 0.08)
    return np.concatenate(
        [_syllable(rng, float(p), size, rng.uniform(0.11, 0.24), 0.9) for p in tune]
    )


def _syllable(
    rng: Rng, pitch: float, size: float, seconds: float, tilt: float, vowel: str = ""
) -> Signal:
    count = samples(seconds)
    names = list(VOWELS)
    start, end = (VOWELS[vowel or str(rng.choice(names))] for _ in range(2))
    formants = [
        (glide(rng, count, [0.85 * a / size, a / size, b / size], 0.04), width)
        for a, b, width in zip(start, end, (110.0, 160.0, 240.0), strict=True)
    ]
    formants.append((np.full(count, 4600.0 / size), 400.0))
    contour = glide(rng, count, [0.92 * pitch, 1.06 * pitch, 0.95 * pitch], 0.04)
    sound = voiced(rng, contour, formants, tilt=tilt, roughness=0.008, breath=0.12)
    sound *= arc(count, 0.02 + 0.1 * seconds, 0.05 + 0.2 * seconds)
    if rng.random() < 0.5:
        burst = fade(noise(rng, samples(rng.uniform(0.03, 0.07)), CONSONANT), 0.01, 0.02)
        sound = np.concatenate([0.25 * burst, sound])
    return sound
