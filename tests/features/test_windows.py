# SPDX-License-Identifier: Apache-2.0
"""Clips of any length become whole windows, and none holds digital silence."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from soundpost.augmentation import AugmentationConfig
from soundpost.datasets import Clip
from soundpost.features import EvaluationRecorder, evaluation_windows, training_columns
from soundpost.features.rendering import Rendering, random_rendering, render, window_samples
from soundpost.frontend import FrontendConfig, FrontendTables, recording_columns
from soundpost.frontend.features import Frontend

CONFIG = FrontendConfig()
WINDOW = 31
AUGMENTATION = AugmentationConfig(2, 0.1, (-30.0, 6.0), 3.0, 6, 8, 0.3)


@pytest.fixture
def clips(tmp_path: Path) -> list[Clip]:
    """Clips of 10 ms, 1 s, a window and a sample less, and 4 s; the last is digital silence."""
    random = np.random.default_rng(1)
    made = []
    for number, count in enumerate([160, 16000, 16383, 16384, 64000, 64000]):
        path = tmp_path / f"{number}.wav"
        samples = 0.1 * random.standard_normal(count)
        soundfile.write(path, samples if number < 5 else np.zeros(count), 16000)
        made.append(Clip(path, number % 2, str(number), 1, True))
    return made


@given(
    st.integers(1, 40000),
    st.floats(0.8, 1.25),
    st.floats(-30, 20),
    st.floats(0, 1),
    st.integers(0, 511),
)
def test_a_rendering_fills_a_window(
    count: int, speed: float, gain: float, place: float, skip: int
) -> None:
    samples = np.full(count, 0.5, np.float32)
    how = Rendering(speed=speed, gain_db=gain, place=place, skip=skip)
    least = window_samples(CONFIG, WINDOW)
    pcm = render(samples, least, how, np.random.default_rng(0))
    assert pcm.dtype == np.int16
    assert least <= len(pcm) <= max(least, count / speed + 2)


def test_an_even_rendering_is_the_clip_over_its_noise() -> None:
    samples = (0.3 * np.sin(np.arange(32000) / 7)).astype(np.float32)
    pcm = render(samples, 16384, Rendering(), np.random.default_rng(0))
    rest = pcm / 2.0**15 - samples
    assert 20 * np.log10(np.sqrt(np.mean(rest**2))) == pytest.approx(-80, abs=0.3)


def test_a_short_clip_lies_in_quiet_surroundings() -> None:
    random = np.random.default_rng(0)
    samples = (0.3 * random.standard_normal(1600)).astype(np.float32)
    pcm = render(samples, 16384, Rendering(), random) / 2.0**15
    inside = slice((16384 - 1600) // 2, (16384 + 1600) // 2)
    level = 10 * np.log10(np.mean(pcm[inside] ** 2))
    around = 10 * np.log10(np.mean(np.delete(pcm, np.r_[inside]) ** 2))
    assert level - around == pytest.approx(40, abs=1.5)


def test_every_clip_gives_whole_windows(clips: list[Clip]) -> None:
    windows = list(evaluation_windows(clips, CONFIG, WINDOW, "window_mean"))
    assert [w.shape for w in windows] == [(n, WINDOW, 60) for n in (1, 1, 1, 1, 6, 6)]
    # each less its mean, to half a step
    assert all(abs(float(w.mean())) <= 0.5 for clip in windows[1:] for w in clip)


def test_windows_without_normalisation_are_the_columns(clips: list[Clip]) -> None:
    plain = list(evaluation_windows(clips[4:], CONFIG, WINDOW, "none", overlap=0.0))
    tables = FrontendTables.from_config(CONFIG)
    for clip, windows in zip(clips[4:], plain, strict=True):
        columns = recording_columns(tables, EvaluationRecorder(CONFIG, WINDOW).pcm(clip))
        count = len(windows) * WINDOW
        assert np.array_equal(windows.reshape(count, -1), columns[:count])


def test_a_running_mean_is_that_of_the_clip_so_far(clips: list[Clip]) -> None:
    found = list(evaluation_windows(clips[4:], CONFIG, WINDOW, "running_mean", overlap=0.75))
    tables = FrontendTables.from_config(CONFIG)
    for clip, windows in zip(clips[4:], found, strict=True):
        columns = recording_columns(tables, EvaluationRecorder(CONFIG, WINDOW).pcm(clip))
        for number, window in enumerate(windows):
            for column in range(8 * number, 8 * number + WINDOW):
                last = columns[max(0, column - WINDOW + 1) : column + 1]
                less = columns[column] - np.floor(last.mean() + 0.5)
                assert np.array_equal(window[column - 8 * number], np.clip(less, -128, 127))


def test_no_column_is_digital_silence(clips: list[Clip]) -> None:
    least = window_samples(CONFIG, WINDOW)
    pcm = render(np.zeros(64000, np.float32), least, Rendering(), np.random.default_rng(0))
    assert Frontend(FrontendTables.from_config(CONFIG)).columns(pcm).min() > -128
    for variants in training_columns(clips, CONFIG, WINDOW, AUGMENTATION, 1):
        assert all(len(columns) >= WINDOW and columns.max() > -128 for columns in variants)


def test_a_clip_does_not_depend_on_the_others(clips: list[Clip]) -> None:
    alone = next(iter(training_columns(clips[4:5], CONFIG, WINDOW, AUGMENTATION, 1)))
    among = list(training_columns(clips, CONFIG, WINDOW, AUGMENTATION, 1))[4]
    assert all(np.array_equal(a, b) for a, b in zip(alone, among, strict=True))
    first = next(iter(evaluation_windows(clips[4:5], CONFIG, WINDOW, "window_mean")))
    assert np.array_equal(first, list(evaluation_windows(clips, CONFIG, WINDOW, "window_mean"))[4])


@given(st.integers(1, 1024), st.integers(1, 40), st.sampled_from([128, 512, 1024]))
def test_samples_of_a_window_give_its_columns(hop: int, window: int, size: int) -> None:
    config = FrontendConfig(fft_size=size, hop=min(hop, size), bands=8)
    tables = FrontendTables.from_config(config)
    count = window_samples(config, window)
    assert len(recording_columns(tables, np.zeros(count, np.int16))) == window
    assert len(recording_columns(tables, np.zeros(count - 1, np.int16))) == window - 1


@pytest.mark.parametrize(("overlap", "count"), [(0.0, 4), (0.5, 6), (0.75, 12), (0.99, 94)])
def test_windows_overlap_as_is_said(clips: list[Clip], overlap: float, count: int) -> None:
    (windows,) = evaluation_windows(clips[4:5], CONFIG, WINDOW, "window_mean", overlap=overlap)
    # 124 columns
    assert len(windows) == count


@given(st.integers(0, 2**32))
def test_random_renderings_keep_their_ranges(seed: int) -> None:
    how = random_rendering(AUGMENTATION, 512, np.random.default_rng(seed))
    assert 1 / 1.1 <= how.speed <= 1.1
    assert -30 <= how.gain_db <= 6
    assert -90 <= how.floor_dbfs <= -70
    assert 0 <= how.skip < 512
