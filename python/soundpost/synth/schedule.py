# SPDX-License-Identifier: Apache-2.0
"""Timelines that need no writing: a street, a construction site, a night.

A plan is a round of two minutes. What remains of a round beside its events is shared out among the
pauses before, between and after them, unevenly by the seed, so that background alone is heard too.
Longer scenes go on with further rounds in another order; shorter ones keep the events that fit.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from soundpost.synth.dsp import Rng
from soundpost.synth.scene import Event, Scene

ROUND_S = 120.0

Plan = tuple[tuple[str, float, float], ...]  # class, s, LAeq in dB

STREET: Plan = (
    ("engine_idling", 9.0, 72.0),
    ("car_horn", 3.5, 82.0),
    ("dog_bark", 6.0, 78.0),
    ("siren", 12.0, 85.0),
    ("children_playing", 9.0, 74.0),
    ("jackhammer", 9.0, 88.0),
    ("air_conditioner", 9.0, 70.0),
    ("gun_shot", 3.5, 86.0),
    ("street_music", 11.0, 76.0),
    ("drilling", 8.0, 83.0),
)
CONSTRUCTION: Plan = (
    ("engine_idling", 18.0, 76.0),
    ("jackhammer", 20.0, 90.0),
    ("drilling", 14.0, 86.0),
    ("car_horn", 3.0, 80.0),
    ("jackhammer", 15.0, 88.0),
    ("drilling", 12.0, 84.0),
)
NIGHT: Plan = (
    ("air_conditioner", 20.0, 52.0),
    ("dog_bark", 9.0, 62.0),
    ("street_music", 16.0, 56.0),
    ("siren", 14.0, 66.0),
    ("gun_shot", 3.5, 72.0),
    ("car_horn", 3.0, 64.0),
)


def _schedule(plan: Plan, scene: Scene) -> Scene:
    """`scene`, whose length and seed are checked by now, with events in it."""
    source = np.random.SeedSequence(scene.seed, spawn_key=(1,))
    rng: Rng = np.random.Generator(np.random.PCG64(source))
    spare = ROUND_S - sum(length for _, length, _ in plan)
    events: list[Event] = []
    start = 0.0
    while start < scene.seconds:
        order = [plan[i] for i in rng.permutation(len(plan))] if start else plan
        shares = rng.uniform(0.7, 1.3, len(plan) + 1)
        pauses = spare * shares / shares.sum()
        at = start
        for (name, length, level), pause in zip(order, pauses, strict=False):
            begin = round(at + float(pause), 1)
            end = round(begin + length, 1)
            if end <= scene.seconds:
                events.append(Event(name, begin, end, level))
            at = end
        start += ROUND_S
    return replace(scene, events=tuple(events))


def street_scene(seconds: float = 120.0, seed: int = 1, full_scale_db: float = 120.0) -> Scene:
    """A busy street by day; each of the ten classes once every two minutes."""
    return _schedule(STREET, Scene(seconds, (), seed, 56.0, full_scale_db, "street"))


def construction_scene(
    seconds: float = 120.0, seed: int = 1, full_scale_db: float = 120.0
) -> Scene:
    """A construction site beside a road."""
    return _schedule(CONSTRUCTION, Scene(seconds, (), seed, 60.0, full_scale_db, "construction"))


def night_scene(seconds: float = 120.0, seed: int = 1, full_scale_db: float = 120.0) -> Scene:
    """A quiet street by night."""
    return _schedule(NIGHT, Scene(seconds, (), seed, 38.0, full_scale_db, "night"))


SCENES: dict[str, Callable[[float, int, float], Scene]] = {
    "street": street_scene,
    "construction": construction_scene,
    "night": night_scene,
}
