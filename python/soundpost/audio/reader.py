# SPDX-License-Identifier: Apache-2.0
"""What every kind of source gives: blocks of frames as they were recorded."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Protocol

from soundpost.audio.pcm import FORMATS, SampleFormat, Signal
from soundpost.errors import UserError

MIN_RATE, MAX_RATE = 1_000, 768_000
MAX_CHANNELS = 256


class Reader(Protocol):
    """A source before it is brought to 16 kHz mono.

    Attributes:
        name: for messages.
        rate: Hz.
        channels: of every block.
        frames: how many it holds, None if that is not known beforehand.
        top: a sample at or over it counts as clipped, 1.0 being full scale.
        warnings: what is odd about it; grows while it is read.
    """

    name: str
    rate: int
    channels: int
    frames: int | None
    top: float
    warnings: list[str]

    def blocks(self) -> Iterator[Signal]:
        """Blocks of shape (frames, channels), full scale being 1.0."""

    def close(self) -> None:
        """Let go of what is open."""


def check_layout(name: str, rate: int, channels: int) -> None:
    """Refuse a rate or channel count that no recording has.

    Raises:
        UserError: if the rate is not 1 kHz to 768 kHz, or the channels are not 1 to 256.
    """
    if not MIN_RATE <= rate <= MAX_RATE:
        raise UserError(
            f"{name}: sample rate {rate} Hz; {MIN_RATE} to {MAX_RATE} Hz can be read, "
            "so mend the header or convert the recording"
        )
    if not 1 <= channels <= MAX_CHANNELS:
        raise UserError(
            f"{name}: {channels} channels; 1 to {MAX_CHANNELS} can be read, "
            "so mend the header or convert the recording"
        )


@dataclass(frozen=True)
class RawFormat:
    """Layout of a stream without a header.

    Attributes:
        sample: one of u8, s16le, s24le, s32le, f32le, f64le.
        rate: Hz, 1,000 to 768,000.
        channels: interleaved, 1 to 256.
    """

    sample: str
    rate: int
    channels: int = 1

    def __post_init__(self) -> None:
        """Check every field.

        Raises:
            UserError: if one is out of range.
        """
        if self.sample not in FORMATS:
            raise UserError(
                f"raw format {self.sample!r} is unknown; take one of {', '.join(FORMATS)}"
            )
        check_layout("raw format", self.rate, self.channels)

    @classmethod
    def parse(cls, text: str) -> "RawFormat":
        """Read `SAMPLE:RATE[:CHANNELS]`, such as s16le:48000:2.

        Raises:
            UserError: if the text is not of that form or a value is out of range.
        """
        sample, *numbers = text.split(":")
        if len(numbers) not in (1, 2) or not all(n.isascii() and n.isdigit() for n in numbers):
            raise UserError(f"raw format {text!r}: write SAMPLE:RATE[:CHANNELS], as s16le:48000:2")
        return cls(sample, *(int(n[:9]) for n in numbers))

    def __str__(self) -> str:
        """The text that `parse` reads."""
        return f"{self.sample}:{self.rate}:{self.channels}"


class StreamReader:
    """Interleaved samples from a byte stream, up to `size` bytes or its end; see Reader."""

    def __init__(
        self,
        name: str,
        stream: IO[bytes],
        sample: SampleFormat,
        rate: int,
        channels: int,
        size: int | None,
        block_s: float,
    ) -> None:
        """Take over `stream`, whose next byte is the first sample's; `block_s` in seconds."""
        self.name, self.rate, self.channels = name, rate, channels
        self.top = sample.top
        self.warnings: list[str] = []
        self._stream, self._sample, self._size = stream, sample, size
        self._frame = sample.size * channels
        self._block = max(1, round(rate * block_s)) * self._frame
        self.frames = None if size is None else size // self._frame

    def blocks(self) -> Iterator[Signal]:
        """Blocks of shape (frames, channels); a warning if the stream ends early."""
        done = 0
        while self._size is None or done < self._size:
            left = self._block if self._size is None else min(self._block, self._size - done)
            data = self._stream.read(left)
            done += len(data)
            whole = len(data) - len(data) % self._frame
            if whole:
                yield self._sample.decode(data[:whole]).reshape(-1, self.channels)
            if len(data) < left:
                break
        self._warn_of_end(done)

    def _warn_of_end(self, done: int) -> None:
        if self._size is not None and done < self._size:
            promised, held = (n / self._frame / self.rate for n in (self._size, done))
            self.warnings.append(
                f"truncated: header promises {promised:.1f} s, {self.name} holds {held:.1f} s"
            )
        elif done % self._frame:
            self.warnings.append("ends within a sample; the odd bytes are left out")

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()
