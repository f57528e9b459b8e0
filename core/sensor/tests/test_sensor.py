# SPDX-License-Identifier: Apache-2.0
"""core/sensor through the runner."""

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from soundpost._core import ffi, lib

from soundpost.errors import UserError
from soundpost.frontend import NORMALISATIONS, Normalisation, recording_columns
from soundpost.level import LevelMeter
from soundpost.models.model import DEFAULT_MODEL, Model
from soundpost.sensor import Sensor
from soundpost.uplink import Port, SummaryFrame, decode, encode_settings

MODEL = Model.find(DEFAULT_MODEL)
HOP = MODEL.recipe.frontend.hop
QUICK = {"interval_s": 10, "records_per_frame": 1, "airtime_budget_ds": 8640}


def noise(seconds: float, level: float = 0.05, seed: int = 1) -> NDArray[np.int16]:
    rng = np.random.default_rng(seed)
    return (rng.normal(0, level, int(seconds * 16000)) * 32768).astype(np.int16)


def run(pcm: NDArray[np.int16], **chosen: int) -> list[dict[str, Any]]:
    sensor = Sensor(MODEL, QUICK | chosen)
    found = list(sensor.records(pcm))
    return found + [json.loads(line) for line in sensor.finish().splitlines()]


def of_type(found: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [record for record in found if record["type"] == kind]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 3000), min_size=1, max_size=40))
def test_how_samples_are_cut_makes_no_difference(sizes: list[int]) -> None:
    pcm = noise(sum(sizes) / 16000 + 0.001)[: sum(sizes)]
    sensor = Sensor(MODEL, QUICK)
    pieces = np.split(pcm, np.cumsum(sizes)[:-1])
    cut = b"".join(b"".join(sensor.lines(piece)) for piece in pieces)
    assert cut == b"".join(Sensor(MODEL, QUICK).lines(pcm))


def test_intervals_are_measured_to_the_sample() -> None:
    pcm = np.concatenate([noise(10), noise(10, 0.005)])
    first, second, *rest = of_type(run(pcm), "summary")
    assert (first["t"], first["samples"]) == (160000, 160000)
    # the recording ends within a hop; what is measured is whole Fast intervals
    assert second["samples"] <= 160000
    assert rest == []
    meter = LevelMeter()
    list(meter.process(pcm[:160000]))
    assert first["laeq"] == pytest.approx(meter.summarize().laeq, abs=0.005)


def test_windows_come_every_hop_of_columns() -> None:
    found = [r["t"] for r in run(noise(12), window_hop=5) if r["type"] in ("scores", "silence")]
    length = (MODEL.recipe.window - 1) * HOP + MODEL.recipe.frontend.fft_size
    assert found[0] == length
    assert set(np.diff(found)) == {5 * HOP}


def test_by_default_windows_overlap_by_half() -> None:
    found = [r["t"] for r in run(noise(12)) if r["type"] in ("scores", "silence")]
    assert set(np.diff(found)) == {math.ceil(MODEL.recipe.window / 2) * HOP}


def test_silence_is_not_classified() -> None:
    found = run(np.zeros(10 * 16000, np.int16))
    assert of_type(found, "scores") == []
    assert of_type(found, "event") == []
    assert {record["class"] for record in of_type(found, "silence")} == {"none"}
    (summary,) = of_type(found, "summary")
    assert summary["laeq"] is None
    assert summary["top_class"] == "none"


def test_frames_say_what_summaries_said() -> None:
    found = run(noise(30.2))
    frames = [f for f in of_type(found, "frame") if f["port"] == Port.SUMMARY]
    summaries = of_type(found, "summary")
    assert len(frames) == len(summaries) >= 3
    for frame, summary in zip(frames, summaries, strict=True):
        said = decode(frame["port"], bytes.fromhex(frame["hex"]))
        assert isinstance(said, SummaryFrame)
        (record,) = said.records
        assert record.laeq == pytest.approx(summary["laeq"], abs=0.26)
        assert record.laf90 == pytest.approx(summary["laf90"], abs=0.26)
        assert record.events == summary["events"]


def test_a_short_recording_sends_what_it_has() -> None:
    sensor = Sensor(MODEL)
    found = list(sensor.records(noise(4)))
    assert of_type(found, "frame") == []
    found = [json.loads(line) for line in sensor.finish().splitlines()]
    (frame,) = (f for f in of_type(found, "frame") if f["port"] == Port.SUMMARY)
    said = decode(frame["port"], bytes.fromhex(frame["hex"]))
    assert isinstance(said, SummaryFrame)
    assert len(said.records) == 1


def test_a_downlink_changes_the_interval_and_is_answered() -> None:
    sensor = Sensor(MODEL, QUICK)
    found = list(sensor.records(noise(5)))
    payload = encode_settings({"interval_s": 12})
    runner = sensor._runner
    assert lib.sp_sensor_downlink(ffi.addressof(runner, "sensor"), 10, payload, len(payload)) >= 0
    found += sensor.records(noise(13))
    (summary,) = of_type(found, "summary")
    assert summary["t"] == 12 * 16000
    answers = [f for f in of_type(found, "frame") if f["port"] == Port.SETTINGS]
    assert len(answers) == 1


def test_a_downlink_that_only_asks_changes_nothing() -> None:
    pcm = noise(20)
    asked = Sensor(MODEL, QUICK)
    found: list[dict[str, Any]] = []
    for second in np.split(pcm, 20):
        found += asked.records(second)
        lib.sp_sensor_downlink(ffi.addressof(asked._runner, "sensor"), 10, b"\x81", 1)
    plain = list(Sensor(MODEL, QUICK).records(pcm))
    for kind in ("level", "scores", "event", "summary"):
        assert of_type(found, kind) == of_type(plain, kind)


def test_nothing_is_summarised_where_nothing_was_measured() -> None:
    assert of_type(run(noise(0.1)), "summary") == []
    assert len(of_type(run(noise(10.1)), "summary")) == 1


def test_a_shorter_interval_ends_one_that_has_gone_by_already() -> None:
    sensor = Sensor(MODEL, QUICK | {"interval_s": 60})
    list(sensor.records(noise(20)))
    payload = encode_settings({"interval_s": 10})
    lib.sp_sensor_downlink(ffi.addressof(sensor._runner, "sensor"), 10, payload, len(payload))
    found = list(sensor.records(noise(11)))
    assert [r["t"] for r in of_type(found, "summary")][:1] == [20 * 16000 // HOP * HOP]


def skip(sensor: Sensor, count: int) -> None:
    lib.sp_sensor_skip(ffi.addressof(sensor._runner, "sensor"), count)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(1, 40 * 16000), st.integers(0, 400))
def test_intervals_end_on_time_whatever_was_lost(lost: int, hops: int) -> None:
    sensor = Sensor(MODEL, QUICK)
    found = list(sensor.records(noise(20)[: hops * HOP]))
    skip(sensor, lost)
    found += sensor.records(noise(20))
    ends = [r["t"] for r in of_type(found, "summary")]
    assert all(end % 160000 == 0 for end in ends)
    # an interval has no summary only if not one Fast interval of it was heard
    heard_from = hops * HOP + lost
    for end in range(160000, heard_from + 20 * 16000 - HOP, 160000):
        heard = max(0, min(end, hops * HOP) - (end - 160000)) + max(0, end - heard_from)
        assert end in ends or heard < 2 * 2000


def test_a_long_loss_ends_the_event_and_starts_windows_anew() -> None:
    sensor = Sensor(MODEL, QUICK)
    list(sensor.records(noise(3)))
    skip(sensor, 5 * 16000)
    found = list(sensor.records(noise(3)))
    first = next(r["t"] for r in found if r["type"] in ("scores", "silence"))
    length = (MODEL.recipe.window - 1) * HOP + MODEL.recipe.frontend.fft_size
    assert first == 3 * 16000 // HOP * HOP + 5 * 16000 + length


def test_a_short_loss_makes_no_gap_between_records() -> None:
    sensor = Sensor(MODEL, QUICK)
    found = list(sensor.records(noise(4)))
    skip(sensor, HOP)
    found += sensor.records(noise(27))
    frames = [
        decode(f["port"], bytes.fromhex(f["hex"]))
        for f in of_type(found, "frame")
        if f["port"] == Port.SUMMARY
    ]
    assert len(frames) == 3
    assert [frame.gap for frame in frames if isinstance(frame, SummaryFrame)][1:] == [False, False]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(0, 255), st.binary(max_size=60))
def test_any_downlink_leaves_valid_settings(port: int, payload: bytes) -> None:
    sensor = Sensor(MODEL, QUICK)
    state = ffi.addressof(sensor._runner, "sensor")
    lib.sp_sensor_downlink(state, port, payload, len(payload))
    assert lib.sp_settings_validate(ffi.addressof(state, "settings")) == 0
    list(sensor.records(noise(0.1)))


@pytest.mark.parametrize(
    ("region", "data_rate"), [("EU868", 0), ("US915", 0), ("AU915", 2), ("AS923", 2), ("IN865", 5)]
)
def test_every_region_sends(region: str, data_rate: int) -> None:
    sensor = Sensor(MODEL, QUICK, region, data_rate)
    found = list(sensor.records(noise(25)))
    frames = of_type(found, "frame")
    # a summary does not fit the 11 bytes of US915's slowest data rate
    assert any(f["port"] == Port.SUMMARY for f in frames) == ((region, data_rate) != ("US915", 0))
    assert all(f["dr"] == data_rate for f in frames)


def test_regions_and_data_rates_that_do_not_exist_are_named() -> None:
    with pytest.raises(UserError, match="ATLANTIS"):
        Sensor(MODEL, region="ATLANTIS")
    with pytest.raises(UserError, match="EU868"):
        Sensor(MODEL, data_rate=14)


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
def test_columns_that_are_kept_have_their_level(normalisation: Normalisation) -> None:
    recipe = replace(MODEL.recipe, normalisation=normalisation)
    sensor, pcm = Sensor(Model(MODEL.folder, recipe), keep_columns=True), noise(3)
    for _ in sensor.lines(pcm):
        pass
    assert np.array_equal(sensor.take_columns(), recording_columns(MODEL.tables, pcm))


def test_columns_are_kept_only_for_who_asks() -> None:
    asked, plain = Sensor(MODEL, keep_columns=True), Sensor(MODEL)
    for sensor in (asked, plain):
        list(sensor.lines(noise(2)))
    config = MODEL.recipe.frontend
    expected = recording_columns(MODEL.tables, noise(2))
    kept = asked.take_columns()
    assert kept.shape[1] == config.bands
    np.testing.assert_array_equal(kept, expected[: len(kept)])
    assert len(kept) >= len(expected) - 1
    assert len(asked.take_columns()) == len(plain.take_columns()) == 0
