# SPDX-License-Identifier: Apache-2.0
"""The electronic siren of an ambulance that drives past.

Model: an oscillator in wail (a sweep every 4 to 5 s), yelp (three a second) or hi-lo (two tones),
driven through a clipping amplifier into a horn that passes 500 Hz to 4 kHz; heard with the Doppler
shift and distance of a car at 8 to 13 m/s.
"""

import numpy as np

from soundpost.synth.dsp import (
    RATE,
    Rng,
    Signal,
    fade,
    harmonics,
    noise,
    phase,
    samples,
)
from soundpost.synth.space import pass_by

LOW, HIGH = 620.0, 1_450.0


def render(rng: Rng, seconds: float) -> Signal:
    """Modes of 4 to 7 s each, the first chosen by chance."""
    count = samples(seconds)
    gain, sent = pass_by(
        count, rng.uniform(8, 13), rng.uniform(22, 32), seconds * rng.uniform(0.4, 0.7)
    )
    pitch = _pitch(rng, seconds)
    # what is heard now left the horn earlier, when its phase was another
    cycles = np.interp(sent - sent[0], np.arange(len(pitch)) / RATE, phase(pitch))
    heard = np.gradient(cycles) * RATE
    drive = rng.uniform(1.05, 1.35)

    def horn(k: int) -> Signal:
        hertz = k * heard
        body: Signal = 1 / (1 + (350 / hertz) ** 4) / (1 + (hertz / 3600) ** 3)
        return body * float(k**-drive * (1.0 if k % 2 else 0.7))

    engine = noise(rng, count, [(60, 2), (200, 0), (800, -9), (3000, -20), (8000, -32)])
    return fade(gain * (harmonics(cycles, heard, horn) + 0.22 * engine), 0.15, 0.25)


def _pitch(rng: Rng, seconds: float) -> Signal:
    """Pitch at the horn, Hz, somewhat longer than `seconds`."""
    modes = list(rng.permutation(["wail", "yelp", "wail", "wail", "hi-lo"]))
    parts: list[Signal] = []
    length = 0.0
    while length < seconds + 2:
        part = rng.uniform(4.0, 7.0)
        parts.append(_mode(rng, modes[len(parts) % len(modes)], part))
        length += part
    return np.concatenate(parts)


def _mode(rng: Rng, mode: str, seconds: float) -> Signal:
    t = np.arange(samples(seconds)) / RATE
    if mode == "hi-lo":
        swing = np.tanh(8 * np.sin(2 * np.pi * t / rng.uniform(1.0, 1.3)))
        tones: Signal = 760 * 2 ** (swing * 2.6 / 12)
        return tones
    turn = t / (rng.uniform(4.0, 5.0) if mode == "wail" else rng.uniform(0.28, 0.36))
    # up faster than down, as a capacitor charges and discharges
    ramp = turn % 1.0
    up = 0.42
    swing = np.where(ramp < up, ramp / up, (1 - ramp) / (1 - up))
    sweep: Signal = LOW * (HIGH / LOW) ** (np.sin(np.pi / 2 * swing) ** 1.2)
    return sweep
