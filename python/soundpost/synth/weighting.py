# SPDX-License-Identifier: Apache-2.0
"""Levels of what is synthesised, by the analogue A weighting applied in the frequency domain."""

import numpy as np
from scipy import fft

from soundpost.synth.dsp import RATE, Signal

# IEC 61672-1:2013, Annex E: pole frequencies of the A weighting, Hz
POLES = (20.598997, 107.65265, 737.86223, 12194.217)


def a_weighting(hertz: Signal) -> Signal:
    """Gain of the A weighting, 1 at 1 kHz."""

    def shape(f: Signal) -> Signal:
        f2 = f**2
        p1, p2, p3, p4 = (p**2 for p in POLES)
        return f2**2 / ((f2 + p1) * np.sqrt(f2 + p2) * np.sqrt(f2 + p3) * (f2 + p4))

    return shape(hertz) / shape(np.array([1000.0]))


def laeq(pressure: Signal, full_scale_db: float) -> float:
    """LAeq in dB of all of `pressure`, 1.0 being digital full scale.

    Args:
        pressure: the signal.
        full_scale_db: sound pressure level of a sine of amplitude 1.0.
    """
    # room for the filter to ring out, so that the end does not run into the beginning
    size = fft.next_fast_len(len(pressure) + RATE // 4, real=True)
    hertz = np.arange(size // 2 + 1) * RATE / size
    weighted = fft.irfft(fft.rfft(pressure, size) * a_weighting(hertz), size)
    power = float(np.sum(weighted**2)) / len(pressure)
    return full_scale_db + 10 * float(np.log10(max(2 * power, 1e-30)))
