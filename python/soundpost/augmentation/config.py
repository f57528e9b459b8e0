# SPDX-License-Identifier: Apache-2.0
"""What a recipe says of augmentation."""

from dataclasses import dataclass

from soundpost.errors import require

NOISES = ("white", "pink", "clips")
"""Kinds of noise: two colours, and other clips of the same training set."""

_MOST = {
    "speed": 0.5,
    "chance": 1.0,
    "tempo": 0.5,
    "pitch": 12.0,
    "shift_s": 10.0,
    "response_db": 20.0,
    "overload_db": 60.0,
    "audible_db": 120.0,
    "masks": 8,
    "between_class": 1.0,
    "window_noise": 1.0,
    "silence": 1.0,
    "time_warp": 0.5,
    "band_shift": 8,
    "window_gain_db": 60.0,
}


def _ordered(pair: tuple[float, ...]) -> bool:
    return len(pair) == 2 and pair[0] <= pair[1]


@dataclass(frozen=True)
class AugmentationConfig:
    """What is varied from one training window to the next.

    Keys with a default may be left out of a recipe, and do nothing then.

    A clip is heard in `variants` renderings, which are made once:

    Attributes:
        variants: renderings of each clip with a speed, gain and noise of their own, 1 to 32.
        speed: greatest change of speed and pitch, 0.1 for ±10 %, 0 to 0.5.
        gain_db: (least, greatest) gain of a rendering in dB.
        chance: probability that a rendering has each of the following six, 0 to 1.
        tempo: greatest change of speed at the same pitch, 0.1 for ±10 %, 0 to 0.5.
        pitch: greatest change of pitch at the same speed in semitones, 0 to 12.
        shift_s: greatest shift in time in seconds, 0 to 10, and no more than half of a clip.
        noise: kinds of NOISES, of which one is added.
        noise_snr_db: (least, greatest) ratio of a clip to noise in dB, -20 to 100.
        response_db: standard deviation of a microphone's response an octave in dB, 0 to 20.
        overload_db: most that is cut off the peaks in dB, 0 to 60.

    A window of an epoch is drawn from one of them, and varied anew each time:

        equalisation_db: standard deviation of a random response curve in dB, 0 or more.
        masked_columns: most columns that one time mask hides, 0 or more.
        masked_bands: most bands that one frequency mask hides, 0 or more.
        audible_db: how far a window may be under the loudest of its rendering to be drawn, by their
            loudest tenths of a second, in dB; 0 draws all, 0 to 120.
        mixup: parameter of the beta distribution that two inputs are mixed by, 0 for none.
        masks: of columns, and as many of bands, 0 to 8.
        between_class: share of windows that are mixed, in power, with one of another class, 0 to 1.
        between_class_beta: parameter of the beta distribution of their shares, over 0 and up to
            100; 1 draws all shares equally often.
        window_noise: share of windows that white or pink noise is added to, in power and at a ratio
            of `noise_snr_db`, 0 to 1.
        silence: share of windows that are a floor of noise but for a stretch around their loudest
            column, as if the sound ended there, and in some began there too, 0 to 1.
        silence_db: (least, greatest) distance of that floor under the window in dB, 0 to 120.
        time_warp: a window is made of exp(-time_warp) to exp(time_warp) windows, 0 to 0.5.
        band_shift: most whole bands that a window is moved up or down, 0 to 8.
        window_gain_db: greatest gain or loss of a window in dB, 0 to 60; it does nothing where the
            network sees windows less their mean.
    """

    variants: int
    speed: float
    gain_db: tuple[float, ...]
    equalisation_db: float
    masked_columns: int
    masked_bands: int
    mixup: float
    chance: float = 0.5
    tempo: float = 0.0
    pitch: float = 0.0
    shift_s: float = 0.0
    noise: tuple[str, ...] = ()
    noise_snr_db: tuple[float, ...] = (10.0, 40.0)
    response_db: float = 0.0
    overload_db: float = 0.0
    audible_db: float = 0.0
    masks: int = 1
    between_class: float = 0.0
    between_class_beta: float = 1.0
    window_noise: float = 0.0
    silence: float = 0.0
    silence_db: tuple[float, ...] = (30.0, 75.0)
    time_warp: float = 0.0
    band_shift: int = 0
    window_gain_db: float = 0.0

    def __post_init__(self) -> None:
        """Check every choice; a UserError names the one that does not fit."""
        require("variants", self.variants, 1 <= self.variants <= 32, "1 to 32")
        gains, ratios = self.gain_db, self.noise_snr_db
        require("gain_db", list(gains), _ordered(gains), "a least and a greatest gain")
        for name in ("equalisation_db", "masked_columns", "masked_bands", "mixup"):
            require(name, getattr(self, name), getattr(self, name) >= 0, "0 or more")
        for noise in self.noise:
            require("noise", noise, noise in NOISES, f"a list of {', '.join(NOISES)}")
        inside = _ordered(ratios) and ratios[0] >= -20.0 and ratios[1] <= 100.0
        require("noise_snr_db", list(ratios), inside, "a least and a greatest ratio, -20 to 100")
        floors = self.silence_db
        inside = _ordered(floors) and floors[0] >= 0.0 and floors[1] <= 120.0
        require("silence_db", list(floors), inside, "a least and a greatest distance, 0 to 120")
        beta = self.between_class_beta
        require("between_class_beta", beta, 0.0 < beta <= 100.0, "over 0 and up to 100")
        for name, most in _MOST.items():
            require(name, getattr(self, name), 0.0 <= getattr(self, name) <= most, f"0 to {most:g}")

    @property
    def varies_windows(self) -> bool:
        """Whether more is done to windows than curves, masks and mixup."""
        asked = (self.between_class, self.window_noise, self.silence, self.time_warp)
        return any(asked) or self.band_shift > 0 or self.window_gain_db > 0.0
