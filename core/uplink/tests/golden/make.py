# SPDX-License-Identifier: Apache-2.0
"""Golden frames, made by the C encoder; every other codec is checked against them.

    python core/uplink/tests/golden/make.py

writes frames.json beside this file: valid frames with what they say (the fields of
soundpost/uplink.py), and payloads that every decoder must refuse.
"""

import json
from pathlib import Path
from typing import Any

from soundpost._core import ffi, lib

HERE = Path(__file__).parent

FULL = {"laeq": 255, "lafmax": 255, "laf10": 255, "laf90": 255, "class_id": 13, "confidence": 15}
STREET = {"laeq": 124, "lafmax": 160, "laf10": 130, "laf90": 100, "class_id": 3, "confidence": 11}
QUIET = {"laeq": 61, "lafmax": 75, "laf10": 66, "laf90": 57, "class_id": 15}

SUMMARIES: dict[str, dict[str, Any]] = {
    "summary: the example of uplink.h": {
        "flags": 4,
        "minute": 20,
        "battery": 200,
        "records": [{**STREET, "events": 2, "active_s": 45}],
    },
    "summary: N = 4, after a gap, external supply": {
        "flags": 8,
        "minute": 256,
        "records": [
            QUIET,
            {**STREET, "events": 1, "active_s": 258},
            {**STREET, "class_id": 14, "confidence": 0, "events": 7},
            QUIET,
        ],
    },
    "summary: every field at its greatest": {
        "flags": 15,
        "minute": 65535,
        "battery": 255,
        "records": [{**FULL, "events": 255, "active_s": 65535}],
    },
    "summary: every field 0": {"records": [{}]},
    "summary: N = 29": {
        "flags": 3,
        "minute": 40000,
        "battery": 1,
        "records": [{**STREET, "laeq": 100 + i, "class_id": i % 16} for i in range(29)],
    },
}
EVENTS: dict[str, dict[str, Any]] = {
    "event: siren of 12.5 s": {
        "flags": 4,
        "class_id": 3,
        "confidence": 13,
        "start_s": 0x123456,
        "duration_ds": 125,
        "lafmax": 171,
        "lae": 180,
    },
    "event: unknown, every other field 0": {"class_id": 14},
    "event: every field at its greatest": {
        "flags": 4,
        "class_id": 14,
        "confidence": 15,
        "start_s": 2**24 - 1,
        "duration_ds": 65535,
        "lafmax": 255,
        "lae": 255,
    },
}
OCTAVES: dict[str, dict[str, Any]] = {
    "octave bands: falling": {"lzeq": [140, 133, 126, 119, 112, 105, 98, 91]},
    "octave bands: overload, under-range": {"flags": 3, "lzeq": [0, 255, 1, 2, 3, 4, 5, 6]},
}
DIAGNOSTICS: dict[str, dict[str, Any]] = {
    "diagnostic: bus fault of the sensing thread": {
        "reset": 5,
        "fault": 7,
        "part": 2,
        "program_counter": 0x0800_1234,
        "uptime_min": 4321,
        "resets": 1,
        "version_minor": 1,
    },
    "diagnostic: every field 0": {},
    "diagnostic: every field at its greatest": {
        "reset": 7,
        "fault": 9,
        "part": 4,
        "program_counter": 2**32 - 1,
        "uptime_min": 65535,
        "resets": 15,
        "version_major": 15,
        "version_minor": 63,
        "version_patch": 63,
    },
}
ANSWERS: dict[str, list[dict[str, Any]]] = {
    "answer: one of each status": [{"key": 1 + status, "status": status} for status in range(6)],
    "answer: values": [
        {"key": 1, "has_value": True, "value": 300},
        {"key": 99, "status": 1},
        {"key": 127, "has_value": True, "value": -32768},
    ],
}
REFUSED: list[tuple[str, int, str]] = [
    ("empty", 1, ""),
    ("summary: version 0", 1, "040014c87ca082643b02002d"),
    ("summary: version 2", 1, "240014c87ca082643b02002d"),
    ("summary: header alone", 1, "140014c8"),
    ("summary: a byte short", 1, "140014c87ca082643b0200"),
    ("summary: a byte long", 1, "140014c87ca082643b02002d00"),
    ("summary: N = 30", 1, "140014c8" + "7ca082643b02002d" * 30),
    ("event: a byte short", 2, "143d123456007dab"),
    ("event: a byte long", 2, "143d123456007dabb400"),
    ("event: class none", 2, "14fd123456007dabb4"),
    ("event: a flag of another port", 2, "153d123456007dabb4"),
    ("octave bands: a byte short", 3, "108c857e77706962"),
    ("octave bands: a flag of another port", 3, "148c857e777069625b"),
    ("diagnostic: a byte short", 4, "10570800123410e12100"),
    ("diagnostic: a byte long", 4, "10570800123410e121004000"),
    ("diagnostic: reset 8", 4, "10870800123410e1210040"),
    ("diagnostic: fault 10", 4, "105a0800123410e1210040"),
    ("diagnostic: part 5", 4, "10570800123410e1510040"),
    ("diagnostic: a flag", 4, "14570800123410e1210040"),
    ("answer: version byte alone", 10, "10"),
    ("answer: status missing", 10, "100100" + "02"),
    ("answer: value cut short", 10, "108101"),
    ("answer: status 6", 10, "100106"),
    ("answer: a flag", 10, "110100"),
]


def encoded(function: Any, struct: Any) -> str:
    """What an encoder of core/ makes of `struct`, in hex."""
    out = ffi.new("uint8_t[]", lib.SP_PAYLOAD_MAX)
    length = function(struct, out, lib.SP_PAYLOAD_MAX)
    if length < 0:
        raise ValueError(f"the encoder refused it with {length}")
    return bytes(out[0:length]).hex()


def summary(fields: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    struct = ffi.new("struct sp_summary_frame *", {**fields, "count": len(fields["records"])})
    records = [
        {
            **{name: getattr(r, name) / 2 for name in ("laeq", "lafmax", "laf10", "laf90")},
            "class_id": r.class_id,
            "confidence": r.confidence / 16,
            "events": r.events,
            "active_s": r.active_s,
        }
        for r in struct.records[0 : struct.count]
    ]
    flags = ("overload", "under_range", "synchronised", "gap")
    return encoded(lib.sp_summary_encode, struct), {
        **{name: bool(struct.flags & 1 << bit) for bit, name in enumerate(flags)},
        "minute": struct.minute,
        "battery": struct.battery,
        "records": records,
    }


def event(fields: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    struct = ffi.new("struct sp_event_frame *", fields)
    return encoded(lib.sp_event_encode, struct), {
        "synchronised": bool(struct.flags & 4),
        "class_id": struct.class_id,
        "confidence": struct.confidence / 16,
        "start_s": struct.start_s,
        "duration_s": struct.duration_ds / 10,
        "lafmax": struct.lafmax / 2,
        "lae": struct.lae / 2,
    }


def octave(fields: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    struct = ffi.new("struct sp_octave_frame *", fields)
    return encoded(lib.sp_octave_encode, struct), {
        "overload": bool(struct.flags & 1),
        "under_range": bool(struct.flags & 2),
        "lzeq": [level / 2 for level in struct.lzeq],
    }


def diagnostic(fields: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    struct = ffi.new("struct sp_diagnostic_frame *", fields)
    names = ("reset", "fault", "part", "program_counter", "uptime_min", "resets")
    return encoded(lib.sp_diagnostic_encode, struct), {
        **{name: getattr(struct, name) for name in names},
        "version": f"{struct.version_major}.{struct.version_minor}.{struct.version_patch}",
    }


def answer(entries: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    struct = ffi.new("struct sp_answer_frame *", {"count": len(entries), "answers": entries})
    answers = [
        {"key": a.key, "status": a.status, "value": a.value if a.has_value else None}
        for a in struct.answers[0 : struct.count]
    ]
    return encoded(lib.sp_answer_encode, struct), {"answers": answers}


def golden() -> str:
    """The text of frames.json."""
    frames = []
    for port, make, cases in (
        (1, summary, SUMMARIES),
        (2, event, EVENTS),
        (3, octave, OCTAVES),
        (4, diagnostic, DIAGNOSTICS),
        (10, answer, ANSWERS),
    ):
        for name, fields in cases.items():
            payload, decoded = make(fields)
            frames.append({"name": name, "port": port, "hex": payload, "decoded": decoded})
    refused = [{"name": name, "port": port, "hex": text} for name, port, text in REFUSED]
    made_by = "core/uplink/tests/golden/make.py"
    content = {"made_by": made_by, "license": "Apache-2.0", "frames": frames, "refused": refused}
    return json.dumps(content, indent=1) + "\n"


if __name__ == "__main__":
    (HERE / "frames.json").write_text(golden(), encoding="utf-8")
