# SPDX-License-Identifier: Apache-2.0
"""Any recording, stream or microphone as blocks of 16 kHz mono int16; see README.md."""

from soundpost.audio.microphone import microphones, open_microphone
from soundpost.audio.reader import RawFormat
from soundpost.audio.source import SAMPLE_RATE, AudioSource, open_audio
from soundpost.audio.write import write_wav

__all__ = [
    "SAMPLE_RATE",
    "AudioSource",
    "RawFormat",
    "microphones",
    "open_audio",
    "open_microphone",
    "write_wav",
]
