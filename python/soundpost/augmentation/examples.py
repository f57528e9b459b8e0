# SPDX-License-Identifier: Apache-2.0
"""Each augmentation alone, as strong as a recipe has it, on one clip: to look at and to hear."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundpost.audio import SAMPLE_RATE
from soundpost.augmentation.audio import RESPONSE_HZ, Samples
from soundpost.augmentation.columns import (
    CURVE_POINTS,
    SILENCE,
    Columns,
    between_class_gains,
    equalise,
    levels,
    mask,
    mix_power,
    resample,
    shift_bands,
    silence,
    window_means,
)
from soundpost.augmentation.config import AugmentationConfig
from soundpost.augmentation.effects import Effects, apply_effects
from soundpost.augmentation.layers import noise_corpus
from soundpost.features.rendering import Rendering, render, window_samples
from soundpost.frontend import FrontendConfig, FrontendTables, recording_columns
from soundpost.frontend.tables import STEPS_PER_DB

SHOWN = AugmentationConfig(
    variants=1,
    speed=0.1,
    gain_db=(-20.0, 6.0),
    equalisation_db=4.0,
    masked_columns=20,
    masked_bands=8,
    mixup=0.2,
    tempo=0.2,
    pitch=3.0,
    shift_s=0.5,
    noise=("white", "pink", "clips"),
    response_db=4.0,
    overload_db=20.0,
    masks=2,
    between_class=1.0,
    window_noise=1.0,
    silence=1.0,
    time_warp=0.2,
    band_shift=2,
    window_gain_db=10.0,
)
"""What is shown without a recipe."""


@dataclass(frozen=True)
class Example:
    """What one augmentation makes of a clip.

    Attributes:
        title: what it is, and how strong.
        columns: shape (count, bands).
        pcm: the sound that they are made of; None where columns were changed.
    """

    title: str
    columns: Columns
    pcm: NDArray[np.int16] | None = None


def _effects(
    config: AugmentationConfig, random: np.random.Generator
) -> Iterator[tuple[str, Effects]]:
    if config.tempo:
        yield f"tempo × {1 + config.tempo:.2f}", Effects(tempo=1 + config.tempo)
    if config.pitch:
        yield f"pitch {config.pitch:+g} semitones", Effects(pitch=config.pitch)
    if config.shift_s:
        shift = Effects(shift=round(config.shift_s * SAMPLE_RATE))
        yield f"later by {config.shift_s:g} s", shift
    snr_db = config.noise_snr_db[0]
    for noise in config.noise:
        name = "the other clip" if noise == "clips" else f"{noise} noise"
        yield f"{name} {snr_db:g} dB under", Effects(noise=noise, snr_db=snr_db)
    if config.response_db:
        curve = config.response_db * random.standard_normal(len(RESPONSE_HZ))
        yield f"response ± {config.response_db:g} dB", Effects(response_db=tuple(curve.tolist()))
    if config.overload_db:
        yield f"overload {config.overload_db:g} dB", Effects(overload_db=config.overload_db)


def _renderings(config: AugmentationConfig) -> Iterator[tuple[str, Rendering]]:
    if config.speed:
        yield f"speed × {1 + config.speed:.2f}", Rendering(speed=1 + config.speed)
    for gain_db in dict.fromkeys(config.gain_db):
        if gain_db:
            yield f"gain {gain_db:+g} dB", Rendering(gain_db=gain_db)


def examples(
    samples: Samples,
    other: Samples,
    frontend: FrontendConfig,
    config: AugmentationConfig,
    seed: int,
) -> Iterator[Example]:
    """The clip as it is, and then what each augmentation of `config` makes of it.

    Args:
        samples: the clip, shape (n,).
        other: what is mixed with it, shape (m,).
        frontend: makes the columns.
        config: an augmentation that it does not ask for is left out.
        seed: of noise, curves and masks.
    """
    tables = FrontendTables.from_config(frontend)
    random = np.random.default_rng(seed)
    least = window_samples(frontend, 1)

    def heard(title: str, sound: Samples, how: Rendering) -> Example:
        pcm = render(sound, least, how, np.random.default_rng(seed))
        return Example(title, recording_columns(tables, pcm), pcm)

    plain = heard("as it is", samples, Rendering())
    yield plain
    for title, effects in _effects(config, random):
        yield heard(title, apply_effects(samples, effects, random, other), Rendering())
    for title, how in _renderings(config):
        yield heard(title, samples, how)
    second = heard("", np.resize(other, len(samples)), Rendering())
    for title, columns in _changed(plain.columns, second.columns, frontend, config, random):
        yield Example(title, columns)


def _changed(
    columns: Columns,
    second: Columns,
    frontend: FrontendConfig,
    config: AugmentationConfig,
    random: np.random.Generator,
) -> Iterator[tuple[str, Columns]]:
    """What is done to columns; they are taken for one window."""
    first_db, second_db = (
        levels(part, frontend).max(keepdims=True).astype(np.float64) for part in (columns, second)
    )
    if config.between_class:
        gain, other = between_class_gains(first_db, second_db, np.array([0.5]))
        mixed = mix_power(columns[None], second[None], gain, other)
        yield "half of it, half the other clip", mixed[0]
    if config.window_noise:
        snr_db = config.noise_snr_db[0]
        noise = noise_corpus(frontend, len(columns)).variants[1][0][: len(columns)]
        gain = first_db - snr_db - levels(noise, frontend).max()
        mixed = mix_power(columns[None], noise[None], np.zeros(1), gain)
        yield f"pink noise in power {snr_db:g} dB under", mixed[0]
    if config.silence:
        depth_db = config.silence_db[1]
        noise = noise_corpus(frontend, len(columns)).variants[1][0][: len(columns)]
        gain = STEPS_PER_DB * (first_db - depth_db - levels(noise, frontend).max())
        floor = np.clip(noise + np.rint(gain), SILENCE + 1, 127).astype(np.int8)
        kept = np.array([max(1, len(columns) // 8)])
        around = silence(columns[None], floor[None], kept, kept)
        yield f"silence {depth_db:g} dB under, around the loudest", around[0]
    if config.time_warp:
        factor = np.exp(-config.time_warp)
        length = max(1, round(len(columns) * factor))
        yield f"{factor:.2f} of a window, drawn out", resample(columns, 0, length, len(columns))
    if config.band_shift:
        moved = columns[None].copy()
        shift_bands(moved, np.array([config.band_shift]))
        yield f"{config.band_shift} bands up", moved[0]
    if config.window_gain_db:
        gain = np.full((1, CURVE_POINTS), -config.window_gain_db)
        yield f"all bands {-config.window_gain_db:+g} dB", equalise(columns[None], gain)[0]
    if config.equalisation_db:
        curve = random.normal(0.0, config.equalisation_db, (1, CURVE_POINTS))
        yield f"equaliser ± {config.equalisation_db:g} dB", equalise(columns[None], curve)[0]
    if config.mixup:
        # of values, as training does it, where each window has its mean taken away before
        own, foreign = window_means(columns[None]), window_means(second[None])
        blended = 0.5 * columns + 0.5 * (second.astype(np.float64) - foreign + own)
        yield "mixup, half and half", np.clip(np.rint(blended), SILENCE, 127).astype(np.int8)
    sizes = np.array([config.masked_columns, config.masked_bands])
    if config.masks and sizes.any():
        lengths = np.minimum(sizes, columns.shape)
        starts = random.integers(np.array(columns.shape) - lengths + 1, size=(1, config.masks, 2))
        hidden = columns[None].copy()
        mask(hidden, starts, np.broadcast_to(lengths, starts.shape), window_means(hidden))
        yield f"masks, {config.masks} each way", hidden[0]
