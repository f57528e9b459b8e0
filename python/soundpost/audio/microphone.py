# SPDX-License-Identifier: Apache-2.0
"""The microphone, through PortAudio (extra `mic`) or, without it, ALSA's arecord."""

import shutil
import subprocess
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np

from soundpost.audio.pcm import TOP_16, Signal
from soundpost.audio.reader import StreamReader
from soundpost.audio.source import SAMPLE_RATE, STREAM_BLOCK_S, AudioSource
from soundpost.audio.wav import read_header
from soundpost.errors import UserError


def microphones() -> list[str]:
    """Names of the microphones to choose from; empty if only arecord is there.

    Raises:
        UserError: if neither sounddevice nor arecord is installed.
    """
    sounddevice = _sounddevice()
    if sounddevice is None:
        _arecord()
        return []
    devices: list[dict[str, Any]] = list(sounddevice.query_devices())
    return [str(d["name"]) for d in devices if int(d["max_input_channels"]) > 0]


def open_microphone(device: str | None = None) -> AudioSource:
    """Listen to a microphone, without end.

    Args:
        device: part of a name that `microphones` lists (arecord: an ALSA name, as hw:1); None
            takes the system's own choice.

    Raises:
        UserError: if there is none, or nothing to read it with.
    """
    sounddevice = _sounddevice()
    if sounddevice is not None:
        return AudioSource(PortAudioReader(sounddevice, device))
    return AudioSource(ArecordReader(_arecord(), device))


def _sounddevice() -> ModuleType | None:
    try:
        import sounddevice
    except (ImportError, OSError):  # OSError: the module is there and PortAudio is not
        return None
    module: ModuleType = sounddevice
    return module


def _arecord() -> str:
    program = shutil.which("arecord")
    if program is None:
        raise UserError(
            "no way to a microphone: install soundpost[mic] with libportaudio2, or alsa-utils"
        )
    return program


class PortAudioReader:
    """A microphone at its own rate, through PortAudio; see Reader."""

    channels = 1
    frames: int | None = None
    top = TOP_16

    def __init__(self, sounddevice: ModuleType, device: str | None) -> None:
        """Start recording.

        Raises:
            UserError: if the device is missing or busy.
        """
        self.warnings: list[str] = []
        self._lost = 0
        try:
            info = sounddevice.query_devices(device, "input")
            self.name, self.rate = str(info["name"]), int(info["default_samplerate"])
            self._stream = sounddevice.InputStream(
                samplerate=self.rate, channels=1, dtype="float32", device=device
            )
            self._stream.start()
        except (ValueError, sounddevice.PortAudioError) as error:
            raise UserError(
                f"microphone {device or '(default)'}: {error}; choose another"
            ) from error

    def blocks(self) -> Iterator[Signal]:
        """Blocks of shape (frames, 1) until the microphone is closed."""
        while self._stream.active:
            block, overflowed = self._stream.read(round(self.rate * STREAM_BLOCK_S))
            if overflowed:
                self._lost += 1
                self.warnings[:] = [f"{self._lost} times samples were lost: this machine is busy"]
            yield np.asarray(block, np.float64)

    def close(self) -> None:
        """Stop recording."""
        self._stream.close()


class ArecordReader(StreamReader):
    """A microphone at 16 kHz, through ALSA's arecord; see Reader."""

    def __init__(self, program: str, device: str | None) -> None:
        """Start recording.

        Raises:
            UserError: if arecord cannot record.
        """
        name = f"microphone {device or '(default)'}"
        choice = ["-D", device] if device else []
        command = [program, "-q", *choice, "-t", "wav", "-f", "S16_LE", "-c", "1"]
        self._process = subprocess.Popen(
            [*command, "-r", str(SAMPLE_RATE)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        stream, errors = self._process.stdout, self._process.stderr
        assert stream is not None
        assert errors is not None
        if len(stream.read(12)) < 12:
            why = errors.read().decode(errors="replace").strip().splitlines() or ["no sound"]
            self._end()
            raise UserError(f"{name}: {why[-1]}; choose another")
        header = read_header(name, stream)
        assert header.sample is not None
        super().__init__(
            name, stream, header.sample, header.rate, header.channels, None, STREAM_BLOCK_S
        )

    def _end(self) -> None:
        self._process.terminate()
        self._process.communicate()

    def close(self) -> None:
        """Stop recording."""
        self._end()
