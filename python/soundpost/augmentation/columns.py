# SPDX-License-Identifier: Apache-2.0
"""What can be done to windows of columns before and after the network's input is made of them.

A column's value is the power of a band in steps of 0.5 dB; -128 is silence, as the front end gives
it for nothing at all. Windows are int8 of shape (n, columns, bands).
"""

import numpy as np
from numpy.typing import NDArray

from soundpost.frontend import FrontendConfig
from soundpost.frontend.config import SAMPLE_RATE
from soundpost.frontend.mel import mel_corners
from soundpost.frontend.tables import STEPS_PER_DB

Columns = NDArray[np.int8]
Decibels = NDArray[np.float64]

SILENCE = -128
CURVE_POINTS = 6
"""Of an equaliser's curve, at equal distances over the bands."""

_DIFFERENCES = np.arange(-255, 256)
# steps of a factor of e in power
_STEPS_PER_NEPER = 10.0 * STEPS_PER_DB / np.log(10.0)
_POWER = np.exp(np.arange(-128, 128) / _STEPS_PER_NEPER)
_POWER[0] = 0.0


def mix_power(
    first: Columns,
    second: Columns,
    first_db: Decibels,
    second_db: Decibels,
    *,
    level_counts: bool = False,
) -> Columns:
    """The columns of two sounds at the same time, rounded once.

    Powers are added, as those of sounds are that have nothing to do with each other. A window with
    values that int8 does not hold is moved by whole steps as a whole, as far as that helps, unless
    its level counts: then they saturate, as the front end's do.

    Args:
        first: windows.
        second: as many windows.
        first_db: gain of each first window in dB, shape (n,).
        second_db: gain of each second window in dB, shape (n,).
        level_counts: whether the network sees how loud a window is.
    """
    gain, other = (STEPS_PER_DB * db[:, np.newaxis] for db in (first_db, second_db))
    # the second value, plus what depends on the difference of both only and is in a table
    apart = (_DIFFERENCES + gain - other) / _STEPS_PER_NEPER
    louder = np.rint(other + _STEPS_PER_NEPER * np.logaddexp(0.0, apart)).astype(np.int16)
    place = np.subtract(first, second, dtype=np.int16) - _DIFFERENCES[0]
    mixed = np.empty(first.shape, np.int16)
    for window, table, places in zip(mixed, louder, place, strict=True):
        np.take(table, places, out=window, mode="clip")
    mixed += second
    for silent, sound, steps in ((second, first, gain), (first, second, other)):
        alone = silent == SILENCE
        if alone.any():
            moved = sound + np.rint(steps).astype(np.int16)[..., np.newaxis]
            mixed = np.where(alone, moved, mixed)
    heard = (first != SILENCE) | (second != SILENCE)
    if not level_counts:
        low = mixed.min(axis=(1, 2), keepdims=True, where=heard, initial=127)
        high = mixed.max(axis=(1, 2), keepdims=True, where=heard, initial=-128)
        mixed += np.minimum(np.maximum(-128 - low, 0), 127 - high)
    return np.asarray(np.where(heard, np.clip(mixed, -128, 127), SILENCE), np.int8)


def between_class_gains(
    first_db: Decibels, second_db: Decibels, share: Decibels
) -> tuple[Decibels, Decibels]:
    """Gains in dB with which two sounds are heard as `share` to 1 - `share`, in amplitude.

    Y. Tokozume, Y. Ushiku, T. Harada, Learning from between-class examples for deep sound
    recognition, ICLR 2018, equation 2: the levels are made equal first, and what the gains do to
    the power of sounds of equal level is taken back. Neither gain is over 0 dB.

    Args:
        first_db: level of each first sound, shape (n,).
        second_db: level of each second sound.
        share: of the first one, over 0 and under 1.
    """
    # of amplitudes before the levels are made equal; in dB, as levels may be far apart
    ratio = 20.0 * np.log10(share / (1.0 - share)) + second_db - first_db
    power = ratio * (np.log(10.0) / 10.0)
    # p^2 / (p^2 + (1 - p)^2) for p / (1 - p) = ratio
    to_db = 10.0 / np.log(10.0)
    return -to_db * np.logaddexp(0.0, -power), -to_db * np.logaddexp(0.0, power)


def band_weights_db(frontend: FrontendConfig) -> Decibels:
    """A weighting of each band at its centre, shape (bands,), which loudness is measured with."""
    from soundpost.synth.weighting import a_weighting

    edges = (frontend.bands, frontend.fmin, frontend.fmax, frontend.mel_scale)
    return np.asarray(20.0 * np.log10(a_weighting(mel_corners(*edges)[1:-1])))


def level_span(frontend: FrontendConfig) -> int:
    """Columns in a tenth of a second, 1 or more."""
    return max(1, round(SAMPLE_RATE / 10 / frontend.hop))


def levels(columns: Columns, frontend: FrontendConfig) -> NDArray[np.float32]:
    """Level in dB, A-weighted, over the tenth of a second from each column on.

    Args:
        columns: of one rendering, shape (count, bands).
        frontend: that made them.

    Returns:
        Shape (count,); towards the end over what there is left.
    """
    weights = 10.0 ** (band_weights_db(frontend) / 10.0)
    power = np.concatenate([[0.0], np.cumsum(_POWER[columns.astype(np.intp) + 128] @ weights)])
    start = np.arange(len(columns))
    end = np.minimum(start + level_span(frontend), len(columns))
    mean = np.maximum((power[end] - power[start]) / (end - start), np.finfo(np.float32).tiny)
    return np.asarray(10.0 * np.log10(mean), np.float32)


def equalise(windows: Columns, curves_db: Decibels) -> Columns:
    """Windows as a microphone with another response would give them.

    Args:
        windows: values in steps of 0.5 dB.
        curves_db: gain of each window in dB at equal distances over the bands, shape (n, points).
    """
    bands, points = windows.shape[2], curves_db.shape[1]
    at, knots = np.linspace(0.0, points - 1.0, bands), np.arange(points)
    gains = np.stack([np.interp(at, knots, curve) for curve in curves_db])
    steps = np.rint(STEPS_PER_DB * gains).astype(np.int16)[:, np.newaxis]
    return np.asarray(np.clip(windows + steps, -128, 127), np.int8)


def resample(columns: Columns, start: int, length: int, window: int) -> Columns:
    """`window` columns for the `length` from `start` on, each the nearest one.

    Args:
        columns: shape (count, bands).
        start: 0 or more.
        length: 1 to count - start.
        window: 1 or more; `length` itself gives the columns as they are.
    """
    places = np.rint(np.linspace(start, start + length - 1, window)).astype(np.intp)
    return np.asarray(columns[places])


def shift_bands(windows: Columns, shifts: NDArray[np.int64]) -> None:
    """Move windows up by whole bands, in place; the first or last band fills what is left free.

    Args:
        windows: shape (n, columns, bands).
        shifts: bands of each, down where it is negative, shape (n,).
    """
    bands = np.arange(windows.shape[2])
    for shift in np.unique(shifts[shifts != 0]):
        rows = shifts == shift
        windows[rows] = windows[rows][..., np.clip(bands - shift, 0, len(bands) - 1)]


def silence(
    windows: Columns, floors: Columns, before: NDArray[np.int64], after: NDArray[np.int64]
) -> Columns:
    """Windows of which only a stretch around the loudest column is left, with a floor elsewhere.

    Args:
        windows: shape (n, columns, bands).
        floors: of the same shape.
        before: columns that are left before the loudest one, 0 or more, shape (n,).
        after: columns that are left behind it, likewise.
    """
    # the loudest by the mean over bands
    loudest = windows.sum(axis=2, dtype=np.int32).argmax(axis=1)
    from_loudest = np.arange(windows.shape[1]) - loudest[:, np.newaxis]
    kept = (from_loudest >= -before[:, np.newaxis]) & (from_loudest <= after[:, np.newaxis])
    return np.asarray(np.where(kept[..., np.newaxis], windows, floors))


def window_means(windows: Columns) -> Columns:
    """The mean of each window, rounded half up as sp_frontend_window() does, shape (n,)."""
    return np.asarray(np.floor(windows.mean(axis=(1, 2), dtype=np.float64) + 0.5), np.int8)


def mask(
    windows: Columns, starts: NDArray[np.int64], lengths: NDArray[np.int64], means: Columns
) -> None:
    """Set runs of columns and of bands to the window's mean.

    After D. S. Park et al., SpecAugment, Interspeech 2019.

    Args:
        windows: changed in place.
        starts: of each run, shape (n, masks, 2): over columns, and over bands.
        lengths: of the same shape.
        means: of each window, shape (n,); zeros where it was taken off.
    """
    for axis, size in enumerate(windows.shape[1:]):
        first = starts[..., axis, np.newaxis]
        last = first + lengths[..., axis, np.newaxis]
        places = np.arange(size)
        hidden = np.any((places >= first) & (places < last), axis=1)
        np.copyto(windows, means[:, None, None], where=np.expand_dims(hidden, 2 - axis))
