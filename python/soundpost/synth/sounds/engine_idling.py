# SPDX-License-Identifier: Apache-2.0
"""A four-cylinder diesel that idles.

Model: a firing every half turn of a crankshaft at 700 to 900 rpm (23 to 30 a second), no two
cylinders alike and none quite regular; each firing sends a pressure pulse through the exhaust's
resonances and knocks the block at 0.8 to 3 kHz; valves tick, the fan and the belts hiss.
"""

import numpy as np

from soundpost.synth.dsp import (
    Rng,
    Signal,
    convolve,
    fade,
    noise,
    pulses,
    ringing,
    samples,
    times,
    unit,
    wander,
)

FLOW = [(60, 2), (200, 3), (500, 0), (1200, -4), (3000, -12), (8000, -28)]


def render(rng: Rng, seconds: float) -> Signal:
    """Steady, hunting slowly by some percent."""
    count = samples(seconds)
    rate = rng.uniform(23, 30)
    firings = int(seconds * rate * 1.1) + 4
    hunting = 1 + 0.012 * wander(rng, firings, 1_000.0)
    at = np.cumsum((1 + 0.012 * rng.standard_normal(firings)) * hunting) / rate - 0.5 / rate
    cylinder = np.tile(rng.uniform(0.75, 1.2, 4), firings // 4 + 1)[:firings]
    strength = cylinder * rng.uniform(0.85, 1.15, firings)
    t = times(samples(0.03))
    puff = np.exp(-t / 0.004) * (1 - np.exp(-t / 0.0008))
    exhaust = [(rng.uniform(55, 75), 0.12, 1.0), (rng.uniform(110, 150), 0.09, 0.9)]
    exhaust += [(rng.uniform(190, 290), 0.07, 0.7), (rng.uniform(330, 520), 0.05, 0.4)]
    train = pulses(at, strength, count)
    rumble = unit(convolve(convolve(train, puff), ringing(exhaust)))
    block = [(rng.uniform(700, 1100), 0.018, 1.0), (rng.uniform(1300, 1900), 0.014, 0.8)]
    block += [(rng.uniform(2200, 3100), 0.010, 0.5)]
    knock = unit(convolve(pulses(at + 0.002, strength**2, count), ringing(block)))
    ticks = np.repeat(at, 2) + np.tile([0.006, 0.019], firings) * rng.uniform(0.9, 1.1)
    valves = pulses(ticks, rng.uniform(0.3, 1.0, 2 * firings), count)
    tick = unit(convolve(valves, ringing([(3400, 0.006, 1.0), (4700, 0.005, 0.7)])))
    breath = unit(convolve(train, np.exp(-times(samples(0.05)) / 0.012)))
    flow = noise(rng, count, FLOW) * (0.7 + 0.3 * breath)
    return fade(rumble + 0.16 * knock + 0.04 * tick + 0.22 * flow, 0.3, 0.3)
