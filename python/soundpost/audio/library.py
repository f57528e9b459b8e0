# SPDX-License-Identifier: Apache-2.0
"""Files of every other format, through libsndfile."""

from collections.abc import Iterator

import soundfile

from soundpost.audio.pcm import TOP_16, Signal
from soundpost.audio.reader import check_layout
from soundpost.errors import UserError


class LibraryReader:
    """A file that libsndfile reads (FLAC, OGG, MP3, AIFF, compressed WAV, …); see Reader."""

    top = TOP_16

    def __init__(self, path: str, block_s: float) -> None:
        """Open `path`; blocks are of `block_s` seconds.

        Raises:
            UserError: if it is no recording.
        """
        try:
            self._file = soundfile.SoundFile(path)
        except soundfile.LibsndfileError as error:
            raise UserError(
                f"{path} is no recording that can be read ({error.error_string.strip(' .')}); "
                "WAV, FLAC, OGG, MP3 and AIFF can"
            ) from error
        self.name, self.rate, self.channels = path, self._file.samplerate, self._file.channels
        self.warnings: list[str] = []
        # libsndfile gives its largest number where a header leaves the length open
        self.frames = self._file.frames if self._file.frames < 2**62 else None
        self._block_s = block_s
        try:
            check_layout(path, self.rate, self.channels)
        except UserError:
            self.close()
            raise

    def blocks(self) -> Iterator[Signal]:
        """Blocks of shape (frames, channels); a warning if the file ends early."""
        done, broken = 0, ""
        while True:
            try:
                block = self._file.read(
                    max(1, round(self.rate * self._block_s)), dtype="float64", always_2d=True
                )
            except soundfile.LibsndfileError as error:
                broken = f" ({error.error_string.strip(' .')})"
                break
            if not len(block):
                break
            done += len(block)
            yield block
        if self.frames is not None and (broken or done < self.frames):
            promised, held = (n / self.rate for n in (self.frames, done))
            self.warnings.append(
                f"truncated: header promises {promised:.1f} s, "
                f"{self.name} holds {held:.1f} s{broken}"
            )

    def close(self) -> None:
        """Close the file."""
        self._file.close()
