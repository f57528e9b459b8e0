# SPDX-License-Identifier: Apache-2.0
"""Every network of the zoo, as int8: TFLM and the compiled one agree to the byte, at its cost."""

import importlib.util
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from zoo_networks import LEARNT, NETWORKS, settled

from soundpost.augmentation.epoch import to_float
from soundpost.compiler import Network
from soundpost.models import Recipe
from soundpost.quantization.aware import aware_to_tflite, build_aware, fold
from soundpost.quantization.convert import to_tflite
from soundpost.zoo import multiplications, parameters

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None,
    reason="no TensorFlow; pip install -e '.[train]'",
)

# `make parity` compares many more
NOISE_WINDOWS = 200


def noise(count: int) -> NDArray[np.int8]:
    """Windows of every loudness."""
    random = np.random.default_rng(2)
    loud = random.integers(-128, 128, (count, 31, 60), np.int8)
    return loud >> random.integers(0, 7, (count, 1, 1), np.int8)


def weights(model: bytes) -> int:
    """Weights and biases in a .tflite as the `tflite` package, which is not ours, reads it."""
    tflite = pytest.importorskip("tflite")
    file = tflite.Model.GetRootAs(model, 0)
    graph = file.Subgraphs(0)
    tensors: Sequence[Any] = [graph.Tensors(n) for n in range(graph.TensorsLength())]
    held = [t for t in tensors if file.Buffers(t.Buffer()).DataLength()]
    # a bias is int32 with a scale; shapes and axes have none
    biases = [t for t in held if t.Type() == 2 and t.Quantization().ScaleLength()]
    constants = [t for t in held if t.Type() == 9] + biases
    return sum(int(np.prod(t.ShapeAsNumpy())) for t in constants)


def check(recipe: Recipe, model: Any, tflite: bytes, heard: NDArray[np.int8]) -> None:
    """TFLM and the compiled network agree, follow the float one, and cost what is counted."""
    pytest.importorskip("tflite_micro", reason="no TFLM interpreter; pip install tflite-micro")
    from tflite_micro import runtime

    network = Network.from_tflite(tflite)
    windows = np.concatenate([heard, noise(NOISE_WINDOWS)])[..., None]
    compiled = network.run(windows)
    interpreter = runtime.Interpreter.from_bytes(tflite)
    for window, scores in zip(windows, compiled, strict=True):
        interpreter.set_input(window[None], 0)
        interpreter.invoke()
        assert np.array_equal(interpreter.get_output(0)[0], scores)

    assert len(np.unique(compiled)) > 50
    floats = model.predict(to_float(heard), verbose=0)
    compiled = compiled[: len(heard)]
    assert np.corrcoef(compiled.ravel(), floats.ravel())[0, 1] > 0.9
    assert weights(tflite) == parameters(recipe.costs)
    assert sum(step.macs for step in network.compiled.steps) == multiplications(recipe.costs)


@pytest.mark.parametrize("name", NETWORKS)
def test_calibrated(name: str) -> None:
    recipe, model, heard = settled(name)
    check(recipe, model, to_tflite(recipe, model, heard), heard)


@pytest.mark.parametrize("name", LEARNT)
def test_learnt(name: str) -> None:
    recipe, model, heard = settled(name)
    folded = fold(model)
    aware = build_aware(recipe, folded)
    aware(to_float(heard), training=True)
    tflite = aware_to_tflite(recipe, folded, aware)
    check(recipe, model, tflite, heard)

    # each range that was learnt is that of a tensor, to the last digit of its scale
    ranges = [layer.get_weights() for layer in aware.layers if type(layer).__name__ == "Rounding"]
    learnt = {((high - low) / 255, round(-128 - low * 255 / (high - low))) for low, high in ranges}
    found = activation_scales(tflite)
    assert len(learnt) > 5
    for scale, zero_point in learnt:
        near = [zero for held, zero in found if held == pytest.approx(scale, rel=1e-6)]
        assert near == [zero_point]


def activation_scales(model: bytes) -> set[tuple[float, int]]:
    """Scale and zero point of each int8 tensor that is computed."""
    tflite = pytest.importorskip("tflite")
    file = tflite.Model.GetRootAs(model, 0)
    graph = file.Subgraphs(0)
    tensors = [graph.Tensors(n) for n in range(graph.TensorsLength())]
    return {
        (float(t.Quantization().ScaleAsNumpy()[0]), int(t.Quantization().ZeroPointAsNumpy()[0]))
        for t in tensors
        if t.Type() == 9 and not file.Buffers(t.Buffer()).DataLength()
    }
