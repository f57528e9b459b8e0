# SPDX-License-Identifier: Apache-2.0
"""The sensor's pipeline in C gives each clip the scores that the Python evaluation gives."""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from soundpost.datasets import Clip
from soundpost.errors import UserError
from soundpost.evaluation import Hearing, Int8Scorer, SensorScorer, Verdict
from soundpost.evaluation.pipeline import MOST_WINDOWS
from soundpost.features import EvaluationRecorder
from soundpost.frontend import NORMALISATIONS, Normalisation, recording_columns
from soundpost.models.model import DEFAULT_MODEL, Model
from soundpost.synth.render import render_scene
from soundpost.synth.schedule import street_scene

MODEL = Model.find(DEFAULT_MODEL)
RECIPE = MODEL.recipe
SENSOR = SensorScorer(MODEL)
OVERLAPS = (0.0, 0.5, 0.75)
# samples of a window
LEAST = (RECIPE.window - 1) * RECIPE.frontend.hop + RECIPE.frontend.fft_size


def assert_same(clips: Sequence[Clip], overlap: float, sensor: SensorScorer = SENSOR) -> None:
    """Every score is the same, and so is every choice, which the detector makes too."""
    hearing = Hearing(sensor.model.recipe, overlap)
    compiled = Int8Scorer(MODEL.folder / "model.tflite", "compiled")
    ours = np.stack(list(hearing.mean_scores(compiled, clips)))
    sensors = np.stack(list(hearing.mean_scores(sensor, clips)))
    assert np.array_equal(ours, sensors)
    chosen = Verdict.by_scores(clips, ours).chosen
    assert np.array_equal(chosen, Verdict.by_scores(clips, sensors).chosen)
    # scores that hardly differ would hide a fault
    assert len(set(chosen.tolist())) > 1


def leader(pcm: NDArray[np.int16], overlap: float) -> int:
    """The class that core/detector itself chose."""
    sensor = SENSOR.sensor(overlap)
    for _ in sensor.lines(pcm):
        pass
    return sensor.leader


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> list[Clip]:
    """Clips of a synthesised street: from shorter than a window to longer than the vote."""
    pcm, _ = render_scene(street_scene(120, 3))
    folder, start, clips = tmp_path_factory.mktemp("street"), 0, []
    for number, seconds in enumerate((0.02, 0.7, 1.023, 1.024, 1.5, 2, 3.9, 4, 5, 8.7, 9.3, 40)):
        samples = pcm[start : start + int(seconds * 16000)]
        start += len(samples)
        path = folder / f"{number}.wav"
        soundfile.write(path, samples, 16000, subtype="PCM_16")
        clips.append(Clip(path, 0, str(number), 1))
    return clips


@pytest.mark.parametrize("overlap", OVERLAPS)
def test_on_synthesised_clips_of_any_length(street: list[Clip], overlap: float) -> None:
    assert_same(street, overlap)


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
def test_whatever_becomes_of_their_level(street: list[Clip], normalisation: Normalisation) -> None:
    recipe = replace(RECIPE, normalisation=normalisation)
    assert_same(street, 0.5, SensorScorer(Model(MODEL.folder, recipe)))


def test_on_real_clips(esc10_clips: list[Path]) -> None:
    clips = [Clip(path, 0, path.stem, 1) for path in esc10_clips]
    assert len(clips) == 400
    assert_same(clips, 0.5)


def test_on_real_clips_as_tflm_scores_them(esc10_clips: list[Path]) -> None:
    pytest.importorskip("tflite_micro", reason="no TFLM interpreter; pip install tflite-micro")
    clips, hearing = [Clip(path, 0, path.stem, 1) for path in esc10_clips[::8]], Hearing(RECIPE)
    tflm = Int8Scorer(MODEL.folder / "model.tflite", "tflm")
    theirs = list(hearing.mean_scores(tflm, clips))
    assert np.array_equal(theirs, list(hearing.mean_scores(SENSOR, clips)))


@pytest.mark.parametrize("overlap", OVERLAPS)
def test_the_detector_itself_chooses_so(esc10_clips: list[Path], overlap: float) -> None:
    recorder = EvaluationRecorder(RECIPE.frontend, RECIPE.window)
    for path in esc10_clips[::20]:
        pcm = recorder.pcm(Clip(path, 0, path.stem, 1))
        assert leader(pcm, overlap) == SENSOR.mean_scores(pcm, overlap).argmax()


@given(st.integers(0, 2**32), st.integers(LEAST, 180000), st.sampled_from(OVERLAPS))
def test_parts_of_a_long_clip_join_without_a_seam(seed: int, samples: int, overlap: float) -> None:
    random = np.random.default_rng(seed)
    level = 10 ** random.uniform(-4, 0, 1 + samples // 4000).repeat(4000)[:samples]
    pcm = np.clip(random.normal(0, 8000 * level), -32768, 32767).astype(np.int16)
    columns = recording_columns(MODEL.tables, pcm)
    length = RECIPE.window
    step = ceil(length * (1 - overlap))
    starts = range(0, len(columns) - length + 1, step)
    windows = np.stack([columns[s : s + length] for s in starts]).astype(int)
    if RECIPE.normalisation == "window_mean":
        # core/frontend takes the mean away, rounded half up
        windows -= np.floor(windows.mean(axis=(1, 2), keepdims=True) + 0.5).astype(int)
    inputs = np.clip(windows, -128, 127).astype(np.int8)[..., None]
    scores = MODEL.network.run(inputs).astype(int) + 128
    assert np.array_equal(SENSOR.mean_scores(pcm, overlap), scores.sum(axis=0) / 256 / len(scores))


def test_the_vote_holds_a_clip_of_esc_at_every_overlap() -> None:
    # 5 s at 75 %: else none of the tests above would meet the detector's own choice
    step = ceil(RECIPE.window / 4) * RECIPE.frontend.hop
    assert (5 * 16000 - LEAST) // step + 1 <= MOST_WINDOWS


def test_an_overlap_that_the_sensor_does_not_have_is_refused() -> None:
    with pytest.raises(UserError, match="window_hop"):
        SENSOR.sensor(-10.0)
