# SPDX-License-Identifier: Apache-2.0
"""Windows are varied by what is said, targets stay whole, and a seed repeats an epoch."""

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundpost.augmentation import AugmentationConfig
from soundpost.augmentation.columns import Columns
from soundpost.augmentation.corpus import Corpus, Places
from soundpost.augmentation.epoch import batches, blend, epoch, to_float
from soundpost.augmentation.layers import between_class, noise_corpus, silence_around, window_noise
from soundpost.augmentation.warp import warp
from soundpost.errors import UserError
from soundpost.frontend import FrontendConfig, running_mean
from soundpost.training.config import TrainingConfig

FRONTEND = FrontendConfig()
WINDOW = 31
CLIPS = 12
PLAIN = AugmentationConfig(2, 0.1, (-30.0, 6.0), 0.0, 0, 0, 0.0)
TRAINING = TrainingConfig(
    (1,), 1, 200, 16, "adamw", 0.001, 0.0, 0.0, 0.0, 0.0, 0.5, 0.99, 10, PLAIN
)


def with_augmentation(**choices: Any) -> TrainingConfig:
    return replace(TRAINING, augmentation=replace(PLAIN, **choices))


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """Twelve clips of three classes, the values of each around a level of its own."""
    random = np.random.default_rng(0)

    def rendering(clip: int) -> Columns:
        count = WINDOW + int(random.integers(20))
        return random.integers(5 * clip - 40, 5 * clip, (count, FRONTEND.bands)).astype(np.int8)

    variants = [[rendering(clip) for _ in range(2)] for clip in range(CLIPS)]
    return Corpus(variants, np.arange(CLIPS) % 3, 3, WINDOW, FRONTEND)


def draw(corpus: Corpus, config: TrainingConfig, seed: int = 5) -> tuple[Any, Any]:
    return epoch(corpus, config, np.random.default_rng(seed))


def test_an_epoch_is_whole_batches(corpus: Corpus) -> None:
    inputs, targets = draw(corpus, TRAINING)
    assert inputs.shape == (192, WINDOW, FRONTEND.bands, 1)
    assert targets.shape == (192, 3)
    assert inputs.dtype == targets.dtype == np.float32
    # each less its mean, to half a step
    assert np.abs(inputs.mean(axis=(1, 2, 3))).max() <= 0.5 / 32


EVERYTHING = {
    "audible_db": 6.0,
    "equalisation_db": 3.0,
    "masked_columns": 4,
    "masked_bands": 6,
    "masks": 2,
    "mixup": 0.3,
    "between_class": 0.7,
    "window_noise": 0.5,
    "silence": 0.5,
    "time_warp": 0.2,
    "band_shift": 2,
    "window_gain_db": 6.0,
}


@pytest.mark.parametrize("choices", [{}, *({k: v} for k, v in EVERYTHING.items()), EVERYTHING])
def test_a_seed_repeats_an_epoch(corpus: Corpus, choices: dict[str, Any]) -> None:
    config = with_augmentation(**choices)
    inputs, targets = draw(corpus, config)
    again = list(batches(corpus, config, np.random.default_rng(5)))
    assert all(len(batch) == 16 for batch, _ in again)
    assert np.array_equal(np.concatenate([batch for batch, _ in again]), inputs)
    assert np.array_equal(np.concatenate([batch for _, batch in again]), targets)
    assert not np.array_equal(draw(corpus, config, 6)[0], inputs)
    assert np.allclose(targets.sum(axis=1), 1)


def test_epochs_are_those_that_networks_were_trained_on(corpus: Corpus) -> None:
    # models/ is reproducible while this stays; mixing is left out, as it rounds floats
    config = with_augmentation(equalisation_db=4.0, masked_columns=6, masked_bands=8)
    inputs, targets = draw(corpus, config)
    values = np.rint(32 * inputs).astype(np.int8).tobytes() + targets.tobytes()
    assert hashlib.sha256(values).hexdigest()[:16] == "2d1754eed7c8c38e"


def test_without_normalisation_windows_keep_their_level(corpus: Corpus) -> None:
    loud = replace(corpus, normalisation="none")
    config = with_augmentation(equalisation_db=4.0, masked_columns=6, masked_bands=8)
    inputs, targets = draw(loud, config)
    plain, same = draw(corpus, config)
    assert np.array_equal(targets, same)
    # nothing but each window's mean is between them, in what masks hide too
    apart = 32 * (inputs - plain)
    means = apart[:, :1, :1]
    assert np.array_equal(apart, np.broadcast_to(means, apart.shape))
    assert np.ptp(means) > 40
    assert np.array_equal(means, np.rint(means))


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 12), st.integers(0, 2**32 - 1))
def test_a_lead_is_heard_before_a_window(lead: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    clips = random.integers(-90, 90, (CLIPS, WINDOW + lead, FRONTEND.bands)).astype(np.int8)
    variants = [[clip] for clip in clips]
    labels = np.arange(CLIPS) % 3
    corpus = Corpus(variants, labels, 3, WINDOW + lead, FRONTEND, "running_mean")
    inputs, _ = draw(corpus, replace(TRAINING, lead=lead), seed)
    less = running_mean(clips, WINDOW)
    places = {
        less[clip, at : at + WINDOW].tobytes(): at
        for clip in range(CLIPS)
        for at in range(lead + 1)
    }
    windows = np.rint(32 * inputs[..., 0]).astype(np.int8)
    # each is one of a clip, and a lead may be all of it or none
    found = [places[window.tobytes()] for window in windows]
    assert {0, lead} <= set(found)


def test_a_gain_of_windows_moves_whole_windows(corpus: Corpus) -> None:
    loud = replace(corpus, normalisation="none")
    plain, targets = draw(loud, TRAINING)
    moved, same = draw(loud, with_augmentation(window_gain_db=10.0))
    steps = 32 * (moved - plain)
    assert np.array_equal(targets, same)
    assert np.array_equal(steps, np.broadcast_to(steps[:, :1, :1], steps.shape))
    # evenly over twice 10 dB, of 0.5 dB a step
    gains = np.sort(steps[:, 0, 0, 0]) / 2
    assert np.abs(gains - np.linspace(-10, 10, len(gains))).max() < 2
    # and a network that sees them less their mean sees nothing of it
    still, _ = draw(corpus, with_augmentation(window_gain_db=10.0))
    assert np.array_equal(still, draw(corpus, TRAINING)[0])


def test_what_comes_later_leaves_the_first_draws_alone(corpus: Corpus) -> None:
    plain, _ = draw(corpus, TRAINING)
    for name in ("between_class", "window_noise"):
        varied, _ = draw(corpus, with_augmentation(noise_snr_db=(0.0, 0.0), **{name: 0.5}))
        same = (varied == plain).all(axis=(1, 2, 3)).mean()
        assert same == pytest.approx(0.5, abs=0.1)
    varied, _ = draw(corpus, with_augmentation(silence=0.5))
    # a sound may also fill its window
    assert 0.45 < (varied == plain).all(axis=(1, 2, 3)).mean() < 0.9


@settings(max_examples=25)
@given(st.integers(0, 2**32), st.floats(0, 1), st.floats(0.1, 10))
def test_windows_are_mixed_with_another_class(
    corpus: Corpus, seed: int, chance: float, beta: float
) -> None:
    random = np.random.default_rng(seed)
    places = corpus.places(random.integers(CLIPS, size=300), random)
    loudness, chances = corpus.loudness(places), corpus.probabilities(0.5)
    config = replace(PLAIN, between_class=chance, between_class_beta=beta)
    layer, share, labels = between_class(corpus, places, loudness, chances, config, random)
    own = corpus.labels[places.clips]
    assert (labels != own)[layer.rows].all()
    assert (share[~layer.rows] == 1).all()
    assert layer.rows.mean() == pytest.approx(chance, abs=0.13)
    # the levels that are heard are as the shares of amplitude
    first, second = loudness + layer.gains_db, corpus.loudness(layer.places) + layer.second_db
    mixed = layer.rows & (share > 0.001) & (share < 0.999)
    wanted = 20 * np.log10(share[mixed] / (1 - share[mixed]))
    assert np.allclose((first - second)[mixed], wanted, atol=1e-2)
    assert (np.maximum(layer.gains_db, layer.second_db) <= 0).all()


def test_shares_are_even_by_default(corpus: Corpus) -> None:
    config = replace(with_augmentation(between_class=1.0), windows=4000)
    _, targets = draw(corpus, config)
    assert (np.count_nonzero(targets, axis=1) == 2).all()
    ordered = np.sort(targets.max(axis=1))
    # the greater one of two even shares is even from a half to the whole
    assert np.allclose(ordered, np.linspace(0.5, 1, len(ordered)), atol=0.03)


def test_a_layer_changes_its_rows_only(corpus: Corpus) -> None:
    random = np.random.default_rng(1)
    places = corpus.places(np.arange(CLIPS), random)
    before = corpus.windows(places)
    config = replace(PLAIN, window_noise=0.5, noise_snr_db=(0.0, 0.0))
    layer = window_noise(corpus, corpus.loudness(places), config, random)
    windows = before.copy()
    layer.add(windows, slice(None))
    changed = (windows != before).any(axis=(1, 2))
    assert np.array_equal(changed, layer.rows)
    assert 0 < changed.sum() < CLIPS
    # in two parts, and in another order, it is the same
    for rows in (np.arange(CLIPS)[::-1], np.array([3, 4, 5]), slice(6, 8)):
        part = before[rows].copy()
        layer.add(part, rows)
        assert np.array_equal(part, windows[rows])


@pytest.mark.parametrize("snr_db", [0.0, 20.0])
def test_noise_of_a_window_has_its_ratio(corpus: Corpus, snr_db: float) -> None:
    random = np.random.default_rng(2)
    loudness = np.linspace(-20.0, 20.0, 50)
    config = replace(PLAIN, window_noise=1.0, noise_snr_db=(snr_db, snr_db))
    layer = window_noise(corpus, loudness, config, random)
    assert set(layer.places.clips) == {0, 1}
    noise = noise_corpus(FRONTEND, WINDOW)
    assert loudness - (noise.loudness(layer.places) + layer.second_db) == pytest.approx(snr_db)
    both = 10 * np.log10(1 + 10 ** (-snr_db / 10))
    assert layer.loudness(loudness) - loudness == pytest.approx(both)


def test_one_class_cannot_be_mixed(corpus: Corpus) -> None:
    alone = replace(corpus, labels=np.zeros(CLIPS, np.int64))
    with pytest.raises(UserError, match="between_class"):
        draw(alone, with_augmentation(between_class=0.5))


def test_effects_on_windows_leave_each_other_s_draws_alone(corpus: Corpus) -> None:
    _, targets = draw(corpus, with_augmentation(between_class=0.5))
    varied = {"silence": 0.5, "time_warp": 0.1, "band_shift": 1, "window_noise": 0.5}
    _, again = draw(corpus, with_augmentation(between_class=0.5, **varied))
    # shares and partners are the same
    assert np.array_equal(targets, again)


def test_silence_is_as_deep_as_it_is_said(corpus: Corpus) -> None:
    random = np.random.default_rng(4)
    places = corpus.places(np.arange(CLIPS), random)
    before, loudness = corpus.windows(places), corpus.loudness(places)
    config = replace(PLAIN, silence=0.6, silence_db=(20.0, 20.0))
    around = silence_around(corpus, loudness, config, random)
    windows = before.copy()
    around.add(windows, slice(None))
    changed = (windows != before).any(axis=2)
    assert not changed[~around.rows].any()
    assert changed[around.rows].any(axis=1).sum() >= 3
    floor = around.corpus.loudness(around.places) + around.floor_db
    assert loudness - floor == pytest.approx(20.0)
    for window, sound, hushed in zip(windows, before, changed, strict=True):
        loudest = sound.mean(axis=1).argmax()
        assert not hushed[loudest]
        if hushed.any():
            assert window[hushed].mean() < sound[hushed].mean()


@settings(max_examples=25)
@given(st.integers(0, 2**32), st.floats(0.01, 0.5), st.integers(1, 8))
def test_windows_are_warped_within_their_renderings(
    corpus: Corpus, seed: int, time_warp: float, band_shift: int
) -> None:
    random = np.random.default_rng(seed)
    places = corpus.places(random.integers(CLIPS, size=200), random)
    config = replace(PLAIN, time_warp=time_warp, band_shift=band_shift)
    warped = warp(corpus, places, config, random)
    assert warped.lengths is not None
    assert warped.shifts is not None
    assert np.abs(warped.shifts).max() <= band_shift
    most = np.exp(time_warp) * WINDOW + 0.5
    assert (warped.lengths <= most).all()
    assert (warped.lengths >= np.exp(-time_warp) * WINDOW - 0.5).all()
    counts = np.array([len(corpus.variants[c][v]) for c, v in zip(*places[:2], strict=True)])
    assert (warped.starts >= 0).all()
    assert (warped.starts + warped.lengths <= counts).all()
    # what was at a place is in its longer window, and a shorter one is in it
    longer = warped.lengths >= WINDOW
    assert (warped.starts <= places.starts)[longer].all()
    ends, before = warped.starts + warped.lengths, places.starts + WINDOW
    assert (ends >= before)[longer].all()
    assert (warped.starts >= places.starts)[~longer].all()
    assert (ends <= before)[~longer].all()
    assert corpus.windows(warped).shape == (200, WINDOW, FRONTEND.bands)
    assert np.isfinite(corpus.loudness(warped)).all()


def test_no_warp_is_the_identity(corpus: Corpus) -> None:
    random = np.random.default_rng(6)
    places = corpus.places(np.arange(CLIPS), random)
    assert warp(corpus, places, PLAIN, random) is places
    ones = np.ones(CLIPS, np.int64)
    stated = places._replace(lengths=WINDOW * ones, shifts=0 * ones)
    assert np.array_equal(corpus.windows(stated), corpus.windows(places))
    assert np.array_equal(corpus.loudness(stated), corpus.loudness(places))
    # and some rows of it are those of all
    picked = places.at(slice(2, 5))
    assert np.array_equal(corpus.windows(stated.at(slice(2, 5))), corpus.windows(picked))


def test_mixing_inputs_keeps_targets_whole() -> None:
    random = np.random.default_rng(3)
    inputs = to_float(random.integers(-128, 128, (8, 31, 60)).astype(np.int8))
    share = random.uniform(0.5, 1.0, 8).astype(np.float32)
    others = np.roll(np.arange(8), 1)
    targets = blend(np.eye(8, dtype=np.float32), np.eye(8, dtype=np.float32)[others], share)
    mixed = blend(inputs, inputs[others], share)
    assert np.allclose(targets.sum(axis=1), 1)
    assert np.allclose(np.tensordot(targets, inputs, 1), mixed, atol=1e-5)


def test_a_place_is_a_part_of_a_rendering(corpus: Corpus) -> None:
    places = Places(np.array([3, 7]), np.array([1, 0]), np.array([0, 2]))
    windows = corpus.windows(places)
    assert np.array_equal(windows[0], corpus.variants[3][1][:WINDOW])
    assert np.array_equal(windows[1], corpus.variants[7][0][2 : 2 + WINDOW])


def test_silent_parts_of_a_clip_can_be_left_out() -> None:
    columns = np.full((200, 60), -100, np.int8)
    columns[100:110] = 0
    corpus = Corpus([[columns]], np.array([0]), 1, WINDOW, FRONTEND)
    random = np.random.default_rng(0)
    starts = [corpus.draw(0, random, 6.0)[1] for _ in range(2000)]
    # a tenth of a second is three columns, of which one must be loud: 4.8 dB under all three
    assert (min(starts), max(starts)) == (100 - WINDOW + 1, 109)
    assert np.ptp([corpus.draw(0, random)[1] for _ in range(2000)]) > 150
    loudness = corpus.loudness(corpus.places(np.zeros(200, np.int64), random, 6.0))
    assert loudness.min() >= loudness.max() - 6


def test_balance_evens_classes() -> None:
    labels = np.array([0, 0, 0, 1])
    corpus = Corpus([[np.zeros((31, 60), np.int8)]] * 4, labels, 2, WINDOW, FRONTEND)
    assert corpus.probabilities(0.0) == pytest.approx([0.25] * 4)
    assert corpus.probabilities(1.0) == pytest.approx([1 / 6] * 3 + [0.5])
