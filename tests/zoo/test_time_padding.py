# SPDX-License-Identifier: Apache-2.0
"""Without padding along time, what windows share is the same in each."""

import importlib.util
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from soundpost.tf import load_keras, seed_everything
from soundpost.zoo.build import Builder
from soundpost.zoo.inverted_residual import Stem
from soundpost.zoo.residual_convolution import Block, ResidualConvolution, TimePadding

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None,
    reason="no TensorFlow; pip install -e '.[train]'",
)

WINDOW, STEP, BANDS = 47, 16, 20
BLOCKS = (Block(6, (2, 2)), Block(6), Block(8, (2, 1)), Block(8, kernel=(1, 3)))


def network(columns: int, time_padding: TimePadding) -> Any:
    """A model for so many columns, up to its mean."""
    chosen = ResidualConvolution(
        "residual_convolution",
        stem=Stem(4, (3, 3), (2, 2)),
        pointwise=6,
        blocks=BLOCKS,
        time_padding=time_padding,
    )
    keras = load_keras()
    model = Builder(keras).model(chosen.layers(3, 0.0), (columns, BANDS, 1), "model")
    return keras.Model(model.input, model.get_layer("mean").input)


def features(time_padding: TimePadding) -> list[NDArray[np.float32]]:
    """What precedes the mean: of a long window, of its start and of its end, STEP later."""
    seed_everything(1)
    sound = np.random.default_rng(1).normal(size=(1, WINDOW + STEP, BANDS, 1)).astype(np.float32)
    long = network(WINDOW + STEP, time_padding)
    short = network(WINDOW, time_padding)
    short.set_weights(long.get_weights())
    ends = [short(sound[:, at:][:, :WINDOW]) for at in (0, STEP)]
    return [np.asarray(one) for one in (long(sound), *ends)]


def test_windows_share_their_columns() -> None:
    long, start, end = features("valid")
    assert start.shape[1] == 1
    assert np.ptp(long) > 0.1
    np.testing.assert_allclose(long, np.concatenate([start, end], axis=1), rtol=1e-5, atol=1e-6)


def test_with_padding_they_share_none() -> None:
    _, start, end = features("same")
    same = [np.allclose(one, other) for one in start[0] for other in end[0]]
    assert not any(same)
