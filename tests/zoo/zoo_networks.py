# SPDX-License-Identifier: Apache-2.0
"""The zoo's networks with random weights, as they come out of a training: `python
tests/zoo/zoo_networks.py FOLDER` writes them as int8.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundpost.augmentation.epoch import to_float
from soundpost.models import Recipe
from soundpost.quantization.aware import aware_to_tflite, build_aware, fold
from soundpost.quantization.convert import to_tflite
from soundpost.tf import load_keras, seed_everything
from soundpost.training.network import build
from soundpost.zoo import ARCHITECTURES, Architecture
from soundpost.zoo.architectures import EXAMPLES, ThesisNetwork
from soundpost.zoo.inverted_residual import InvertedResidual, Stage, Stem
from soundpost.zoo.residual_convolution import Block, ResidualConvolution

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
# a sum of it loses columns, which are cut off its other side
UNPADDED = ResidualConvolution(
    "residual_convolution",
    stem=Stem(8, (3, 3), (2, 2)),
    blocks=(Block(12, (1, 2)), Block(12), Block(12, kernel=(1, 3)), Block(16, (1, 2), (2, 3))),
    pointwise=8,
    time_padding="valid",
)
NETWORKS: dict[str, Architecture] = {
    name: EXAMPLES[name] if name in EXAMPLES else ThesisNetwork(name) for name in ARCHITECTURES
}
NETWORKS["uneven"] = UNEVEN
NETWORKS["teacher"] = TEACHER
NETWORKS["unpadded"] = UNPADDED
LEARNT = ("baseline_ds", "stride_effnet", *EXAMPLES, "uneven", "teacher", "unpadded")


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


def settled(name: str) -> tuple[Recipe, Any, NDArray[np.int8]]:
    """A recipe, its network in float, and windows."""
    recipe = replace(Recipe.from_file(RECIPE), network=NETWORKS[name])
    random = np.random.default_rng(1)
    seed_everything(1)
    heard = windows(random)
    model = build(recipe)
    settle(model, to_float(heard), random)
    return recipe, model, heard


def calibrated(name: str) -> bytes:
    """A network as int8, its ranges from what it hears."""
    recipe, model, heard = settled(name)
    return to_tflite(recipe, model, heard)


def learnt(name: str) -> bytes:
    """A network as int8, its ranges from quantisation-aware training."""
    recipe, model, heard = settled(name)
    folded = fold(model)
    aware = build_aware(recipe, folded)
    aware(to_float(heard), training=True)
    return aware_to_tflite(recipe, folded, aware)


def main(folder: Path) -> None:
    """Write all of them into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NETWORKS:
        (folder / f"{name}.tflite").write_bytes(calibrated(name))
        print(f"wrote {folder / name}.tflite")
    for name in LEARNT:
        (folder / f"{name}_learnt.tflite").write_bytes(learnt(name))
        print(f"wrote {folder / name}_learnt.tflite")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
