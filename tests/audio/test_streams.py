# SPDX-License-Identifier: Apache-2.0
"""Standard input, pipes and hostile WAV headers."""

import contextlib
import io
import itertools
import os
import struct
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundpost.audio import RawFormat, open_audio
from soundpost.errors import UserError


def wav(
    body=b"", *, tag=1, channels=1, rate=16000, bits=16, align=None, size=None, before=b"", fmt=b""
):
    align = channels * ((bits + 7) // 8) if align is None else align
    layout = struct.pack("<HHIIHH", tag, channels, rate, rate * align & 0xFFFFFFFF, align, bits)
    layout += fmt
    data = struct.pack("<I", len(body) if size is None else size)
    head = b"fmt " + struct.pack("<I", len(layout)) + layout
    return b"RIFF\xff\xff\xff\xffWAVE" + before + head + b"data" + data + body


@pytest.fixture
def read_stdin(monkeypatch):
    def read(data, **options):
        stream = data if hasattr(data, "read") else io.BytesIO(data)
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stream, isatty=lambda: False))
        with open_audio("-", **options) as source:
            return np.concatenate(list(source)), source

    return read


PCM = np.arange(-5000, 5000).astype("<i2")


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFF00, 0x7FFFF000])
def test_stream_without_a_known_end(read_stdin, size):
    pcm, source = read_stdin(wav(PCM.tobytes(), size=size))
    np.testing.assert_array_equal(pcm, PCM)
    assert source.duration is None
    assert source.warnings == []


def test_what_follows_the_samples_is_left_alone(read_stdin):
    pcm, source = read_stdin(wav(PCM.tobytes(), size=2000) + b"LIST\x04\0\0\0abcd")
    np.testing.assert_array_equal(pcm, PCM[:1000])
    assert source.duration == 1000 / 16000


def test_odd_chunks_are_padded(read_stdin):
    chunk = b"LIST\x03\0\0\0abc\0" + b"bext\x02\0\0\0ab"
    np.testing.assert_array_equal(read_stdin(wav(PCM.tobytes(), before=chunk))[0], PCM)


def test_extensible(read_stdin):
    guid = bytes.fromhex("000000001000800000aa00389b71")
    extension = struct.pack("<HHIH", 22, 24, 4, 1) + guid
    wide = np.zeros((len(PCM), 3), np.uint8)
    wide[:, 1:] = PCM.view(np.uint8).reshape(-1, 2)
    data = wav(wide.tobytes(), tag=0xFFFE, bits=24, fmt=extension)
    np.testing.assert_array_equal(read_stdin(data)[0], PCM)
    with pytest.raises(UserError, match="0xfffe"):
        read_stdin(wav(wide.tobytes(), tag=0xFFFE, bits=24, fmt=extension[:-1] + b"x"))


def test_early_end_is_a_warning(read_stdin):
    pcm, source = read_stdin(wav(PCM.tobytes()[:-1], size=40_000))
    np.testing.assert_array_equal(pcm, PCM[:-1])
    assert "header promises 1.2 s, standard input holds 0.6 s" in source.warnings[0]


def test_endless_stream_in_constant_memory():
    class Endless:
        def __init__(self):
            self.head = io.BytesIO(wav(size=0xFFFFFFFF))

        def read(self, count):
            return self.head.read(count) or bytes(count)

        def close(self):
            pass

    stdin, sys.stdin = sys.stdin, SimpleNamespace(buffer=Endless(), isatty=lambda: False)
    try:
        with open_audio("-") as source:
            lengths = {len(block) for block in itertools.islice(source, 5000)}
    finally:
        sys.stdin = stdin
    assert lengths == {2000}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"RIFF", "no WAV stream"),
        (b"fLaC" + bytes(100), "no WAV stream"),
        (b"hello, this is text\n", "no WAV stream"),
        (wav()[:12], "ends before any samples"),
        (wav()[:30], "fmt chunk is cut short"),
        (wav()[:40], "ends before any samples"),
        (wav(), "no samples"),
        (wav(PCM.tobytes(), rate=0), "sample rate 0 Hz"),
        (wav(PCM.tobytes(), rate=0xFFFFFFFF), "sample rate 4294967295 Hz"),
        (wav(PCM.tobytes(), channels=0), "0 channels"),
        (wav(PCM.tobytes(), channels=0xFFFF, align=4), "65535 channels"),
        (wav(PCM.tobytes(), align=3), "contradicts itself"),
        (wav(PCM.tobytes(), tag=2, bits=4), "WAV format 0x0002"),
        (wav(PCM.tobytes(), bits=0), "WAV format 0x0001"),
        (wav(PCM.tobytes(), bits=0xFFFF), "WAV format 0x0001"),
        (wav(PCM.tobytes(), tag=3, bits=16), "WAV format 0x0003"),
        (b"RIFF\0\0\0\0WAVEdata\x04\0\0\0abcd", "without a fmt chunk"),
        (b"RIFF\0\0\0\0WAVE" + b"junk\0\0\0\0" * 20_000, "10000 chunks"),
        (b"RIFF\0\0\0\0WAVELIST\xff\xff\xff\xffabc", "ends before any samples"),
    ],
)
def test_bad_streams_are_told(read_stdin, data, message):
    with pytest.raises(UserError, match=message) as told:
        read_stdin(data)
    assert "standard input" in str(told.value)
    assert "\n" not in str(told.value)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    position=st.integers(0, 43),
    junk=st.binary(min_size=1, max_size=6),
    cut=st.integers(0, 20_044),
)
def test_damaged_headers_never_crash(tmp_path_factory, position, junk, cut):
    data = bytearray(wav(PCM.tobytes()))
    data[position : position + len(junk)] = junk
    path = tmp_path_factory.getbasetemp() / "damaged.wav"
    path.write_bytes(data[:cut] if cut % 3 else data)
    with contextlib.suppress(UserError), open_audio(path) as source:
        for block in source:
            assert block.dtype == np.int16


def test_named_pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_bytes(wav(PCM.tobytes(), size=0)))
    writer.start()
    with open_audio(path) as source:
        np.testing.assert_array_equal(np.concatenate(list(source)), PCM)
    writer.join()


@pytest.mark.parametrize("sample", ["u8", "s16le", "s24le", "s32le", "f32le", "f64le"])
def test_raw_stream(read_stdin, sample):
    values = np.array([-1.0, -0.5, 0.0, 0.25, 0.5])
    raw = {
        "u8": (values * 128 + 128).astype("u1").tobytes(),
        "s16le": (values * 2**15).astype("<i2").tobytes(),
        "s24le": b"".join(int(v * 2**23).to_bytes(3, "little", signed=True) for v in values),
        "s32le": (values * 2**31).astype("<i4").tobytes(),
        "f32le": values.astype("<f4").tobytes(),
        "f64le": values.astype("<f8").tobytes(),
    }[sample]
    pcm, _ = read_stdin(raw, raw=RawFormat(sample, 16000))
    np.testing.assert_array_equal(pcm, values * 32768)


def test_raw_file_with_odd_bytes(tmp_path):
    (tmp_path / "a.raw").write_bytes(PCM.tobytes() + b"\0")
    with open_audio(tmp_path / "a.raw", raw=RawFormat("s16le", 16000)) as source:
        assert sum(map(len, source)) == len(PCM)
    assert source.warnings[0].startswith("ends within a sample")


@settings(derandomize=True, deadline=None)
@given(
    sample=st.sampled_from(["u8", "s16le", "f64le"]),
    rate=st.integers(1000, 768_000),
    channels=st.integers(1, 256),
)
def test_raw_format_round_trip(sample, rate, channels):
    raw = RawFormat(sample, rate, channels)
    assert RawFormat.parse(str(raw)) == raw


@pytest.mark.parametrize(
    "text",
    ["", "s16le", "s16le:", "s16le:x", "s16:16000", "s16le:1:1", "s16le:16000:0", "s16le:9:9:9",
     "s16le:16000:1:1", "s16le:" + "9" * 5000],
)  # fmt: skip
def test_bad_raw_format(text):
    with pytest.raises(UserError, match="raw format"):
        RawFormat.parse(text)


def test_terminal_is_refused(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=None, isatty=lambda: True))
    with pytest.raises(UserError, match="is a terminal"):
        open_audio("-")
