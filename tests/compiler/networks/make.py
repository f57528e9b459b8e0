# SPDX-License-Identifier: Apache-2.0
"""Makes the networks of this folder: random weights, fixed seeds, full int8.

Weights differ in size from channel to channel, so that per-channel scales matter, and the last
layer is scaled so that the outputs spread: a nearly constant output would hide errors.

Run with TensorFlow 2.21 (`pip install 'tensorflow-cpu==2.21.*'`): python make.py
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import Model, layers

HERE = Path(__file__).parent
CALIBRATION_WINDOWS = 64


def windows(rng: np.random.Generator, count: int, shape: tuple[int, ...]) -> np.ndarray:
    """Smooth random float windows of mean zero, much like log-mel columns without their mean."""
    noise = rng.normal(size=(count, *shape))
    for axis in (1, 2):
        for _ in range(3):
            noise = noise + np.roll(noise, 1, axis)
    noise -= noise.mean(axis=(1, 2), keepdims=True)
    noise *= 40 / noise.std() * rng.uniform(0.3, 1.5, size=(count, 1, 1, 1))
    return np.clip(np.round(noise), -128, 127).astype(np.float32)


def inputs(*shape: int) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """An input of a batch of one."""
    x = layers.Input(batch_shape=(1, *shape))
    return x, x


def stride_ds_24() -> Model:
    """The thesis network: strided depthwise-separable, filters 24-36-54, dense 64."""
    start, x = inputs(31, 60, 1)
    x = layers.Conv2D(24, 5, strides=2, padding="same", activation="relu")(x)
    x = layers.DepthwiseConv2D(5, strides=2, padding="same")(x)
    x = layers.Conv2D(36, 1, activation="relu")(x)
    x = layers.DepthwiseConv2D(5, strides=2, padding="valid")(x)
    x = layers.Conv2D(54, 1, activation="relu")(x)
    x = layers.Flatten()(x)
    x = layers.Dense(64, activation="relu")(x)
    return Model(start, layers.Softmax()(layers.Dense(10)(x)))


def pools() -> Model:
    """Odd sizes, uneven kernels and strides, both poolings with both paddings."""
    start, x = inputs(25, 19, 1)
    x = layers.Conv2D(7, (3, 5), padding="valid", activation="relu6")(x)
    x = layers.AveragePooling2D((3, 2), strides=(2, 1), padding="same")(x)
    x = layers.Conv2D(9, (4, 3), strides=(1, 2), padding="same")(x)
    x = layers.MaxPooling2D((2, 3), strides=2, padding="same")(x)
    x = layers.ReLU()(x)
    x = layers.AveragePooling2D((2, 2), strides=1, padding="valid")(x)
    x = layers.MaxPooling2D((2, 1), padding="valid")(x)
    x = layers.Flatten()(x)
    return Model(start, layers.Softmax()(layers.Dense(7)(x)))


def squeeze_excite() -> Model:
    """Depth multiplier 2, and gates by mean, dense, logistic and a broadcasting product."""
    start, x = inputs(17, 21, 3)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same", activation="relu")(x)
    x = layers.Conv2D(10, 3, strides=2, padding="same", activation="relu6")(x)
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    gate = layers.Conv2D(4, 1, activation="relu")(gate)
    gate = layers.Conv2D(10, 1, activation="sigmoid")(gate)
    x = layers.Multiply()([x, gate])
    x = layers.Conv2D(12, 3, dilation_rate=2, padding="same", activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return Model(start, layers.Softmax()(layers.Dense(5)(x)))


def residual() -> Model:
    """Explicit padding, residual sums with and without activation, logistic scores."""
    start, x = inputs(15, 22, 2)
    x = layers.ZeroPadding2D(((2, 1), (0, 3)))(x)
    x = layers.Conv2D(8, 4, strides=2)(x)
    # used twice, so that neither activation can be fused into the convolution
    x = layers.Add()([layers.ReLU()(x), layers.ReLU(6.0)(x)])
    y = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    y = layers.Conv2D(8, 3, padding="same")(y)
    x = layers.ReLU()(layers.Add()([x, y]))
    y = layers.DepthwiseConv2D(3, padding="same", activation="relu6")(x)
    y = layers.Conv2D(8, 1)(y)
    x = layers.Add()([x, y])
    x = layers.ZeroPadding2D(1)(x)
    x = layers.GlobalAveragePooling2D()(x)
    return Model(start, layers.Dense(4, activation="sigmoid")(x))


def rows() -> Model:
    """Columns in a row: dense layers per column, constants that broadcast, reshapes, relu6."""
    start, x = inputs(13, 11, 1)
    x = layers.Reshape((13, 11))(x)
    x = layers.Dense(15, activation="relu6", use_bias=False)(x)
    rng = np.random.default_rng(7)
    x = x * rng.normal(size=(1, 1, 15)).astype(np.float32)
    x = layers.Reshape((13, 5, 3))(x)
    x = x + rng.normal(size=(1, 13, 5, 1)).astype(np.float32)
    x = layers.ReLU(6.0)(x)
    x = layers.Conv2D(6, (13, 1), padding="valid")(x)
    x = layers.Softmax()(x)
    x = keras.ops.mean(x, axis=(1, 2), keepdims=True)
    x = layers.Flatten()(x)
    return Model(start, layers.Softmax()(layers.Dense(6)(x)))


def deep() -> Model:
    """Plain convolutions with deep windows, and sums where the shape stays; odd positions."""
    start, x = inputs(26, 36, 1)
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.DepthwiseConv2D(3, strides=2, padding="same", activation="relu")(x)
    x = layers.Conv2D(12, 1, activation="relu")(x)
    for outputs in (24, 38):
        x = layers.Conv2D(outputs, 3, strides=2, padding="same", activation="relu")(x)
        y = layers.Conv2D(outputs, 3, padding="same")(x)
        x = layers.ReLU()(layers.Add()([x, y]))
    x = layers.GlobalAveragePooling2D()(x)
    return Model(start, layers.Softmax()(layers.Dense(10)(x)))


def hops() -> Model:
    """No padding along time, and sums with what is cropped: what can stream."""
    start, x = inputs(45, 16, 1)
    x = layers.Conv2D(8, 3, strides=2, activation="relu")(layers.ZeroPadding2D(((0, 0), (0, 1)))(x))
    x = layers.DepthwiseConv2D(3, activation="relu")(layers.ZeroPadding2D(((0, 0), (1, 1)))(x))
    x = layers.Conv2D(12, 1, activation="relu")(x)
    y = layers.Conv2D(12, 3, activation="relu")(layers.ZeroPadding2D(((0, 0), (1, 1)))(x))
    y = layers.Conv2D(12, (1, 3), padding="same")(y)
    x = layers.ReLU()(layers.Add()([layers.Cropping2D(((1, 1), (0, 0)))(x), y]))
    y = layers.Conv2D(12, 3)(layers.ZeroPadding2D(((0, 0), (1, 1)))(x))
    rows, columns = x.shape[1:3]
    x = layers.Add()([keras.ops.slice(x, (0, 1, 0, 0), (1, rows - 2, columns, 12)), y])
    x = layers.Conv2D(16, 3, strides=2, activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return Model(start, layers.Softmax()(layers.Dense(10)(x)))


def randomise(model: Model, rng: np.random.Generator, calibration: np.ndarray) -> None:
    """Give every layer weights of uneven size, and the last one scores that spread."""
    for layer in model.layers:
        values = []
        for weight in layer.weights:
            shape = weight.shape
            if len(shape) == 1:
                values.append(rng.normal(scale=0.3, size=shape))
                continue
            depthwise = isinstance(layer, layers.DepthwiseConv2D)
            taps = np.prod(shape[:2]) if depthwise else np.prod(shape[:-1])
            spread = np.exp(rng.normal(scale=0.5, size=shape[2:] if depthwise else shape[-1:]))
            values.append(rng.normal(size=shape) * np.sqrt(2 / taps) * spread)
        if values:
            layer.set_weights(values)
    last = [layer for layer in model.layers if isinstance(layer, layers.Dense)][-1]
    linear = Model(model.inputs, last.output)
    logits = np.concatenate([linear(window[None]).numpy() for window in calibration])
    if last.activation is keras.activations.sigmoid:
        scores = np.clip(logits, 1e-6, 1 - 1e-6)
        logits = np.log(scores / (1 - scores))
    kernel, bias = last.get_weights()
    scale = 3 / logits.std()
    last.set_weights([kernel * scale, (bias - logits.mean(axis=0)) * scale])


def convert(model: Model, calibration: np.ndarray, per_channel_dense: bool = False) -> bytes:
    """Full int8, per channel."""

    def samples() -> Iterator[list[np.ndarray]]:
        for window in calibration:
            yield [np.repeat(window[None], model.inputs[0].shape[0] or 1, axis=0)]

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = samples
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    converter._experimental_disable_per_channel_quantization_for_dense_layers = (
        not per_channel_dense
    )
    return converter.convert()


def make(name: str, build: Callable[[], Model], seed: int) -> None:
    """Write one good network."""
    keras.backend.clear_session()
    model = build()
    rng = np.random.default_rng(seed)
    calibration = windows(rng, CALIBRATION_WINDOWS, model.inputs[0].shape[1:])
    randomise(model, rng, calibration)
    (HERE / f"{name}.tflite").write_bytes(convert(model, calibration))


def small(batch: int | None, activation: str) -> Model:
    """A network of one dense layer, for the bad examples."""
    start = layers.Input(batch_shape=(batch, 4, 3, 1))
    x = layers.Flatten()(layers.Conv2D(2, 2, activation=activation)(start))
    return Model(start, layers.Dense(3)(x))


def make_bad() -> None:
    """Networks that must be refused, each for one reason."""
    folder = HERE / "bad"
    folder.mkdir(exist_ok=True)
    calibration = windows(np.random.default_rng(1), 8, (4, 3, 1))
    keras.utils.set_random_seed(1)
    floating = tf.lite.TFLiteConverter.from_keras_model(small(1, "relu")).convert()
    (folder / "float.tflite").write_bytes(floating)
    (folder / "dynamic.tflite").write_bytes(convert(small(None, "relu"), calibration))
    (folder / "batch_2.tflite").write_bytes(convert(small(2, "relu"), calibration))
    (folder / "tanh.tflite").write_bytes(convert(small(1, "tanh"), calibration))


if __name__ == "__main__":
    for seed, network in enumerate(
        (stride_ds_24, pools, squeeze_excite, residual, rows, deep, hops)
    ):
        make(network.__name__, network, seed)
    make_bad()
