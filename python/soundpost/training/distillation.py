# SPDX-License-Identifier: Apache-2.0
"""Learning from a larger network, or several, beside the labels.

The teacher hears the very windows that the network learns from, mixed and masked as they are
(L. Beyer and others, Knowledge distillation: A good teacher is patient and consistent, CVPR 2022).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundpost.augmentation.epoch import Targets, Windows
from soundpost.tf import load_keras
from soundpost.training.config import DistillationConfig

LEAST = 1e-7
"""Least score that has a logarithm here; Keras's own for cross entropy."""


def temper(scores: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Softmax scores (n, classes) as they were with logits divided by `temperature`."""
    logits = np.log(np.maximum(scores, LEAST)) / np.float32(temperature)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


class Teachers:
    """Trained networks, the mean of whose tempered scores is what is taught."""

    def __init__(self, models: Sequence[Path], config: DistillationConfig) -> None:
        """Load float Keras models."""
        keras = load_keras()
        self._config = config
        self._models = [keras.models.load_model(path, compile=False) for path in models]

    def teach(self, inputs: Windows, targets: Targets) -> Targets:
        """Targets (n, classes) with the teachers' scores of `inputs` beside: (n, 2 * classes)."""
        temperature = self._config.temperature
        taught = [
            temper(np.asarray(model(inputs, training=False)), temperature) for model in self._models
        ]
        return np.concatenate([targets, np.mean(taught, axis=0)], axis=1)

    def loss(self, targets: Any, scores: Any) -> Any:
        """Hinton's loss of each row, for targets as `teach` gives them.

        Cross entropy with the labels, and temperature squared times the divergence from the
        teacher's tempered scores; the square keeps their gradients alike.
        """
        keras, config = load_keras(), self._config
        ops = keras.ops
        labels, taught = ops.split(targets, 2, axis=-1)
        hard = keras.losses.categorical_crossentropy(labels, scores)
        logits = ops.log(ops.maximum(scores, LEAST)) / config.temperature
        soft = keras.losses.KLDivergence(reduction=None)(taught, ops.softmax(logits))
        return (1.0 - config.weight) * hard + config.weight * config.temperature**2 * soft
