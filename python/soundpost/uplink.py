# SPDX-License-Identifier: Apache-2.0
"""Uplink frames: a decoder in pure Python, and the regional figures of core/uplink.

The layout of the frames is that of soundpost/uplink.h. The decoder reads that layout and shares no
code with core/, so that either can be checked against the other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from itertools import takewhile
from typing import Any

from soundpost._core import ffi, lib
from soundpost.errors import UserError
from soundpost.settings import known_settings

FRAME_VERSION = 1
CLASS_UNKNOWN = 14
CLASS_NONE = 15
OCTAVE_BANDS_HZ = (31.5, 63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0)

_OVERLOAD, _UNDER_RANGE, _SYNCHRONISED, _GAP = 1, 2, 4, 8
_ASK = 0x80
_HEADER_BYTES, _RECORD_BYTES, _RECORDS_MAX, _ANSWERS_MAX = 4, 8, 29, 32


class FrameError(UserError):
    """A frame that is none: of no known port, version or length, or with an impossible field."""


class Port(IntEnum):
    """fPort of a frame."""

    SUMMARY = 1
    EVENT = 2
    OCTAVE = 3
    DIAGNOSTIC = 4
    SETTINGS = 10


class Reset(IntEnum):
    """Why the sensor began anew; enum sp_reset."""

    UNKNOWN = 0
    POWER = 1
    PIN = 2
    SOFTWARE = 3
    BROWNOUT = 4
    FAULT = 5
    WATCHDOG = 6
    LOCKUP = 7


class Fault(IntEnum):
    """What ended the last run; enum sp_fault."""

    NONE = 0
    EXCEPTION = 1
    SPURIOUS_IRQ = 2
    STACK = 3
    OOPS = 4
    PANIC = 5
    MEMORY = 6
    BUS = 7
    USAGE = 8
    STALL = 9


class Part(IntEnum):
    """A part of the firmware; enum sp_part."""

    NONE = 0
    AUDIO = 1
    SENSING = 2
    UPLINK = 3
    OTHER = 4


class SettingStatus(IntEnum):
    """How an entry of a settings downlink fared."""

    OK = 0
    UNKNOWN_KEY = 1
    OUT_OF_RANGE = 2
    TRUNCATED = 3
    TOO_MANY = 4
    NOT_KEPT = 5


@dataclass(frozen=True)
class SummaryRecord:
    """One interval: levels in dB (0 to 127.5, steps of 0.5), confidence 0 to 15/16 rounded down.

    `events` 255 and `active_s` 65535 mean that many or more.
    """

    laeq: float
    lafmax: float
    laf10: float
    laf90: float
    class_id: int
    confidence: float
    events: int
    active_s: int


@dataclass(frozen=True)
class SummaryFrame:
    """fPort 1: intervals in a row, each as long as the sensor's setting interval_s.

    `minute` is that of the first record's start, modulo 65536, from 1970-01-01T00:00Z if
    `synchronised`, else from the sensor's start. `gap`: the first record does not follow the last
    one of the frame before. `battery`: 0 external supply, 1 to 254 level, 255 unknown.
    """

    overload: bool
    under_range: bool
    synchronised: bool
    gap: bool
    minute: int
    battery: int
    records: tuple[SummaryRecord, ...]


@dataclass(frozen=True)
class EventFrame:
    """fPort 2: levels in dB; `start_s` modulo 2^24, from 1970-01-01T00:00Z if `synchronised`."""

    synchronised: bool
    class_id: int
    confidence: float
    start_s: int
    duration_s: float
    lafmax: float
    lae: float


@dataclass(frozen=True)
class OctaveFrame:
    """fPort 3: LZeq in dB of the bands OCTAVE_BANDS_HZ."""

    overload: bool
    under_range: bool
    lzeq: tuple[float, ...]


@dataclass(frozen=True)
class DiagnosticFrame:
    """fPort 4, once after a reset that nobody asked for.

    `uptime_min` is that of the run that ended (65535: that long or longer, or unknown); `resets`
    counts such resets since power-on (15: that many or more); `program_counter` is an address in
    the firmware of `version`, 0 where there was none.
    """

    reset: Reset
    fault: Fault
    part: Part
    program_counter: int
    uptime_min: int
    resets: int
    version: str


@dataclass(frozen=True)
class SettingAnswer:
    """One answer: the status of an entry, and the value if it asked for one."""

    key: int
    status: SettingStatus
    value: int | None


@dataclass(frozen=True)
class AnswerFrame:
    """fPort 10: answers to a settings downlink, in its order."""

    answers: tuple[SettingAnswer, ...]


Frame = SummaryFrame | EventFrame | OctaveFrame | DiagnosticFrame | AnswerFrame


def decode(port: int, payload: bytes) -> Frame:
    """Read a frame.

    Args:
        port: fPort, 1 to 223.
        payload: the application payload, 0 to 242 bytes.

    Raises:
        FrameError: if the port has no frames, or the payload is none of its frames.
    """
    match port:
        case Port.SUMMARY:
            return _decode_summary(payload)
        case Port.EVENT:
            return _decode_event(payload)
        case Port.OCTAVE:
            return _decode_octave(payload)
        case Port.DIAGNOSTIC:
            return _decode_diagnostic(payload)
        case Port.SETTINGS:
            return _decode_answer(payload)
    ports = ", ".join(f"{p.value} ({p.name.lower()})" for p in Port)
    raise FrameError(f"fPort {port} carries no frame; there are {ports}")


def encode_settings(values: Mapping[str, int], ask: Iterable[str] = ()) -> bytes:
    """The fPort 10 downlink that sets `values` and asks for the settings named in `ask`.

    The sensor applies them in order, and checks ranges itself.

    Raises:
        UserError: if a name is unknown, a value no int16, or there are too many entries.
    """
    keys = {info.name: info.key for info in known_settings()}
    payload = b""
    for name, value in values.items():
        if not -(2**15) <= value < 2**15:
            raise UserError(f"setting {name} is {value}, which does not fit 16 bits")
        payload += bytes([_key(keys, name)]) + value.to_bytes(2, "big", signed=True)
    asked = [_key(keys, name) | _ASK for name in ask]
    if len(values) + len(asked) > lib.SP_DOWNLINK_ENTRIES_MAX:
        raise UserError(f"a downlink holds at most {lib.SP_DOWNLINK_ENTRIES_MAX} entries")
    return payload + bytes(asked)


def _key(keys: Mapping[str, int], name: str) -> int:
    if name not in keys:
        raise UserError(f"unknown setting {name}; there are {', '.join(sorted(keys))}")
    return keys[name]


def regions() -> list[str]:
    """Names of the LoRaWAN regions, in the order of enum sp_region."""
    names = takewhile(lambda name: name != ffi.NULL, map(lib.sp_region_name, range(256)))
    return [ffi.string(name).decode() for name in names]


def make_link(
    region: str,
    data_rate: int,
    *,
    dwell_limited: bool = False,
    fopts_bytes: int = 0,
    battery: int = lib.SP_BATTERY_UNKNOWN,
) -> Any:
    """A `struct sp_link *`.

    Args:
        region: one of regions().
        data_rate: uplink data rate of that region.
        dwell_limited: whether the network asks for a dwell time of 400 ms (AU915, AS923).
        fopts_bytes: bytes of MAC commands with each frame, 0 to 15.
        battery: 0 external supply, 1 to 254 level, 255 unknown.

    Raises:
        UserError: if the region has no such data rate, or an argument is out of range.
    """
    if region not in regions():
        raise UserError(f"unknown region {region}; there are {', '.join(regions())}")
    if not (0 <= data_rate <= 15 and 0 <= fopts_bytes <= 15 and 0 <= battery <= 255):
        raise UserError(
            f"data rate {data_rate}, MAC options {fopts_bytes} or battery {battery} is out of"
            " range; these go from 0 to 15, 15 and 255"
        )
    link = ffi.new("struct sp_link *")
    link.region = regions().index(region)
    link.data_rate = data_rate
    link.dwell_limited = dwell_limited
    link.fopts_bytes = fopts_bytes
    link.battery = battery
    if lib.sp_link_payload_max(link) < 0:
        dwell = " under a dwell time limit" if dwell_limited else ""
        raise UserError(
            f"{region} has no uplink data rate {data_rate}{dwell}; "
            f"there are {', '.join(map(str, _data_rates(link)))}"
        )
    return link


def data_rates(region: str) -> list[int]:
    """Uplink data rates of a region, without a limit of dwell time.

    Raises:
        UserError: if there is no such region.
    """
    return _data_rates(make_link(region, 2))


def _data_rates(link: Any) -> list[int]:
    """Those that the region of `link` has; leaves the last one in it."""
    found = []
    for data_rate in range(16):
        link.data_rate = data_rate
        if lib.sp_link_payload_max(link) >= 0:
            found.append(data_rate)
    return found


def _head(payload: bytes, allowed: int) -> int:
    """The flags of byte 0, once version and flags are checked."""
    if not payload:
        raise FrameError("the frame is empty")
    version, flags = payload[0] >> 4, payload[0] & 15
    if version != FRAME_VERSION:
        raise FrameError(
            f"the frame is of version {version}; this decoder reads version {FRAME_VERSION}"
        )
    if flags & ~allowed:
        raise FrameError(f"the frame has flags 0x{flags:x}, of which this port has 0x{allowed:x}")
    return flags


def _decode_summary(payload: bytes) -> SummaryFrame:
    flags = _head(payload, _OVERLOAD | _UNDER_RANGE | _SYNCHRONISED | _GAP)
    count, rest = divmod(len(payload) - _HEADER_BYTES, _RECORD_BYTES)
    if rest or not 1 <= count <= _RECORDS_MAX:
        raise FrameError(
            f"a summary frame is 4 + 8 N bytes, N from 1 to {_RECORDS_MAX}; this is {len(payload)}"
        )
    records = []
    for at in range(_HEADER_BYTES, len(payload), _RECORD_BYTES):
        record = payload[at : at + _RECORD_BYTES]
        records.append(
            SummaryRecord(
                laeq=record[0] / 2,
                lafmax=record[1] / 2,
                laf10=record[2] / 2,
                laf90=record[3] / 2,
                class_id=record[4] >> 4,
                confidence=(record[4] & 15) / 16,
                events=record[5],
                active_s=int.from_bytes(record[6:8], "big"),
            )
        )
    return SummaryFrame(
        overload=bool(flags & _OVERLOAD),
        under_range=bool(flags & _UNDER_RANGE),
        synchronised=bool(flags & _SYNCHRONISED),
        gap=bool(flags & _GAP),
        minute=int.from_bytes(payload[1:3], "big"),
        battery=payload[3],
        records=tuple(records),
    )


def _decode_event(payload: bytes) -> EventFrame:
    flags = _head(payload, _SYNCHRONISED)
    if len(payload) != 9:
        raise FrameError(f"an event frame is 9 bytes; this is {len(payload)}")
    if payload[1] >> 4 > CLASS_UNKNOWN:
        raise FrameError("an event frame of class 15 (none), which no event has")
    return EventFrame(
        synchronised=bool(flags & _SYNCHRONISED),
        class_id=payload[1] >> 4,
        confidence=(payload[1] & 15) / 16,
        start_s=int.from_bytes(payload[2:5], "big"),
        duration_s=int.from_bytes(payload[5:7], "big") / 10,
        lafmax=payload[7] / 2,
        lae=payload[8] / 2,
    )


def _decode_octave(payload: bytes) -> OctaveFrame:
    flags = _head(payload, _OVERLOAD | _UNDER_RANGE)
    if len(payload) != 1 + len(OCTAVE_BANDS_HZ):
        raise FrameError(f"an octave band frame is 9 bytes; this is {len(payload)}")
    return OctaveFrame(
        overload=bool(flags & _OVERLOAD),
        under_range=bool(flags & _UNDER_RANGE),
        lzeq=tuple(level / 2 for level in payload[1:]),
    )


def _decode_diagnostic(payload: bytes) -> DiagnosticFrame:
    _head(payload, 0)
    if len(payload) != 11:
        raise FrameError(f"a diagnostic frame is 11 bytes; this is {len(payload)}")
    version = int.from_bytes(payload[9:11], "big")
    try:
        return DiagnosticFrame(
            reset=Reset(payload[1] >> 4),
            fault=Fault(payload[1] & 15),
            part=Part(payload[8] >> 4),
            program_counter=int.from_bytes(payload[2:6], "big"),
            uptime_min=int.from_bytes(payload[6:8], "big"),
            resets=payload[8] & 15,
            version=f"{version >> 12}.{version >> 6 & 63}.{version & 63}",
        )
    except ValueError as error:
        raise FrameError(f"a diagnostic frame with a field that is none: {error}") from None


def _decode_answer(payload: bytes) -> AnswerFrame:
    _head(payload, 0)
    answers: list[SettingAnswer] = []
    at = 1
    while at < len(payload):
        key, size = payload[at] & ~_ASK, 3 if payload[at] & _ASK else 2
        rest = payload[at + 1 : at + size]
        if len(rest) < size - 1:
            raise FrameError(f"the answer frame ends within the answer to key {key}")
        if size == 3:
            value = int.from_bytes(rest, "big", signed=True)
            answers.append(SettingAnswer(key, SettingStatus.OK, value))
        elif rest[0] > max(SettingStatus):
            raise FrameError(f"the answer to key {key} has the status {rest[0]}, which is none")
        else:
            answers.append(SettingAnswer(key, SettingStatus(rest[0]), None))
        at += size
    if not 1 <= len(answers) <= _ANSWERS_MAX:
        raise FrameError(
            f"an answer frame holds 1 to {_ANSWERS_MAX} answers; this has {len(answers)}"
        )
    return AnswerFrame(tuple(answers))
