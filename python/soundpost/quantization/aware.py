# SPDX-License-Identifier: Apache-2.0
"""Quantisation-aware training: the network as int8 will compute it, and its way to .tflite.

Normalisation is folded into the convolutions first. Weights and activations are then rounded in the
forward pass as TFLM rounds them, and the ranges of activations go into the .tflite as they were
learnt.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundpost.augmentation.epoch import INPUT_SCALE
from soundpost.models.recipe import Recipe
from soundpost.quantization.convert import convert
from soundpost.tf import load_keras, load_tensorflow
from soundpost.zoo.build import DENSE_NAMES, Builder
from soundpost.zoo.layers import Convolution, Dense, Depthwise, Padding, Pair, Separable

Kernel = NDArray[np.float32]
Folded = dict[str, tuple[Kernel, Kernel]]
"""Kernel and bias of each layer that has weights, by the names of soundpost.zoo.build."""


def fold(model: Any) -> Folded:
    """The weights of a float model, with normalisation folded into the convolution before it.

    A separable convolution comes in two: NAME and NAME_pointwise.
    """
    keras = load_keras()
    found: Folded = {}
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dense):
            found[layer.name] = tuple(layer.get_weights())
        elif layer.name.startswith("convolution"):
            normalisation = model.get_layer(layer.name.replace("convolution", "normalisation"))
            gain, shift, mean, variance = normalisation.get_weights()
            gain = gain / np.sqrt(variance + normalisation.epsilon)
            bias = shift - mean * gain
            first, *second = layer.get_weights()
            if second:
                found[layer.name] = (first, np.zeros(first.shape[2], np.float32))
                found[f"{layer.name}_pointwise"] = (second[0] * gain, bias)
            elif isinstance(layer, keras.layers.DepthwiseConv2D):
                found[layer.name] = (first * gain[:, None], bias)
            else:
                found[layer.name] = (first * gain, bias)
    return found


class AwareBuilder(Builder):
    """Builds the network that rounds."""

    def __init__(self, folded: Folded, exported: bool) -> None:
        """A builder for one model.

        Args:
            folded: weights to begin with.
            exported: leaves the rounding of weights to the converter.
        """
        super().__init__(load_keras())
        from soundpost.quantization import rounding

        self._rounding = rounding
        self._folded, self._exported = folded, exported

    def begin(self, x: Any) -> Any:
        """A window as int8 holds it."""
        ends = (-128 * INPUT_SCALE, 127 * INPUT_SCALE)
        return self._rounding.Rounding(ends, name="input")(x)

    def store(self, x: Any) -> Any:
        """A tensor in the steps of its range."""
        return self._rounding.Rounding(name=self._name("range"))(x)

    def convolve(self, layer: Convolution | Depthwise | Separable, x: Any) -> Any:
        """A convolution with what was its normalisation in its weights."""
        name = self._name("convolution")
        if not isinstance(layer, Separable):
            depthwise = isinstance(layer, Depthwise)
            return self._weighted(name, depthwise, layer.strides, layer.padding, x)
        x = self.store(self._weighted(name, True, layer.strides, layer.padding, x))
        return self._weighted(f"{name}_pointwise", False, (1, 1), "valid", x)

    def connect(self, layer: Dense, x: Any) -> Any:
        """A dense layer."""
        name = DENSE_NAMES[layer.activation]
        x = self._rounding.Connect(*self._folded[name], self._exported, name=name)(x)
        if layer.activation == "softmax":
            # a softmax has the one range that it can have
            return self.make.Softmax(name="softmax")(self.store(x))
        return self.store(self._activate(layer.activation, x))

    def _weighted(self, name: str, depthwise: bool, strides: Pair, padding: Padding, x: Any) -> Any:
        kernel, bias = self._folded[name]
        make = self._rounding.Convolve
        return make(depthwise, strides, padding, kernel, bias, self._exported, name=name)(x)


def build_aware(recipe: Recipe, folded: Folded) -> Any:
    """The network of a recipe that rounds as int8 does, beginning with `folded` weights."""
    builder = AwareBuilder(folded, exported=False)
    return builder.model(recipe.layers, recipe.input_shape, recipe.name)


def aware_to_tflite(recipe: Recipe, folded: Folded, model: Any) -> bytes:
    """What build_aware made, with what it learnt, as full int8 .tflite.

    Args:
        recipe: what both were built from.
        folded: likewise.
        model: with its weights and ranges.
    """
    tf = load_tensorflow()
    tf.keras.backend.clear_session()
    builder = AwareBuilder(folded, exported=True)
    single = builder.model(recipe.layers, recipe.input_shape, recipe.name, batch=1)
    single.set_weights(model.get_weights())
    return convert(tf.lite.TFLiteConverter.from_keras_model(single))
