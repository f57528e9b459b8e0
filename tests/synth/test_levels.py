# SPDX-License-Identifier: Apache-2.0
"""Stated levels against an A weighting that is not ours: the bilinear one, far oversampled."""

import functools

import numpy as np
import pytest
from scipy import signal

from soundpost.errors import UserError
from soundpost.synth.render import render_scene
from soundpost.synth.scene import Event, Scene
from soundpost.synth.sounds import SOUNDS
from soundpost.synth.weighting import a_weighting, laeq

OVERSAMPLING = 6
RATE = 16_000 * OVERSAMPLING

# IEC 61672-1:2013, table 3
A_DB = {63: -26.2, 125: -16.1, 250: -8.6, 500: -3.2, 1000: 0.0, 2000: 1.2, 4000: 1.0, 8000: -1.1}


@functools.cache
def reference_filter():
    """The A weighting's poles and zeros, by the bilinear transform at 96 kHz."""
    f1, f2, f3, f4 = 20.598997, 107.65265, 737.86223, 12194.217
    poles = -2 * np.pi * np.array([f1, f1, f2, f3, f4, f4])
    digital = signal.bilinear_zpk([0, 0, 0, 0], poles, 1.0, RATE)
    sections = signal.zpk2sos(*digital)
    _, response = signal.sosfreqz(sections, [1000.0], fs=RATE)
    sections[0, :3] /= abs(response[0])
    return sections


def reference_laeq(pcm, full_scale_db):
    fine = signal.resample_poly(pcm / 32768.0, OVERSAMPLING, 1)
    weighted = signal.sosfilt(reference_filter(), fine)
    return full_scale_db + 10 * np.log10(2 * np.mean(weighted**2))


def test_weighting_is_the_standard_s():
    for hertz, level in A_DB.items():
        exact = 10 ** (np.round(10 * np.log10(hertz)) / 10)
        assert 20 * np.log10(a_weighting(np.array([exact]))[0]) == pytest.approx(level, abs=0.06)


def test_calibration_is_that_of_a_full_scale_sine():
    sine = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000)
    assert laeq(sine, 120.0) == pytest.approx(120.0, abs=0.02)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("class_name", SOUNDS)
def test_event_alone_reads_its_level(class_name, seed):
    event = Event(class_name, 0.5, 4.3, 80.0)
    pcm, _ = render_scene(Scene(5.0, (event,), seed, None, 118.0))
    heard = reference_laeq(pcm[8000:68_800], 118.0)
    assert heard == pytest.approx(80.0, abs=0.2)


def test_background_alone_reads_its_level():
    pcm, timeline = render_scene(Scene(20.0, (), 3, 55.0, 110.0))
    assert reference_laeq(pcm, 110.0) == pytest.approx(55.0, abs=0.2)
    assert timeline.laeq_db == pytest.approx(55.0, abs=0.1)


def test_levels_shift_with_the_calibration():
    event = Event("siren", 0.5, 4.0, 80.0)
    quiet, loud = (
        render_scene(Scene(5.0, (event,), 1, 50.0, full_scale))[0] for full_scale in (120.0, 100.0)
    )
    assert np.max(np.abs(loud - 10.0 * quiet)) <= 6


def test_too_loud_is_told_with_the_mend():
    scene = Scene(6.0, (Event("gun_shot", 1.0, 4.0, 115.0),), 1, 50.0)
    with pytest.raises(UserError, match=r"exceeds full scale .*gun_shot.*--full-scale to") as told:
        render_scene(scene)
    mend = float(str(told.value).rsplit(" ", 1)[1])
    _, timeline = render_scene(Scene(6.0, scene.events, 1, 50.0, mend))
    assert 0 < timeline.headroom_db < 1.5
