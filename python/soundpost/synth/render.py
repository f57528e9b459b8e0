# SPDX-License-Identifier: Apache-2.0
"""From a scene to its samples."""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from soundpost.errors import UserError
from soundpost.synth import background
from soundpost.synth.dsp import Rng, Signal, add_at, convolve, fade, samples
from soundpost.synth.scene import Event, Scene
from soundpost.synth.sounds import SOUNDS
from soundpost.synth.space import street
from soundpost.synth.timeline import Timeline
from soundpost.synth.weighting import laeq

# a gun shot brings its own echoes, and music and fans play closer by
ECHO = {"gun_shot": 0.3, "street_music": 0.7, "air_conditioner": 0.6}


def render_scene(
    scene: Scene, progress: Callable[[str], None] | None = None
) -> tuple[npt.NDArray[np.int16], Timeline]:
    """Render `scene`; the same scene gives the same samples.

    Every event has its own source of chance, so that adding one leaves the others as they are.

    Args:
        scene: what to render.
        progress: called with the name of each of len(scene.events) + 1 parts once it is done.

    Returns:
        int16 samples, 16 kHz mono; and what is in them.

    Raises:
        UserError: if the sum exceeds digital full scale.
    """
    done = progress or (lambda _: None)
    total = np.zeros(samples(scene.seconds))
    if scene.background_db is not None:
        street_noise = background.render(_chance(scene.seed, 0), scene.seconds)
        total += street_noise * _gain(street_noise, scene.background_db, scene.full_scale_db)
    done("background")
    for index, event in enumerate(scene.events):
        _add_event(total, event, _chance(scene.seed, 2 + index), scene.full_scale_db)
        done(event.class_name)
    peak = float(np.max(np.abs(total)))
    _check_peak(total, peak, scene)
    pcm = np.rint(total * 32768.0).astype(np.int16)
    level = laeq(total, scene.full_scale_db)
    return pcm, Timeline(scene, len(pcm), level, -20 * math.log10(max(peak, 1 / 32768)))


def _chance(seed: int, index: int) -> Rng:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(0, index))))


def _gain(x: Signal, level_db: float, full_scale_db: float) -> float:
    return float(10 ** ((level_db - laeq(x, full_scale_db)) / 20))


def _add_event(total: Signal, event: Event, rng: Rng, full_scale_db: float) -> None:
    """Add `event` with its echoes; its level is that of what is heard from its start to its end."""
    count = samples(event.end_s) - samples(event.start_s)
    dry = SOUNDS[event.class_name](rng, count / 16_000)
    room = street(rng, ECHO.get(event.class_name, 1.0))
    wet = convolve(np.concatenate([dry, np.zeros(len(room))]), room)
    wet = fade(wet[: len(total) - samples(event.start_s)], 0.0, 0.02)
    add_at(total, event.start_s, wet * _gain(wet[:count], event.level_db, full_scale_db))


def _check_peak(total: Signal, peak: float, scene: Scene) -> None:
    if peak * 32768 < 32767.5:
        return
    at = int(np.argmax(np.abs(total))) / 16_000
    over = 20 * math.log10(peak)
    heard = [e.class_name for e in scene.events if e.start_s <= at <= e.end_s + 1.2]
    raise UserError(
        f"the scene exceeds full scale by {over:.1f} dB at {at:.1f} s "
        f"({', '.join(heard) or 'background'}); lower its level or set --full-scale to "
        f"{math.ceil(scene.full_scale_db + over + 0.1):d}"
    )
