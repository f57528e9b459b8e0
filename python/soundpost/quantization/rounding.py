# SPDX-License-Identifier: Apache-2.0
"""Keras layers that round as int8 does, while gradients pass as if they did not.

After B. Jacob and others, Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference, CVPR 2018. Importing this loads TensorFlow.
"""

from typing import Any

from soundpost.tf import load_keras
from soundpost.zoo.layers import Padding, Pair

keras = load_keras()
ops = keras.ops
Layer: Any = keras.layers.Layer
fake_quantise = keras.quantizers.fake_quant_with_min_max_vars

MOMENTUM = 0.99
LEAST = 1e-6
"""Least range: one of nothing has no scale."""


def round_weights(weights: Any, axis: int | None) -> Any:
    """`weights` in 255 steps from -greatest to greatest, a channel along `axis` or in all.

    It is what the converter makes of weights by itself, so that only the ranges of activations need
    to be handed to it.
    """
    others = None if axis is None else [n for n in range(len(weights.shape)) if n != axis]
    most = ops.maximum(ops.max(ops.abs(weights), axis=others), LEAST)
    most = ops.stop_gradient(most)
    return fake_quantise(weights, -most, most, narrow_range=True, axis=axis)


class Rounding(Layer):  # type: ignore[misc]
    """Rounds activations to 256 steps of a range, which follows what it sees in training."""

    def __init__(self, fixed: tuple[float, float] | None = None, **kwargs: Any) -> None:
        """Round to the range of what is seen, or to a fixed one."""
        super().__init__(**kwargs)
        self.fixed = fixed

    def build(self, _: Any) -> None:
        """Make the range, empty until something is seen."""
        low, high = self.fixed or (0.0, 0.0)
        constant = keras.initializers.Constant
        make = {"shape": (), "trainable": False}
        self.low = self.add_weight(name="low", initializer=constant(low), **make)
        self.high = self.add_weight(name="high", initializer=constant(high), **make)

    def call(self, x: Any, training: bool = False) -> Any:
        """Round `x`."""
        if training and self.fixed is None:
            begun = self.high > self.low
            # zero has to be a step: it pads, and is what ReLU leaves
            low, high = ops.minimum(ops.min(x), 0.0), ops.maximum(ops.max(x), LEAST)
            for end, seen in ((self.low, low), (self.high, high)):
                followed = MOMENTUM * end + (1.0 - MOMENTUM) * seen
                end.assign(ops.where(begun, followed, seen))
        return fake_quantise(x, self.low, self.high)


class Weighted(Layer):  # type: ignore[misc]
    """A convolution, a depthwise one or a dense layer with bias, whose weights are rounded."""

    def __init__(self, kernel: Any, bias: Any, exported: bool, **kwargs: Any) -> None:
        """Begin with `kernel` and `bias`.

        Args:
            kernel: in Keras's shape.
            bias: of shape (outputs,).
            exported: leaves the rounding to the converter.
            kwargs: of the layer.
        """
        super().__init__(**kwargs)
        self._first = (kernel, bias)
        self.exported = exported

    def build(self, _: Any) -> None:
        """Make the weights."""
        kernel, bias = self._first
        constant = keras.initializers.Constant
        self.kernel = self.add_weight(
            name="kernel", shape=kernel.shape, initializer=constant(kernel)
        )
        self.bias = self.add_weight(name="bias", shape=bias.shape, initializer=constant(bias))

    def rounded(self, axis: int | None) -> Any:
        """The kernel to compute with."""
        return (
            ops.convert_to_tensor(self.kernel)
            if self.exported
            else round_weights(self.kernel, axis)
        )


class Convolve(Weighted):
    """A plain or depthwise convolution with bias."""

    def __init__(
        self, depthwise: bool, strides: Pair, padding: Padding, *weights: Any, **kwargs: Any
    ) -> None:
        """Set what is not learnt; for `weights` see Weighted."""
        super().__init__(*weights, **kwargs)
        self._depthwise, self._how = depthwise, {"strides": strides, "padding": padding}

    def call(self, x: Any) -> Any:
        """Convolve `x`."""
        if self._depthwise:
            return ops.depthwise_conv(x, self.rounded(axis=2), **self._how) + self.bias
        return ops.conv(x, self.rounded(axis=3), **self._how) + self.bias


class Connect(Weighted):
    """A dense layer with bias, of which TFLM knows one scale alone."""

    def call(self, x: Any) -> Any:
        """Multiply `x`."""
        return ops.matmul(x, self.rounded(axis=None)) + self.bias
