# SPDX-License-Identifier: Apache-2.0
"""The street around a source: passing by, reflections, and the diffuse tail.

Reflections after a street canyon of two facades (Kang, Acoustics of urban spaces, 2007): a ground
reflection, facade echoes whose spacing is that of the street's width, and a tail that falls by
60 dB in 0.8 to 1.2 s and grows darker.
"""

import numpy as np

from soundpost.synth.dsp import Rng, Signal, noise, pulses, samples, times

SPEED_OF_SOUND = 343.0


def pass_by(
    count: int, speed: float, distance: float, closest: float, start: float = 0.0
) -> tuple[Signal, Signal]:
    """A source that drives past on a straight line.

    Args:
        count: samples.
        speed: m/s.
        distance: nearest distance to the listener, m.
        closest: time at which it is nearest, s.
        start: time of the first sample, s.

    Returns:
        Gain (1 at the nearest point), and the time at which what is heard was sent (s); its slope
        is the Doppler shift.
    """
    t = start + times(count)
    reach = np.hypot(distance, speed * (t - closest))
    return distance / reach, t - reach / SPEED_OF_SOUND


def street(rng: Rng, echo: float = 1.0) -> Signal:
    """Impulse response of a street; `echo` scales all that is not the direct sound."""
    count = samples(1.2)
    width = rng.uniform(12, 25)
    order = np.arange(1, 6)
    facades = (width * order + rng.uniform(-3, 3, 5)) / SPEED_OF_SOUND
    at = np.concatenate([[0.0, rng.uniform(0.0008, 0.003)], facades])
    strength = np.concatenate([[1.0, 0.35 * echo], echo * 0.5 * 0.62**order])
    response = pulses(at, strength, count)
    t = times(count)
    tail = np.zeros(count)
    for curve, fall in (
        ([(100, 0), (600, 0), (1500, -14), (6000, -40)], rng.uniform(0.9, 1.2)),
        ([(100, -40), (600, -14), (1500, 0), (4000, -4), (8000, -14)], rng.uniform(0.5, 0.8)),
    ):
        tail += noise(rng, count, curve) * np.exp(-6.91 * t / fall)
    tail *= np.clip((t - 0.012) / 0.03, 0, 1)
    tail *= 0.3 * echo / np.sqrt(np.sum(tail**2))
    return response + tail
