# SPDX-License-Identifier: Apache-2.0
"""WAV headers, read forwards only, so that a pipe without end will do.

Format: Multimedia Programming Interface and Data Specifications 1.0 (IBM and Microsoft, 1991) and
WAVEFORMATEXTENSIBLE (Microsoft). Everything in a header is taken for hostile.
"""

import struct
from typing import IO, NamedTuple

from soundpost.audio.pcm import FORMATS, SampleFormat
from soundpost.audio.reader import check_layout
from soundpost.errors import UserError

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
# what follows the first two bytes of a subformat GUID that stands for a plain format tag
GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
# ffmpeg writes 0xFFFFFFFF into a pipe, arecord 0x7FFFFF00, sox 0x7FFFF000, others 0: no end known
ENDLESS = 0x7FFFF000
MAX_CHUNKS = 10_000


class WavHeader(NamedTuple):
    """What precedes the samples.

    Attributes:
        sample: format of a sample, None if the format tag is none that we decode.
        tag: the format tag.
        rate: Hz.
        channels: interleaved.
        size: bytes of samples, None if the header leaves it open.
    """

    sample: SampleFormat | None
    tag: int
    rate: int
    channels: int
    size: int | None


def read_header(name: str, stream: IO[bytes]) -> WavHeader:
    """Read `stream`, whose first 12 bytes (RIFF … WAVE) are gone, up to the first sample.

    Raises:
        UserError: if it ends before its samples, or contradicts itself.
    """
    layout: WavHeader | None = None
    for _ in range(MAX_CHUNKS):
        head = stream.read(8)
        if len(head) < 8:
            raise UserError(f"{name}: the WAV header ends before any samples; record it again")
        kind, size = head[:4], int.from_bytes(head[4:], "little")
        if kind == b"data":
            if layout is None:
                raise UserError(f"{name}: WAV without a fmt chunk; convert the recording again")
            open_end = size == 0 or size >= ENDLESS
            return layout._replace(size=None if open_end else size)
        body = stream.read(min(size, 40)) if kind == b"fmt " else b""
        if kind == b"fmt ":
            layout = _parse_format(name, body)
        _skip(stream, size + size % 2 - len(body))
    raise UserError(f"{name}: over {MAX_CHUNKS} chunks and no samples; this is not a recording")


def _skip(stream: IO[bytes], count: int) -> None:
    while count > 0:
        got = len(stream.read(min(count, 65536)))
        if not got:
            return
        count -= got


def _parse_format(name: str, body: bytes) -> WavHeader:
    if len(body) < 16:
        raise UserError(f"{name}: the WAV fmt chunk is cut short; convert the recording again")
    tag, channels, rate, _, align, bits = struct.unpack("<HHIIHH", body[:16])
    if tag == EXTENSIBLE and len(body) == 40 and body[26:] == GUID_TAIL:
        tag = int.from_bytes(body[24:26], "little")
    check_layout(name, rate, channels)
    size = (bits + 7) // 8
    known = {
        (PCM, 1): "u8",
        (PCM, 2): "s16le",
        (PCM, 3): "s24le",
        (PCM, 4): "s32le",
        (FLOAT, 4): "f32le",
        (FLOAT, 8): "f64le",
    }.get((tag, size))
    if known and align != size * channels:
        raise UserError(
            f"{name}: the WAV header contradicts itself: {channels} channels of {bits} bits "
            f"in {align} bytes; convert the recording again"
        )
    return WavHeader(FORMATS[known] if known else None, tag, rate, channels, None)
