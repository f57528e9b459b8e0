# SPDX-License-Identifier: Apache-2.0
"""Every network of the zoo, as int8: TFLM and the compiled one agree to the byte, at its cost."""

import importlib.util
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from soundpost.augmentation.epoch import to_float
from soundpost.compiler import Network
from soundpost.models import Recipe
from soundpost.quantization.aware import aware_to_tflite, build_aware, fold
from soundpost.quantization.convert import to_tflite
from soundpost.tf import load_keras, seed_everything
from soundpost.training.network import build
from soundpost.zoo import ARCHITECTURES, Architecture, multiplications, parameters
from soundpost.zoo.architectures import EXAMPLES, ThesisNetwork
from soundpost.zoo.inverted_residual import InvertedResidual, Stage, Stem
from soundpost.zoo.residual_convolution import Block, ResidualConvolution

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None,
    reason="no TensorFlow; pip install -e '.[train]'",
)

WINDOWS = 60
RECIPE = Path(__file__).resolve().parents[2] / "models" / "stride_ds_24" / "recipe.yaml"
UNEVEN = InvertedResidual(
    "soundpost_ir",
    stem=Stem(6, (3, 5), (1, 2)),
    stages=(Stage(7, 2, 1, (2, 2)), Stage(9, 2, 2.5, (3, 3), (5, 3))),
    dense=11,
    activation="relu6",
)
TEACHER = ResidualConvolution(
    "residual_convolution",
    stem=Stem(7, (3, 3), (1, 2)),
    blocks=(Block(7), Block(10, (3, 1)), Block(10), Block(10), Block(13, (2, 2))),
    head=9,
)
NETWORKS: dict[str, Architecture] = {
    name: EXAMPLES[name] if name in EXAMPLES else ThesisNetwork(name) for name in ARCHITECTURES
}
NETWORKS["uneven"] = UNEVEN
NETWORKS["teacher"] = TEACHER
LEARNT = ("baseline_ds", "stride_effnet", *EXAMPLES, "uneven", "teacher")


def windows(random: np.random.Generator) -> NDArray[np.int8]:
    """Windows of mean zero that are smooth, as log-mel columns are."""
    noise = random.normal(size=(WINDOWS, 31, 60))
    for axis in (1, 2):
        for _ in range(3):
            noise = noise + np.roll(noise, 1, axis)
    noise -= noise.mean(axis=(1, 2), keepdims=True)
    noise *= 40 / noise.std() * random.uniform(0.3, 1.5, size=(WINDOWS, 1, 1))
    return np.asarray(np.clip(np.rint(noise), -128, 127), np.int8)


def settle(model: Any, inputs: NDArray[np.float32], random: np.random.Generator) -> None:
    """Normalise as training would, but unevenly, with scores that spread and biases everywhere.

    Nearly constant values would hide errors.
    """
    keras = load_keras()
    for layer in model.layers:
        if layer.name.startswith("normalisation"):
            heard = np.asarray(keras.Model(model.input, layer.input)(inputs))
            mean, variance = heard.mean(axis=(0, 1, 2)), heard.var(axis=(0, 1, 2))
            gain = np.exp(random.normal(scale=0.3, size=mean.shape))
            shift = random.normal(scale=0.2, size=mean.shape)
            layer.set_weights([gain, shift, mean, variance])
    for layer in model.layers:
        if layer.name in ("hidden", "scores"):
            kernel, _ = layer.get_weights()
            values = np.asarray(keras.Model(model.input, layer.input)(inputs)) @ kernel
            kernel *= 2 / values.std(axis=0)
            centre = (values * 2 / values.std(axis=0)).mean(axis=0)
            layer.set_weights([kernel, random.normal(scale=0.1, size=centre.shape) - centre])


def weights(model: bytes) -> int:
    """Weights and biases in a .tflite as the `tflite` package, which is not ours, reads it."""
    tflite = pytest.importorskip("tflite")
    file = tflite.Model.GetRootAs(model, 0)
    graph = file.Subgraphs(0)
    tensors: Sequence[Any] = [graph.Tensors(n) for n in range(graph.TensorsLength())]
    held = [t for t in tensors if file.Buffers(t.Buffer()).DataLength()]
    # a bias is int32 with a scale; shapes and axes have none
    biases = [t for t in held if t.Type() == 2 and t.Quantization().ScaleLength()]
    held = [t for t in held if t.Type() == 9] + biases
    constants = [t for t in held if t.Type() == 9] + biases
    return sum(int(np.prod(t.ShapeAsNumpy())) for t in constants)


def settled(name: str) -> tuple[Recipe, Any, NDArray[np.int8]]:
    """A recipe, its network in float, and windows."""
    recipe = replace(Recipe.from_file(RECIPE), network=NETWORKS[name])
    random = np.random.default_rng(1)
    seed_everything(1)
    heard = windows(random)
    model = build(recipe)
    settle(model, to_float(heard), random)
    return recipe, model, heard


def check(recipe: Recipe, model: Any, tflite: bytes, heard: NDArray[np.int8]) -> None:
    """TFLM and the compiled network agree, follow the float one, and cost what is counted."""
    pytest.importorskip("tflite_micro", reason="no TFLM interpreter; pip install tflite-micro")
    from tflite_micro import runtime

    network = Network.from_tflite(tflite)
    compiled = network.run(heard[..., None])
    interpreter = runtime.Interpreter.from_bytes(tflite)
    for window, scores in zip(heard, compiled, strict=True):
        interpreter.set_input(window[None, ..., None], 0)
        interpreter.invoke()
        assert np.array_equal(interpreter.get_output(0)[0], scores)

    assert len(np.unique(compiled)) > 50
    floats = model.predict(to_float(heard), verbose=0)
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
