# SPDX-License-Identifier: Apache-2.0
"""Layers as a Keras model."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from soundpost.zoo.cost import Shape
from soundpost.zoo.layers import (
    Activation,
    Convolution,
    Dense,
    Depthwise,
    Dropout,
    Flatten,
    GlobalMean,
    Layer,
    MaxPool,
    Pad,
    Residual,
    Separable,
)

DENSE_NAMES = {"relu": "hidden", "softmax": "scores"}
CEILINGS: dict[Activation, float | None] = {"relu": None, "relu6": 6.0}


class Builder:
    """Builds one Keras model.

    Layers are named by kind and number, not by Keras's count of all models so far: names end up in
    the .tflite, which is the same whatever was built before.
    """

    def __init__(
        self, keras: Any, l2: float = 0.0, normalisation: Callable[..., Any] | None = None
    ) -> None:
        """A builder for one model.

        Args:
            keras: the module, once it is set up.
            l2: factor of the L2 penalty on dense layers.
            normalisation: makes normalisation layers; Keras's own by default.
        """
        self.keras = keras
        self.make = keras.layers
        self.penalty = keras.regularizers.L2(l2) if l2 else None
        self.normalisation = normalisation or keras.layers.BatchNormalization
        self._counts: Counter[str] = Counter()

    def model(
        self, layers: Sequence[Layer], source: Shape, name: str, batch: int | None = None
    ) -> Any:
        """An untrained model: (batch, *source) floats to scores.

        Args:
            layers: the network.
            source: shape of its input: columns, bands, channels.
            name: of the model.
            batch: fixed size of a batch, or None for any.
        """
        inputs = self.keras.Input(source, batch, name="window")
        return self.keras.Model(inputs, self.chain(layers, self.begin(inputs)), name=name)

    def begin(self, x: Any) -> Any:
        """What the first layer gets for the input `x`."""
        return x

    def store(self, x: Any) -> Any:
        """What the next layer gets for `x`, where the int8 network stores a tensor of its own."""
        return x

    def chain(self, layers: Sequence[Layer], x: Any) -> Any:
        """What `layers` make of the tensor `x`."""
        for layer in layers:
            x = self.layer(layer, x)
        return x

    def layer(self, layer: Layer, x: Any) -> Any:
        """What one layer makes of the tensor `x`."""
        match layer:
            case Convolution() | Depthwise() | Separable():
                x = self.convolve(layer, x)
                x = self.store(self._activate(layer.activation, x))
            case MaxPool():
                x = self.make.MaxPooling2D(layer.size, name=self._name("pool"))(x)
                x = self._activate(layer.activation, x)
            case Pad():
                around = tuple(zip(layer.before, layer.after, strict=True))
                x = self.make.ZeroPadding2D(around, name=self._name("pad"))(x)
            case Residual():
                inner = self.chain(layer.layers, x)
                x = self.make.Add(name=self._name("sum"))([self._crop(x, inner), inner])
                x = self.store(self._activate(layer.activation, x))
            case Flatten():
                x = self.make.Flatten(name="flatten")(x)
            case GlobalMean():
                x = self.store(self.make.GlobalAveragePooling2D(name="mean")(x))
            case Dropout():
                x = self.make.Dropout(layer.share, name="dropout")(x)
            case Dense():
                x = self.connect(layer, x)
        return x

    def convolve(self, layer: Convolution | Depthwise | Separable, x: Any) -> Any:
        """A convolution of any kind with its normalisation, without its activation."""
        kinds: dict[type[Layer], Callable[..., Any]] = {
            Convolution: self.make.Conv2D,
            Depthwise: self.make.DepthwiseConv2D,
            Separable: self.make.SeparableConv2D,
        }
        filters = () if isinstance(layer, Depthwise) else (layer.filters,)
        x = kinds[type(layer)](
            *filters,
            kernel_size=layer.kernel,
            strides=layer.strides,
            padding=layer.padding,
            use_bias=False,
            name=self._name("convolution"),
        )(x)
        return self.normalisation(name=self._name("normalisation"))(x)

    def connect(self, layer: Dense, x: Any) -> Any:
        """A dense layer with its activation."""
        return self.make.Dense(
            layer.units,
            activation=layer.activation,
            kernel_regularizer=self.penalty,
            name=DENSE_NAMES[layer.activation],
        )(x)

    def _crop(self, x: Any, inner: Any) -> Any:
        lost = [x.shape[axis] - inner.shape[axis] for axis in (1, 2)]
        if not any(lost):
            return x
        ends = tuple((count // 2, count - count // 2) for count in lost)
        return self.make.Cropping2D(ends, name=self._name("crop"))(x)

    def _activate(self, activation: Activation | None, x: Any) -> Any:
        if activation is None:
            return x
        return self.make.ReLU(CEILINGS[activation], name=self._name("relu"))(x)

    def _name(self, kind: str) -> str:
        self._counts[kind] += 1
        return f"{kind}_{self._counts[kind]}"
