# SPDX-License-Identifier: Apache-2.0
"""A scene: what is heard when, and how loud. Also events as text."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from soundpost.errors import UserError
from soundpost.synth.sounds import SOUNDS

MIN_EVENT_S = 0.5
MAX_LEVEL_DB = 200.0
MAX_SECONDS = 3_600.0
EVENT = re.compile(r"(\w+)@(\d+(?:\.\d*)?)-(\d+(?:\.\d*)?):(-?\d+(?:\.\d*)?)", re.ASCII)


@dataclass(frozen=True)
class Event:
    """One sound.

    Attributes:
        class_name: as UrbanSound8K names it.
        start_s: when it begins, s.
        end_s: when it ends, s; at least 0.5 s later. Only its echo may outlast it.
        level_db: its own LAeq from start to end, without background, dB.
    """

    class_name: str
    start_s: float
    end_s: float
    level_db: float

    def __post_init__(self) -> None:
        """Check every field.

        Raises:
            UserError: if the class is unknown, or a time or level out of range.
        """
        if self.class_name not in SOUNDS:
            raise UserError(f"unknown class {self.class_name}; there are {', '.join(SOUNDS)}")
        if not 0 <= self.start_s <= self.end_s - MIN_EVENT_S + 1e-9 < math.inf:
            raise UserError(
                f"event {self} must begin at 0 s or later and last {MIN_EVENT_S} s or more"
            )
        if not 0 <= self.level_db <= MAX_LEVEL_DB:
            raise UserError(f"event {self}: its level must be 0 to {MAX_LEVEL_DB:g} dB")

    def __str__(self) -> str:
        """The text that `parse_events` reads."""
        start, end, level = (
            np.format_float_positional(v, trim="-")
            for v in (self.start_s, self.end_s, self.level_db)
        )
        return f"{self.class_name}@{start}-{end}:{level}"


@dataclass(frozen=True)
class Scene:
    """All that decides the sound of a scene.

    Attributes:
        seconds: its length, s.
        events: what is heard.
        seed: of all chance in it.
        background_db: LAeq of the background over the whole scene, dB; None leaves it out.
        full_scale_db: calibration: sound pressure level of a sine at digital full scale, dB.
        name: what it is called.
    """

    seconds: float
    events: tuple[Event, ...] = ()
    seed: int = 1
    background_db: float | None = 55.0
    full_scale_db: float = 120.0
    name: str = "own"

    def __post_init__(self) -> None:
        """Check every field.

        Raises:
            UserError: if one is out of range, or an event lies outside the scene.
        """
        if not MIN_EVENT_S <= self.seconds <= MAX_SECONDS:
            raise UserError(
                f"a scene of {self.seconds:g} s; it may last {MIN_EVENT_S} to {MAX_SECONDS:g} s"
            )
        if self.seed < 0:
            raise UserError(f"seed {self.seed} is negative; take 0 or more")
        if self.background_db is not None and not 0 <= self.background_db <= MAX_LEVEL_DB:
            raise UserError(f"background of {self.background_db:g} dB; take 0 to {MAX_LEVEL_DB:g}")
        if not 60 <= self.full_scale_db <= 200:
            raise UserError(f"full scale of {self.full_scale_db:g} dB; take 60 to 200")
        for event in self.events:
            if event.end_s > self.seconds:
                raise UserError(
                    f"event {event} ends after the scene's {self.seconds:g} s; lengthen the scene"
                )


def parse_events(text: str) -> tuple[Event, ...]:
    """Read events written as CLASS@START-END:LEVEL, with commas between them.

    CLASS may be any part of a name that only one class has, as dog in dog_bark.

    Raises:
        UserError: if the text is not of that form, or an event is out of range.
    """
    return tuple(_parse_event(part.strip()) for part in text.split(",") if part.strip())


def format_events(events: Iterable[Event]) -> str:
    """The text that `parse_events` reads back as the same events."""
    return ",".join(map(str, events))


def _parse_event(text: str) -> Event:
    match = EVENT.fullmatch(text)
    if match is None:
        raise UserError(f"event {text!r}: write CLASS@START-END:LEVEL, as siren@10-20:75")
    name, start, end, level = match.groups()
    fitting = [known for known in SOUNDS if name in known]
    if name not in SOUNDS and len(fitting) != 1:
        choice = ", ".join(fitting or SOUNDS)
        raise UserError(f"event {text!r}: {name} could be none or several; there are {choice}")
    exact = name if name in SOUNDS else fitting[0]
    return Event(exact, float(start), float(end), float(level))
