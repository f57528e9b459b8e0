# SPDX-License-Identifier: Apache-2.0
"""Events as text, timelines, and the scenes that need no writing."""

import hashlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundpost.errors import UserError
from soundpost.synth.render import render_scene
from soundpost.synth.scene import Event, Scene, format_events, parse_events
from soundpost.synth.schedule import SCENES, street_scene
from soundpost.synth.sounds import SOUNDS

numbers = st.floats(0, 1000, allow_nan=False).map(abs)
events = st.builds(
    lambda name, start, length, level: Event(name, start, start + length, level),
    st.sampled_from(list(SOUNDS)),
    numbers,
    st.floats(0.5, 100),
    st.floats(0, 200).map(abs),
)


@settings(derandomize=True, deadline=None)
@given(st.lists(events, max_size=5))
def test_events_round_trip(listed):
    assert parse_events(format_events(listed)) == tuple(listed)


@settings(derandomize=True, deadline=None)
@given(st.text(alphabet="sirendog_@-:,.0123456789 \n", max_size=30))
def test_any_text_is_read_or_refused(text):
    try:
        parse_events(text)
    except UserError as error:
        assert str(error)  # noqa: PT017


def test_names_may_be_short():
    short = parse_events("siren@10-20:75, dog@30-34:70,horn@40-41.5:80")
    assert [e.class_name for e in short] == ["siren", "dog_bark", "car_horn"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("siren", "write CLASS@START-END:LEVEL"),
        ("siren@1-2", "write CLASS@START-END:LEVEL"),
        ("siren@1-nan:70", "write CLASS@START-END:LEVEL"),
        ("cat@1-2:70", "there are air_conditioner, car_horn"),
        ("g@1-2:70", "there are children_playing, dog_bark"),
        ("siren@5-5.2:70", "last 0.5 s or more"),
        ("siren@5-2:70", "last 0.5 s or more"),
        ("siren@1-2:-5", "must be 0 to 200 dB"),
        ("siren@1-2:900", "must be 0 to 200 dB"),
        ("siren@1-1" + "0" * 400 + ":70", "last 0.5 s or more"),
    ],
)
def test_bad_events_are_told(text, message):
    with pytest.raises(UserError, match=message) as told:
        parse_events(text)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"seconds": 0.1}, "it may last"),
        ({"seconds": float("nan")}, "it may last"),
        ({"seconds": 1e9}, "it may last"),
        ({"seconds": 10, "seed": -1}, "negative"),
        ({"seconds": 10, "background_db": 300}, "background of 300 dB"),
        ({"seconds": 10, "full_scale_db": 5}, "full scale of 5 dB"),
        ({"seconds": 10, "events": parse_events("siren@5-11:70")}, "lengthen the scene"),
    ],
)
def test_bad_scenes_are_told(fields, message):
    with pytest.raises(UserError, match=message):
        Scene(**fields)


@pytest.mark.parametrize("seed", range(5))
def test_street_holds_every_class_with_pauses(seed):
    scene = street_scene(120, seed)
    assert sorted(e.class_name for e in scene.events) == sorted(SOUNDS)
    ends = [0.0, *(e.end_s for e in scene.events)]
    starts = [*(e.start_s for e in scene.events), 120.0]
    assert all(2.0 <= start - end <= 8.0 for end, start in zip(ends, starts, strict=True))


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("seconds", [0.5, 7.0, 120.0, 500.0])
def test_scenes_of_any_length(name, seconds):
    scene = SCENES[name](seconds, 3, 120.0)
    assert all(e.end_s <= seconds for e in scene.events)
    assert len(scene.events) >= int(seconds / 120) * 5


def test_a_seed_fixes_every_byte():
    def digest(seed):
        return hashlib.sha256(render_scene(street_scene(40, seed))[0].tobytes()).hexdigest()

    assert digest(1) == digest(1)
    assert digest(1) != digest(2)


def test_adding_an_event_leaves_the_others_alone():
    first = parse_events("dog@1-4:80")
    both = (*first, *parse_events("siren@8-12:80"))
    short, long = (render_scene(Scene(14.0, e, 5))[0] for e in (first, both))
    np.testing.assert_array_equal(short[: 8 * 16_000], long[: 8 * 16_000])
    assert np.any(short != long)


def test_labels_and_json_tell_the_truth():
    _, timeline = render_scene(Scene(10.0, parse_events("siren@5-8:75,dog@1-2.5:70"), 7))
    rows = [line.split("\t") for line in timeline.labels().splitlines()]
    assert [(float(a), float(b), c) for a, b, c in rows] == [
        (1.0, 2.5, "dog_bark"),
        (5.0, 8.0, "siren"),
    ]
    told = json.loads(timeline.json())
    assert (told["samples"], told["sample_rate"], told["seed"]) == (160_000, 16_000, 7)
    assert told["full_scale_db"] == 120.0
    assert told["events"][0] == {
        "class_name": "siren",
        "start_s": 5.0,
        "end_s": 8.0,
        "level_db": 75.0,
    }


def test_event_at_the_very_end():
    pcm, _ = render_scene(Scene(3.0, parse_events("gun_shot@2.5-3:80,siren@0-3:70")))
    assert len(pcm) == 48_000
