# SPDX-License-Identifier: Apache-2.0
"""Batch normalisation as a recipe wants it in training."""

from collections.abc import Callable
from functools import partial
from typing import Any

from soundpost.tf import load_keras, load_tensorflow
from soundpost.training.config import TrainingConfig


def normalisation(config: TrainingConfig) -> Callable[..., Any]:
    """What makes normalisation layers; all have the weights of Keras's own."""
    layers = load_keras().layers
    kind = _fused() if config.fused_normalisation else layers.BatchNormalization
    return partial(kind, momentum=config.normalisation_momentum)


def _fused() -> Any:
    """The class that normalises in one operation, where Keras takes several passes."""
    tf = load_tensorflow()
    plain: Any = load_keras().layers.BatchNormalization

    class FusedNormalisation(plain):  # type: ignore[misc]
        def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
            if not training:
                return super().call(inputs, training=training, mask=mask)
            outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
                inputs, self.gamma, self.beta, epsilon=self.epsilon, is_training=True
            )
            for kept, seen in ((self.moving_mean, mean), (self.moving_variance, variance)):
                kept.assign(kept * self.momentum + seen * (1.0 - self.momentum))
            return outputs

    return FusedNormalisation
