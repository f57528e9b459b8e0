# SPDX-License-Identifier: Apache-2.0
import errno
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from soundpost._core import ffi, lib

from soundpost.errors import UserError
from soundpost.settings import known_settings, make_settings
from soundpost.uplink import (
    AnswerFrame,
    DiagnosticFrame,
    EventFrame,
    FrameError,
    OctaveFrame,
    SummaryFrame,
    decode,
    encode_settings,
)

deterministic = settings(derandomize=True, deadline=None, max_examples=300)
bytes_ = st.integers(0, 255)
nibbles = st.integers(0, 15)
LEVELS = ("laeq", "lafmax", "laf10", "laf90")
DECODERS = {
    1: (lib.sp_summary_decode, "struct sp_summary_frame *"),
    2: (lib.sp_event_decode, "struct sp_event_frame *"),
    3: (lib.sp_octave_decode, "struct sp_octave_frame *"),
    4: (lib.sp_diagnostic_decode, "struct sp_diagnostic_frame *"),
    10: (lib.sp_answer_decode, "struct sp_answer_frame *"),
}


def encode(function: Any, struct: Any) -> bytes:
    out = ffi.new("uint8_t[]", lib.SP_PAYLOAD_MAX)
    length = function(struct, out, lib.SP_PAYLOAD_MAX)
    assert length > 0
    return bytes(out[0:length])


def c_decode(port: int, payload: bytes) -> tuple[int, Any]:
    function, struct = DECODERS[port]
    frame = ffi.new(struct)
    return function(frame, payload, len(payload)), frame


def same(c: Any, frame: Any) -> bool:
    """Whether the C struct and the Python frame say the same."""
    match frame:
        case SummaryFrame():
            records = c.records[0 : c.count]
            return (
                (frame.minute, frame.battery) == (c.minute, c.battery)
                and [frame.overload, frame.under_range, frame.synchronised, frame.gap]
                == [bool(c.flags & 1 << bit) for bit in range(4)]
                and len(frame.records) == c.count
                and all(
                    [getattr(r, name) * 2 for name in LEVELS]
                    == [getattr(s, name) for name in LEVELS]
                    and (r.class_id, r.confidence * 16) == (s.class_id, s.confidence)
                    and (r.events, r.active_s) == (s.events, s.active_s)
                    for r, s in zip(frame.records, records, strict=True)
                )
            )
        case EventFrame():
            return (
                frame.synchronised == bool(c.flags)
                and (frame.class_id, frame.confidence * 16) == (c.class_id, c.confidence)
                and (frame.start_s, frame.duration_s) == (c.start_s, c.duration_ds / 10)
                and (frame.lafmax * 2, frame.lae * 2) == (c.lafmax, c.lae)
            )
        case OctaveFrame():
            return [frame.overload, frame.under_range] == [
                bool(c.flags & 1),
                bool(c.flags & 2),
            ] and [level * 2 for level in frame.lzeq] == list(c.lzeq)
        case DiagnosticFrame():
            version = f"{c.version_major}.{c.version_minor}.{c.version_patch}"
            return (frame.reset, frame.fault, frame.part, frame.resets, frame.version) == (
                c.reset,
                c.fault,
                c.part,
                c.resets,
                version,
            ) and (frame.program_counter, frame.uptime_min) == (c.program_counter, c.uptime_min)
        case AnswerFrame():
            return [(a.key, a.status, a.value) for a in frame.answers] == [
                (a.key, a.status, a.value if a.has_value else None) for a in c.answers[0 : c.count]
            ]
    return False


@deterministic
@given(
    st.fixed_dictionaries(
        {
            "flags": nibbles,
            "minute": st.integers(0, 65535),
            "battery": bytes_,
            "records": st.lists(
                st.fixed_dictionaries(
                    {
                        **dict.fromkeys((*LEVELS, "events"), bytes_),
                        "class_id": nibbles,
                        "confidence": nibbles,
                        "active_s": st.integers(0, 65535),
                    }
                ),
                min_size=1,
                max_size=29,
            ),
        }
    )
)
def test_summaries_of_c_are_read_by_python(fields: dict[str, Any]) -> None:
    count = len(fields["records"])
    struct = ffi.new("struct sp_summary_frame *", {**fields, "count": count})
    payload = encode(lib.sp_summary_encode, struct)
    assert len(payload) == 4 + 8 * count
    assert same(struct, decode(1, payload))


@deterministic
@given(
    st.fixed_dictionaries(
        {
            "flags": st.sampled_from([0, 4]),
            "class_id": st.integers(0, 14),
            "confidence": nibbles,
            "lafmax": bytes_,
            "lae": bytes_,
            "duration_ds": st.integers(0, 65535),
            "start_s": st.integers(0, 2**24 - 1),
        }
    )
)
def test_events_of_c_are_read_by_python(fields: dict[str, int]) -> None:
    struct = ffi.new("struct sp_event_frame *", fields)
    payload = encode(lib.sp_event_encode, struct)
    assert len(payload) <= 10
    assert same(struct, decode(2, payload))


@deterministic
@given(st.integers(0, 3), st.lists(bytes_, min_size=8, max_size=8))
def test_octave_bands_of_c_are_read_by_python(flags: int, lzeq: list[int]) -> None:
    struct = ffi.new("struct sp_octave_frame *", {"flags": flags, "lzeq": lzeq})
    payload = encode(lib.sp_octave_encode, struct)
    assert len(payload) == 9
    assert same(struct, decode(3, payload))


@deterministic
@given(
    st.fixed_dictionaries(
        {
            "reset": st.integers(0, 7),
            "fault": st.integers(0, 9),
            "part": st.integers(0, 4),
            "program_counter": st.integers(0, 2**32 - 1),
            "uptime_min": st.integers(0, 65535),
            "resets": nibbles,
            "version_major": nibbles,
            "version_minor": st.integers(0, 63),
            "version_patch": st.integers(0, 63),
        }
    )
)
def test_diagnostics_of_c_are_read_by_python(fields: dict[str, int]) -> None:
    struct = ffi.new("struct sp_diagnostic_frame *", fields)
    payload = encode(lib.sp_diagnostic_encode, struct)
    # US915 DR0 takes 11 bytes
    assert len(payload) == 11
    assert same(struct, decode(4, payload))


@settings(deterministic, max_examples=2000)
@given(
    st.sampled_from([1, 2, 3, 4, 10]),
    st.one_of(
        st.binary(max_size=60),
        st.builds(bytes.__add__, st.sampled_from([b"\x10", b"\x14"]), st.binary(max_size=40)),
        st.builds(
            bytes.__add__, st.sampled_from([b"\x10", b"\x14"]), st.binary(min_size=8, max_size=8)
        ),
        st.binary(min_size=10, max_size=10).map(lambda rest: b"\x10" + rest),
        st.lists(nibbles, max_size=30).map(lambda values: b"\x10" + bytes(values)),
    ),
)
def test_c_and_python_agree_on_any_bytes(port: int, payload: bytes) -> None:
    ret, struct = c_decode(port, payload)
    if ret == 0:
        assert same(struct, decode(port, payload))
    else:
        assert -ret in (errno.EPROTONOSUPPORT, errno.EMSGSIZE, errno.EINVAL)
        with pytest.raises(FrameError):
            decode(port, payload)


@pytest.mark.parametrize("port", [0, 5, 9, 11, 223])
def test_other_ports_are_refused(port: int) -> None:
    with pytest.raises(FrameError, match=f"fPort {port}"):
        decode(port, b"\x10\x00")


def test_encoders_refuse_fields_out_of_range() -> None:
    out = ffi.new("uint8_t[]", lib.SP_PAYLOAD_MAX)
    size = lib.SP_PAYLOAD_MAX
    record = {"class_id": 16}
    for fields in ({"count": 0}, {"count": 30}, {"count": 1, "flags": 16}):
        struct = ffi.new("struct sp_summary_frame *", fields)
        assert lib.sp_summary_encode(struct, out, size) == -errno.EINVAL
    struct = ffi.new("struct sp_summary_frame *", {"count": 1, "records": [record]})
    assert lib.sp_summary_encode(struct, out, size) == -errno.EINVAL
    for fields in ({"flags": 1}, {"class_id": 15}, {"confidence": 16}, {"start_s": 2**24}):
        struct = ffi.new("struct sp_event_frame *", fields)
        assert lib.sp_event_encode(struct, out, size) == -errno.EINVAL
    struct = ffi.new("struct sp_octave_frame *", {"flags": 4})
    assert lib.sp_octave_encode(struct, out, size) == -errno.EINVAL
    for fields in (
        {"reset": 8},
        {"fault": 10},
        {"part": 5},
        {"resets": 16},
        {"version_major": 16},
        {"version_minor": 64},
        {"version_patch": 64},
    ):
        struct = ffi.new("struct sp_diagnostic_frame *", fields)
        assert lib.sp_diagnostic_encode(struct, out, size) == -errno.EINVAL
    for answer in ({"key": 128}, {"status": 6}, {"value": 1}, {"has_value": True, "status": 1}):
        struct = ffi.new("struct sp_answer_frame *", {"count": 1, "answers": [answer]})
        assert lib.sp_answer_encode(struct, out, size) == -errno.EINVAL


def test_encoders_refuse_a_short_buffer() -> None:
    out = ffi.new("uint8_t[]", 8)
    assert lib.sp_event_encode(ffi.new("struct sp_event_frame *"), out, 8) == -errno.ENOBUFS
    assert lib.sp_octave_encode(ffi.new("struct sp_octave_frame *"), out, 8) == -errno.ENOBUFS
    diagnostic = ffi.new("struct sp_diagnostic_frame *")
    assert lib.sp_diagnostic_encode(diagnostic, out, 8) == -errno.ENOBUFS
    answers = ffi.new("struct sp_answer_frame *", {"count": 4})
    assert lib.sp_answer_encode(answers, out, 8) == -errno.ENOBUFS


@deterministic
@given(st.integers(-(2**31), 2**31 - 1) | st.integers(-200, 13000))
def test_levels_are_rounded_to_nearest(cdb: int) -> None:
    half_db = int((Decimal(max(cdb, 0)) / 50).to_integral_value(ROUND_HALF_UP))
    assert lib.sp_level_byte(cdb) == min(half_db, 255)


@deterministic
@given(
    st.integers(0, 15),
    st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=14),
    st.integers(0, 65535),
    bytes_,
)
def test_class_summaries_saturate(
    top_class: int, active: list[int], events: int, confidence: int
) -> None:
    level = ffi.new("struct sp_level_summary *", {"samples": 16000})
    classes = ffi.new(
        "struct sp_class_summary *",
        {"active": active, "events": events, "top_class": top_class, "confidence": confidence},
    )
    record = ffi.new("struct sp_summary_record *")
    assert lib.sp_summary_record(record, level, classes) == 0
    seconds = (active[top_class] + 8000) // 16000 if top_class < 14 else 0
    assert record.active_s == min(seconds, 65535)
    assert record.events == min(events, 255)
    assert (record.class_id, record.confidence) == (top_class, confidence // 16)


@deterministic
@given(st.integers(0, 14), bytes_, st.integers(0, 16000 * (2**32 - 1)), st.integers(0, 2**32 - 1))
def test_events_saturate(class_id: int, confidence: int, start: int, duration: int) -> None:
    event = ffi.new(
        "struct sp_event *",
        {"start": start, "duration": duration, "class_id": class_id, "confidence": confidence},
    )
    frame = ffi.new("struct sp_event_frame *")
    assert lib.sp_event_frame(frame, event) == 0
    assert frame.duration_ds == min((duration + 800) // 1600, 65535)
    assert frame.start_s == start // 16000
    assert (frame.class_id, frame.confidence) == (class_id, confidence // 16)


def test_every_setting_can_be_set_and_asked_for() -> None:
    values = {info.name: info.default for info in known_settings()}
    assert all(0 < info.key < 128 for info in known_settings())
    assert len(values) <= lib.SP_DOWNLINK_ENTRIES_MAX
    uplink = ffi.new("struct sp_uplink *")
    changed = make_settings()
    assert lib.sp_uplink_init(uplink, changed) == 0
    downlink = encode_settings(values)
    assert lib.sp_uplink_downlink(uplink, 10, downlink, len(downlink), changed) == len(values)
    lib.sp_uplink_init(uplink, changed)
    downlink = encode_settings({}, ask=values)
    assert lib.sp_uplink_downlink(uplink, 10, downlink, len(downlink), changed) == 0
    answer = decode(10, b"\x10" + bytes(uplink.answer[0 : uplink.answer_length]))
    assert isinstance(answer, AnswerFrame)
    assert [a.value for a in answer.answers] == list(values.values())


def test_downlinks_that_make_no_sense_are_refused() -> None:
    with pytest.raises(UserError, match="unknown setting volume"):
        encode_settings({"volume": 1})
    with pytest.raises(UserError, match="unknown setting volume"):
        encode_settings({}, ask=["volume"])
    with pytest.raises(UserError, match="16 bits"):
        encode_settings({"interval_s": 70000})
    with pytest.raises(UserError, match="at most 16"):
        encode_settings({"interval_s": 60}, ask=["interval_s"] * 16)
