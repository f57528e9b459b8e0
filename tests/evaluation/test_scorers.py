# SPDX-License-Identifier: Apache-2.0
"""Each scorer gives what its network gives, and names what is missing."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from soundpost.augmentation.epoch import to_float
from soundpost.compiler import Network
from soundpost.errors import UserError
from soundpost.evaluation import FloatScorer, Int8Scorer, SameScorer
from soundpost.evaluation.scorers import Engine
from soundpost.models.model import DEFAULT_MODEL, Model, models_folder
from soundpost.tf import load_keras, seed_everything
from soundpost.zoo.build import Builder

FOLDER = models_folder() / DEFAULT_MODEL
NETWORK = FOLDER / "model.tflite"
needs_tensorflow = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None,
    reason="no TensorFlow; pip install -e '.[train]'",
)


@pytest.mark.parametrize("engine", ["tflm", "compiled"])
def test_int8_scores_are_those_of_the_golden_vectors(engine: Engine) -> None:
    if engine == "tflm":
        pytest.importorskip("tflite_micro", reason="no TFLM interpreter; pip install tflite-micro")
    golden = np.load(FOLDER / "golden.npz")
    scores = Int8Scorer(NETWORK, engine).scores(golden["windows"][..., 0])
    assert scores.dtype == np.float32
    assert np.array_equal(scores * 256 - 128, golden["scores"])


def test_compiled_c_that_scores_otherwise_is_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tflite_micro", reason="no TFLM interpreter; pip install tflite-micro")
    golden = np.load(FOLDER / "golden.npz")
    windows = golden["windows"][..., 0]
    scorer = SameScorer(NETWORK)
    assert np.array_equal(scorer.scores(windows) * 256 - 128, golden["scores"])

    right = Network.run

    def wrong(self: Network, windows: NDArray[np.int8]) -> NDArray[np.int8]:
        outputs = right(self, windows)
        outputs[-1, 0] ^= 1
        return outputs

    monkeypatch.setattr(Network, "run", wrong)
    with pytest.raises(UserError, match=rf"compiled C gives 1 of {len(windows)} windows other"):
        scorer.scores(windows)


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(NETWORK.read_bytes()[:1000])
    with pytest.raises(UserError, match=r"model\.tflite"):
        Int8Scorer(path)


def test_without_the_interpreter_the_mend_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tflite_micro", None)
    with pytest.raises(UserError, match=r"TFLM interpreter.*pip install --pre tflite-micro"):
        Int8Scorer(NETWORK)
    Int8Scorer(NETWORK, "compiled")


def test_without_tensorflow_the_mend_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(UserError, match=r"TensorFlow.*pip install -e '\.\[train\]'"):
        FloatScorer(Path("float.keras"))


@needs_tensorflow
def test_float_scores_are_those_of_the_model_that_was_saved(tmp_path: Path) -> None:
    recipe = Model(FOLDER).recipe
    seed_everything(1)
    model = Builder(load_keras(), 0.0).model(recipe.layers, recipe.input_shape, "model", None)
    # an untrained network's scores are nearly constant
    last = model.get_layer("scores")
    last.set_weights([100 * weights for weights in last.get_weights()])
    model.save(tmp_path / "float.keras")
    random = np.random.default_rng(1)
    shape = (20, *recipe.input_shape[:2])
    windows = np.clip(random.normal(0, 30, shape), -128, 127).astype(np.int8)
    scores = FloatScorer(tmp_path / "float.keras").scores(windows)
    assert scores.shape == (20, len(recipe.classes))
    assert scores == pytest.approx(model.predict(to_float(windows), verbose=0), abs=1e-6)
    assert np.ptp(scores, axis=0).max() > 0.01


@needs_tensorflow
def test_a_file_that_is_no_keras_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "float.keras"
    path.write_bytes(b"PK\x03\x04 not a model")
    with pytest.raises(UserError, match=r"float\.keras: no Keras model"):
        FloatScorer(path)
