# SPDX-License-Identifier: Apache-2.0
"""The ten sounds, by the class names of UrbanSound8K and in its order.

Each module holds `render(rng, seconds)`: float64 at 16 kHz, of any scale, without the street
around it. They are models of how the sound comes about, none is taken from a recording.
"""

from collections.abc import Callable

from soundpost.synth.dsp import Rng, Signal
from soundpost.synth.sounds import (
    air_conditioner,
    car_horn,
    children_playing,
    dog_bark,
    drilling,
    engine_idling,
    gun_shot,
    jackhammer,
    siren,
    street_music,
)

SOUNDS: dict[str, Callable[[Rng, float], Signal]] = {
    "air_conditioner": air_conditioner.render,
    "car_horn": car_horn.render,
    "children_playing": children_playing.render,
    "dog_bark": dog_bark.render,
    "drilling": drilling.render,
    "engine_idling": engine_idling.render,
    "gun_shot": gun_shot.render,
    "jackhammer": jackhammer.render,
    "siren": siren.render,
    "street_music": street_music.render,
}
