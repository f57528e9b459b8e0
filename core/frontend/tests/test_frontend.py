# SPDX-License-Identifier: Apache-2.0
"""core/frontend against librosa, which shares no line with it."""

import sys
from pathlib import Path

import librosa
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from soundpost.audio import open_audio
from soundpost.errors import UserError
from soundpost.frontend import (
    Frontend,
    FrontendConfig,
    FrontendTables,
    normalised_window,
    recording_columns,
    running_mean,
)

sys.path.insert(0, str(Path(__file__).parent))
from recordings import KINDS, recording

CONFIGS = [
    FrontendConfig(),
    FrontendConfig(norm="slaney"),
    FrontendConfig(mel_scale="htk", fmin=0.0),
    FrontendConfig(hop=320, bands=64, fmin=20.0, fmax=7500.0),
    FrontendConfig(fft_size=512, hop=256, bands=40),
    FrontendConfig(fft_size=256, hop=160, bands=20),
    FrontendConfig(fft_size=128, hop=100, bands=10),
]
SECONDS = 2
RANGE_DB = 80


def to_pcm(samples: NDArray[np.float64]) -> NDArray[np.int16]:
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)


def librosa_steps(pcm: NDArray[np.int16], tables: FrontendTables) -> NDArray[np.float64]:
    """Librosa's columns of the samples, in our steps but not rounded."""
    config = tables.config
    power = librosa.feature.melspectrogram(
        # our columns end where a hop ends, librosa's begin where one begins
        y=pcm[-config.fft_size % config.hop :].astype(np.float64) / 32768,
        dtype=np.float64,
        **config.for_librosa(),
    )
    decibels = 10 * np.log10(np.maximum(power.T, 1e-30))
    return decibels * 2 + tables.zero_q8 / 256


def deviation(pcm: NDArray[np.int16], tables: FrontendTables) -> NDArray[np.float64]:
    """Steps by which our values differ from librosa's rounded ones, within 80 dB of full scale."""
    ours = recording_columns(tables, pcm)
    exact = librosa_steps(pcm, tables)
    count = min(len(ours), len(exact))
    assert abs(len(ours) - len(exact)) <= 1
    exact = exact[:count]
    sine_at_full_scale = 127 - 2 * 20 * np.log10(2)
    counted = exact > sine_at_full_scale - 2 * RANGE_DB
    theirs = np.clip(np.rint(exact), -128, 127)
    return np.abs(ours[:count] - theirs)[counted]


def synthesised() -> dict[str, NDArray[np.float64]]:
    time = np.arange(SECONDS * 16000) / 16000
    rng = np.random.default_rng(1)
    signals = {
        "sweep": np.sin(2 * np.pi * (20 * time + 7900 / SECONDS * time**2 / 2)),
        "log sweep": 0.5 * librosa.chirp(fmin=30, fmax=7900, sr=16000, duration=SECONDS),
        "direct current": np.ones_like(time),
        "impulses": (np.arange(len(time)) % 777 == 0).astype(float),
    }
    for level_db in (0, -20, -40, -60):
        signals[f"noise {level_db}"] = 10 ** (level_db / 20) * rng.normal(0, 0.25, len(time))
    for hertz in (40.3, 441, 1000, 3000.3, 7999):
        signals[f"square {hertz}"] = np.sign(np.sin(2 * np.pi * hertz * time) + 1e-9)
    return signals


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: f"{c.fft_size}-{c.mel_scale}-{c.norm}")
def test_synthesised_sounds_agree_with_librosa(config: FrontendConfig) -> None:
    tables = FrontendTables.from_config(config)
    for name, signal in synthesised().items():
        steps = deviation(to_pcm(signal), tables)
        assert (steps <= 1).mean() >= 0.999 if steps.size else True, name
        assert steps.max(initial=0) <= 2, name


def read(clip: Path) -> NDArray[np.int16]:
    with open_audio(clip) as source:
        return np.concatenate(list(source))


def test_all_esc10_clips_agree_with_librosa(esc10_clips: list[Path]) -> None:
    assert len(esc10_clips) == 400
    tables = FrontendTables.from_config(FrontendConfig())
    within = total = 0
    for clip in esc10_clips:
        steps = deviation(read(clip), tables)
        assert steps.max(initial=0) <= 2, clip.name
        within += int((steps <= 1).sum())
        total += steps.size
    assert within >= 0.999 * total


def test_silence_is_the_lowest_step() -> None:
    tables = FrontendTables.from_config(FrontendConfig())
    assert (Frontend(tables).columns(np.zeros(4096, np.int16)) == -128).all()


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=8), st.integers(0, 2**32 - 1))
def test_chunks_of_whole_hops_change_nothing(hops: list[int], seed: int) -> None:
    config = FrontendConfig(fft_size=256, hop=160, bands=20)
    tables = FrontendTables.from_config(config)
    pcm = np.random.default_rng(seed).integers(-32768, 32768, sum(hops) * config.hop, np.int16)
    frontend = Frontend(tables)
    pieces = np.split(pcm, np.cumsum(hops)[:-1] * config.hop)
    joined = np.concatenate([frontend.columns(piece) for piece in pieces])
    assert (joined == Frontend(tables).columns(pcm)).all()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    fft_size=st.sampled_from([128, 256, 512, 1024]),
    hop_share=st.floats(0.05, 1.0),
    bands=st.integers(1, 128),
    length=st.one_of(st.integers(0, 1100), st.integers(0, 20000)),
    kind=st.sampled_from(KINDS),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_recording_gives_the_columns_of_its_stream(
    fft_size: int, hop_share: float, bands: int, length: int, kind: str, seed: int
) -> None:
    hop = max(1, round(hop_share * fft_size))
    try:
        tables = FrontendTables.from_config(
            FrontendConfig(fft_size=fft_size, hop=hop, bands=min(bands, fft_size // 16), fmin=0.0)
        )
    except UserError:
        assume(False)
    pcm = recording(kind, length, seed)
    streamed = Frontend(tables).columns(pcm)
    together = recording_columns(tables, pcm)
    assert together.shape == streamed.shape
    assert (together == streamed).all()


def test_real_clips_give_the_columns_of_their_streams(esc10_clips: list[Path]) -> None:
    tables = FrontendTables.from_config(FrontendConfig(hop=320))
    for clip in esc10_clips[::40]:
        pcm = read(clip)
        assert (recording_columns(tables, pcm) == Frontend(tables).columns(pcm)).all(), clip.name


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(1, 31), st.integers(1, 64), st.integers(0, 2**32 - 1))
def test_window_has_its_mean_subtracted(count: int, bands: int, seed: int) -> None:
    columns = np.random.default_rng(seed).integers(-128, 128, (count, bands)).astype(np.int8)
    mean = np.floor(columns.mean(dtype=np.float64) + 0.5)
    expected = np.clip(columns - mean, -128, 127)
    assert (normalised_window(columns, "window_mean") == expected).all()
    assert (normalised_window(columns, "none") == columns).all()


@given(st.integers(1, 40), st.integers(1, 60), st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_running_mean_is_that_of_the_last_columns(
    span: int, count: int, bands: int, seed: int
) -> None:
    recordings = np.random.default_rng(seed).integers(-128, 128, (2, count, bands)).astype(np.int8)
    found = running_mean(recordings, span)
    for columns, less in zip(recordings, found, strict=True):
        for number, column in enumerate(columns):
            mean = columns[max(0, number + 1 - span) : number + 1].mean(dtype=np.float64)
            assert (less[number] == np.clip(column - np.floor(mean + 0.5), -128, 127)).all()


@pytest.mark.parametrize(
    ("choices", "named"),
    [
        ({"fft_size": 1000}, "fft_size"),
        ({"fft_size": 2048}, "fft_size"),
        ({"hop": 0}, "hop"),
        ({"hop": 1025}, "hop"),
        ({"bands": 0}, "bands"),
        ({"bands": 129}, "bands"),
        ({"fmin": 9000.0}, "fmin"),
        ({"fmax": 8001.0}, "fmax"),
        ({"mel_scale": "bark"}, "mel_scale"),
        ({"norm": "l2"}, "norm"),
        ({"colour": 1}, "colour"),
        ({"bands": "60"}, "bands"),
    ],
)
def test_a_choice_that_does_not_fit_is_named(choices: dict[str, object], named: str) -> None:
    with pytest.raises(UserError, match=named):
        FrontendConfig.from_mapping(choices, "recipe.yaml")


def test_bands_without_a_bin_are_refused() -> None:
    with pytest.raises(UserError, match="between two bins"):
        FrontendTables.from_config(FrontendConfig(fft_size=128, hop=64, bands=60))
