# SPDX-License-Identifier: Apache-2.0
"""What a user chooses of a front end."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, TypeAlias, get_args

from soundpost._core import lib
from soundpost.errors import UserError

SAMPLE_RATE = int(lib.SP_SAMPLE_RATE_HZ)
"""Sample rate of the sensor in Hz."""

Normalisation: TypeAlias = Literal["window_mean", "running_mean", "none"]
"""What becomes of a window's values before the network sees them: `enum sp_normalisation`."""
NORMALISATIONS: tuple[Normalisation, ...] = get_args(Normalisation)

MEL_SCALES = ("slaney", "htk")
NORMS = ("none", "slaney")


def normalisation_in_c(normalisation: Normalisation) -> int:
    """Its value of `enum sp_normalisation`."""
    return int(getattr(lib, f"SP_NORMALISATION_{normalisation.upper()}"))


@dataclass(frozen=True)
class FrontendConfig:
    """Choices of a front end; the names are librosa's where librosa has one.

    Attributes:
        fft_size: samples of a column, a power of two from 128 to 1024.
        hop: samples from one column to the next, 1 to fft_size.
        bands: mel bands, 1 to 128.
        fmin: lower edge of the lowest band in Hz.
        fmax: upper edge of the highest band in Hz, at most half the sample rate.
        mel_scale: "slaney" (linear under 1 kHz) or "htk".
        norm: "none" (triangles of height one) or "slaney" (of equal area).
    """

    fft_size: int = 1024
    hop: int = 512
    bands: int = 60
    fmin: float = 60.0
    fmax: float = 8000.0
    mel_scale: str = "slaney"
    norm: str = "none"

    def __post_init__(self) -> None:
        """Check every choice.

        Raises:
            UserError: naming the choice that does not fit and what would.
        """
        smallest, greatest = int(lib.SP_FFT_MIN), int(lib.SP_FFT_MAX)
        sizes = [1 << n for n in range(smallest.bit_length() - 1, greatest.bit_length())]
        checks = [
            ("fft_size", self.fft_size in sizes, f"one of {', '.join(map(str, sizes))}"),
            ("hop", 1 <= self.hop <= self.fft_size, f"1 to fft_size, {self.fft_size}"),
            ("bands", 1 <= self.bands <= lib.SP_BANDS_MAX, f"1 to {lib.SP_BANDS_MAX}"),
            ("fmax", 0 < self.fmax <= SAMPLE_RATE / 2, f"over 0 and up to {SAMPLE_RATE // 2}"),
            ("fmin", 0 <= self.fmin < self.fmax, f"0 or more and under fmax, {self.fmax:g}"),
            ("mel_scale", self.mel_scale in MEL_SCALES, " or ".join(MEL_SCALES)),
            ("norm", self.norm in NORMS, " or ".join(NORMS)),
        ]
        for name, good, mend in checks:
            if not good:
                raise UserError(f"frontend {name} is {getattr(self, name)}; it must be {mend}")

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], where: str) -> "FrontendConfig":
        """Read a mapping, such as the `frontend` of a recipe; `where` names it in messages.

        Raises:
            UserError: if a key is unknown or a value is of the wrong kind or out of range.
        """
        kinds = {field.name: type(getattr(cls, field.name)) for field in fields(cls)}
        chosen: dict[str, Any] = {}
        for name, value in values.items():
            kind = kinds.get(name)
            if kind is None:
                raise UserError(f"{where}: unknown key {name}; there are {', '.join(kinds)}")
            if kind is float and isinstance(value, int) and not isinstance(value, bool):
                value = float(value)
            if type(value) is not kind:
                raise UserError(f"{where}: {name} must be of type {kind.__name__}, not {value!r}")
            chosen[name] = value
        return cls(**chosen)

    def for_librosa(self) -> dict[str, Any]:
        """The same choices as arguments of `librosa.feature.melspectrogram`, beside `y`."""
        return {
            "sr": SAMPLE_RATE,
            "n_fft": self.fft_size,
            "hop_length": self.hop,
            "n_mels": self.bands,
            "fmin": self.fmin,
            "fmax": self.fmax,
            "htk": self.mel_scale == "htk",
            "norm": None if self.norm == "none" else self.norm,
            "center": False,
        }

    def as_mapping(self) -> dict[str, Any]:
        """The choices by name."""
        return asdict(self)
