# SPDX-License-Identifier: Apache-2.0
"""Post-training quantisation: full int8 by TensorFlow's converter."""

import contextlib
import io
import warnings
from collections.abc import Iterator
from typing import Any

from soundpost.augmentation.epoch import INPUT_SCALE, to_float
from soundpost.features import Columns
from soundpost.models.recipe import Recipe
from soundpost.tf import load_tensorflow
from soundpost.zoo.build import Builder


def to_tflite(recipe: Recipe, model: Any, calibration: Columns) -> bytes:
    """The model as full int8 .tflite, whose input tensor is a window as it is.

    Args:
        recipe: what `model` was built from.
        model: a Keras model with its weights.
        calibration: int8 windows (n, columns, bands) that the ranges of activations come from.
    """
    tf = load_tensorflow()
    tf.keras.backend.clear_session()
    # a batch that is not fixed brings SHAPE and PACK, which nothing on a sensor computes
    builder = Builder(tf.keras)
    single = builder.model(recipe.layers, recipe.input_shape, recipe.name, batch=1)
    single.set_weights(model.get_weights())
    inputs = to_float(calibration)
    # the input's range must be that of int8, so that its scale is INPUT_SCALE and its zero 0
    extremes = inputs[0].copy()
    extremes[0, 0, 0], extremes[-1, -1, 0] = -128 * INPUT_SCALE, 127 * INPUT_SCALE

    def representative() -> Iterator[list[Any]]:
        for window in [extremes, *inputs]:
            yield [window[None]]

    converter = tf.lite.TFLiteConverter.from_keras_model(single)
    converter.representative_dataset = representative
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    return convert(converter)


def convert(converter: Any) -> bytes:
    """Full int8, from a tf.lite.TFLiteConverter that knows where ranges come from."""
    tf = load_tensorflow()
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    # TFLM has no dense layer with a scale a channel
    converter._experimental_disable_per_channel_quantization_for_dense_layers = True
    # Keras tells of its export on stdout, and the converter warns of what was meant
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bytes(converter.convert())
