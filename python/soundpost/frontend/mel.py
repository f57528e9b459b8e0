# SPDX-License-Identifier: Apache-2.0
"""The two mel scales in use."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# M. Slaney, Auditory Toolbox, Interval Research TR 1998-010: linear to 1 kHz with 200/3 Hz a mel,
# then logarithmic with 27 mels for a factor of 6.4.
_SLANEY_HZ_PER_MEL = 200.0 / 3.0
_SLANEY_BREAK_HZ = 1000.0
_SLANEY_BREAK_MEL = _SLANEY_BREAK_HZ / _SLANEY_HZ_PER_MEL
_SLANEY_LOG_STEP = np.log(6.4) / 27.0


def hz_to_mel(hz: float, scale: str) -> float:
    """Frequency `hz` on the mel `scale`, "slaney" or "htk" (S. Young et al., The HTK Book)."""
    if scale == "htk":
        return float(2595.0 * np.log10(1.0 + hz / 700.0))
    if hz < _SLANEY_BREAK_HZ:
        return hz / _SLANEY_HZ_PER_MEL
    return float(_SLANEY_BREAK_MEL + np.log(hz / _SLANEY_BREAK_HZ) / _SLANEY_LOG_STEP)


def mel_to_hz(mel: Floats, scale: str) -> Floats:
    """The inverse of `hz_to_mel`, for an array of any shape."""
    if scale == "htk":
        return np.asarray(700.0 * (10.0 ** (mel / 2595.0) - 1.0))
    linear = mel * _SLANEY_HZ_PER_MEL
    logarithmic = _SLANEY_BREAK_HZ * np.exp(_SLANEY_LOG_STEP * (mel - _SLANEY_BREAK_MEL))
    return np.asarray(np.where(mel < _SLANEY_BREAK_MEL, linear, logarithmic))


def mel_corners(bands: int, fmin: float, fmax: float, scale: str) -> Floats:
    """Corners of `bands` triangles in Hz, shape (bands + 2,): band b rises from corner b to b + 1
    and falls to b + 2.
    """
    mels = np.linspace(hz_to_mel(fmin, scale), hz_to_mel(fmax, scale), bands + 2)
    return mel_to_hz(mels, scale)
