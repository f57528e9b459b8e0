# SPDX-License-Identifier: Apache-2.0
"""Microphones, with sounddevice and arecord played by stand-ins."""

import itertools
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from soundpost.audio import microphones, open_microphone, write_wav
from soundpost.errors import UserError


class FakeStream:
    def __init__(self, samplerate, channels, dtype, device):
        self.active = True

    def start(self):
        pass

    def read(self, count):
        return np.full((count, 1), 0.25, np.float32), False

    def close(self):
        self.active = False


def query_devices(device=None, kind=None):
    devices = [
        {"name": "Loudspeaker", "max_input_channels": 0, "default_samplerate": 44100.0},
        {"name": "USB microphone", "max_input_channels": 1, "default_samplerate": 48000.0},
    ]
    if kind is None:
        return devices
    if device not in (None, "USB"):
        raise ValueError(f"No input device matching {device!r}")
    return devices[1]


@pytest.fixture
def sounddevice(monkeypatch):
    fake = SimpleNamespace(
        query_devices=query_devices, InputStream=FakeStream, PortAudioError=RuntimeError
    )
    monkeypatch.setitem(sys.modules, "sounddevice", fake)


@pytest.fixture
def arecord(monkeypatch, tmp_path):
    """Put a program of that name, running `script`, on the path; none if it is empty."""

    def install(script):
        monkeypatch.setitem(sys.modules, "sounddevice", None)
        if script:
            program = tmp_path / "arecord"
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/bin" if script else str(tmp_path))

    return install


def test_portaudio(sounddevice):
    assert microphones() == ["USB microphone"]
    with open_microphone("USB") as source:
        assert (source.rate, source.duration) == (48000, None)
        pcm = np.concatenate(list(itertools.islice(source, 10)))
    assert np.all(np.abs(pcm[2000:] - 8192) <= 1)
    with pytest.raises(UserError, match="No input device"):
        open_microphone("other")


def test_arecord(arecord, tmp_path):
    write_wav(tmp_path / "a.wav", np.arange(16000).astype(np.int16))
    arecord(f'cat "{tmp_path}/a.wav"')
    assert microphones() == []
    with open_microphone() as source:
        np.testing.assert_array_equal(np.concatenate(list(source)), np.arange(16000))


def test_arecord_fails(arecord):
    arecord("echo 'arecord: no soundcards found' >&2; exit 1")
    with pytest.raises(UserError, match="no soundcards found"):
        open_microphone("hw:9")


def test_nothing_to_record_with(arecord):
    arecord("")
    with pytest.raises(UserError, match=r"install soundpost\[mic\]"):
        open_microphone()
    with pytest.raises(UserError, match=r"install soundpost\[mic\]"):
        microphones()
