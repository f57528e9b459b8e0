# SPDX-License-Identifier: Apache-2.0
"""Opening a recording or stream, and bringing it to 16 kHz mono int16."""

import os
import sys
from collections.abc import Generator
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np
import numpy.typing as npt
import soxr

from soundpost.audio.library import LibraryReader
from soundpost.audio.pcm import FORMATS, Signal
from soundpost.audio.reader import RawFormat, Reader, StreamReader
from soundpost.audio.wav import read_header
from soundpost.errors import UserError

SAMPLE_RATE = 16_000
FILE_BLOCK_S = 1.0
STREAM_BLOCK_S = 0.125
DC_LIMIT = 0.01

Pcm = npt.NDArray[np.int16]


class AudioSource:
    """An iterator of int16 blocks, 16 kHz mono, 0.1 to 1 s each (the last may be shorter).

    Memory does not grow with the length. May be iterated over once, and is a context manager.
    """

    def __init__(self, reader: Reader, channel: int | None = None) -> None:
        """Take over `reader`; `channel` counts from 1, None takes the mean of all.

        Raises:
            UserError: if there is no such channel.
        """
        if channel is not None and not 1 <= channel <= reader.channels:
            reader.close()
            raise UserError(
                f"{reader.name} has no channel {channel}; choose 1 to {reader.channels}"
            )
        self._reader, self._channel = reader, channel
        self._clipped = self._overshot = self._written = self._read = 0
        self._sum = 0.0
        self._blocks = self._convert()

    @property
    def name(self) -> str:
        """What is read, for messages."""
        return self._reader.name

    @property
    def rate(self) -> int:
        """Sample rate of the recording itself, Hz."""
        return self._reader.rate

    @property
    def channels(self) -> int:
        """Channels of the recording itself."""
        return self._reader.channels

    @property
    def duration(self) -> float | None:
        """Length in s, None if it cannot be known beforehand."""
        frames = self._reader.frames
        return None if frames is None else frames / self.rate

    @property
    def warnings(self) -> list[str]:
        """What is odd about the recording; complete once all blocks have been read."""
        found = list(self._reader.warnings)
        if self._clipped:
            found.append(
                f"{self._clipped} samples clipped: levels there read low; record with less gain"
            )
        if self._overshot:
            found.append(f"{self._overshot} samples overshot in resampling and were limited")
        offset = self._sum / max(1, self._read)
        if abs(offset) > DC_LIMIT:
            found.append(f"DC offset of {100 * offset:.1f} % of full scale, left as it is")
        return found

    def __iter__(self) -> "AudioSource":
        """Itself."""
        return self

    def __next__(self) -> Pcm:
        """The next block.

        Raises:
            UserError: if the recording turns out damaged, or holds no samples at all.
        """
        return next(self._blocks)

    def __enter__(self) -> "AudioSource":
        """Itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let go of the file, stream or microphone."""
        self._blocks.close()
        self._reader.close()

    def _convert(self) -> Generator[Pcm, None, None]:
        resampler = None
        if self.rate != SAMPLE_RATE:
            resampler = soxr.ResampleStream(
                self.rate, SAMPLE_RATE, 1, dtype="float64", quality="VHQ"
            )
        for frames in self._reader.blocks():
            mono = self._mix(frames)
            yield from self._quantise(resampler.resample_chunk(mono) if resampler else mono)
        if resampler:
            yield from self._quantise(resampler.resample_chunk(np.zeros(0), last=True))
        if not self._written:
            raise UserError(f"{self.name} holds no samples; record it again")

    def _mix(self, frames: Signal) -> Signal:
        """One channel of `frames`, checked and counted."""
        if self._channel is not None:
            frames = frames[:, self._channel - 1 : self._channel]
        finite = np.isfinite(frames).all(axis=1)
        if not finite.all():
            second = (self._read + int(np.argmin(finite))) / self.rate
            raise UserError(
                f"{self.name}: a sample at {second:.3f} s is not a finite number; "
                "export the recording again"
            )
        self._clipped += int(np.count_nonzero((frames >= self._reader.top) | (frames <= -1.0)))
        self._read += len(frames)
        # a float file may hold anything; far over full scale it is clipped all the same
        mono = np.clip(frames, -1e6, 1e6).mean(axis=1)
        self._sum += float(np.clip(mono, -1.0, 1.0).sum())
        return np.ascontiguousarray(mono)

    def _quantise(self, mono: Signal) -> Generator[Pcm, None, None]:
        if not len(mono):
            return
        scaled = np.rint(mono * 32768.0)
        if self.rate != SAMPLE_RATE and not self._clipped:
            self._overshot += int(np.count_nonzero((scaled > 32767) | (scaled < -32768)))
        self._written += len(mono)
        yield np.clip(scaled, -32768, 32767).astype(np.int16)


def open_audio(
    source: str | Path, *, channel: int | None = None, raw: RawFormat | None = None
) -> AudioSource:
    """Open a recording, or a stream.

    Args:
        source: a path, or "-" for standard input. What is no regular file (a pipe, a device) is
            read as a stream too.
        channel: the one to take, from 1; None takes the mean of all.
        raw: layout of samples without a header.

    Raises:
        UserError: if it cannot be opened, or is no recording.
    """
    name = "standard input" if str(source) == "-" else str(source)
    if str(source) == "-" and sys.stdin.isatty():
        raise UserError("standard input is a terminal; pipe a WAV stream into it")
    stream = sys.stdin.buffer if str(source) == "-" else _open_path(Path(source))
    try:
        return AudioSource(_find_reader(name, stream, raw), channel)
    except BaseException:
        stream.close()
        raise


def _open_path(path: Path) -> IO[bytes]:
    if path.is_dir():
        raise UserError(f"{path} is a folder; name a recording in it")
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise UserError(f"{path} does not exist; check the name") from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UserError(f"cannot read {path}: {why}; check the name and its permissions") from error


def _find_reader(name: str, stream: IO[bytes], raw: RawFormat | None) -> Reader:
    regular = name != "standard input" and Path(name).is_file()
    held = os.fstat(stream.fileno()).st_size if regular else None
    block_s = FILE_BLOCK_S if regular else STREAM_BLOCK_S
    if held == 0:
        raise UserError(f"{name} is empty (0 bytes); record it again")
    if raw:
        sample = FORMATS[raw.sample]
        return StreamReader(name, stream, sample, raw.rate, raw.channels, held, block_s)
    start = stream.read(12)
    if not start:
        raise UserError(f"{name} is empty (0 bytes); check what writes into it")
    if start[:4] == b"RIFF" and start[8:] == b"WAVE":
        header = read_header(name, stream)
        if header.sample:
            body = None if held is None else held - stream.tell()
            size = body if header.size is None else header.size
            reader = StreamReader(
                name, stream, header.sample, header.rate, header.channels, size, block_s
            )
            if body is not None and reader.frames is not None:
                reader.frames = min(reader.frames, body // (header.sample.size * header.channels))
            return reader
        if not regular:
            raise UserError(
                f"{name}: WAV format {header.tag:#06x}, of which a stream can only hold PCM and "
                "float; pipe it through ffmpeg -i … -f wav -"
            )
    if not regular:
        raise UserError(
            f"{name} is no WAV stream; pipe it through ffmpeg -i … -f wav -, "
            "or state its layout if it has no header"
        )
    stream.close()
    return LibraryReader(name, FILE_BLOCK_S)
