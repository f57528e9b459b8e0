# SPDX-License-Identifier: Apache-2.0
"""A window unit: fan, compressor and the rattle of its housing.

Model: broadband flow noise of an axial fan, blade-pass tone and its harmonics (blades times shaft
rate), compressor and transformer hum at twice the mains frequency, and a housing that resonates.
"""

import numpy as np

from soundpost.synth.dsp import (
    Rng,
    Signal,
    convolve,
    fade,
    harmonics,
    noise,
    phase,
    ringing,
    samples,
    wander,
)

FLOW = [(40, 2), (125, 6), (250, 4), (500, 0), (1000, -5), (2000, -11), (4000, -19), (8000, -30)]


def render(rng: Rng, seconds: float) -> Signal:
    """Steady, with slow beats."""
    count = samples(seconds)
    shaft = rng.uniform(17.0, 19.5) * (1 + 0.002 * wander(rng, count, 1.0))
    blades = 5 * shaft
    turns = phase(shaft)
    flow = noise(rng, count, FLOW) * (
        1 + 0.10 * np.sin(2 * np.pi * turns) + 0.05 * wander(rng, count, 3.0)
    )
    fan = harmonics(5 * turns, blades, lambda k: k**-1.4)
    hum_rate = np.full(count, rng.choice([100.0, 120.0]))
    # the compressor's motor slips, so that its tones beat with the transformer's
    slip = np.full(count, hum_rate[0] / 2 * rng.uniform(0.955, 0.975))
    hum = harmonics(phase(hum_rate), hum_rate, lambda k: [0.8, 1.0, 0.4, 0.45][k % 4] / k)
    motor = harmonics(phase(slip), slip, lambda k: [0.5, 0.3, 1.0, 0.3][k % 4] / k**0.9)
    modes = [(rng.uniform(150, 900), rng.uniform(0.05, 0.15), 0.08) for _ in range(6)]
    body = convolve(fan + hum + motor, ringing(modes))
    tones = 0.10 * fan + 0.28 * hum + 0.22 * motor + 0.02 * body / np.std(body)
    return fade(flow + 1.1 * tones, 0.4, 0.4)
