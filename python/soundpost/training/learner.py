# SPDX-License-Identifier: Apache-2.0
"""A network that learns, an epoch at a time, and all that its next epoch depends on."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundpost.augmentation.corpus import Corpus
from soundpost.augmentation.epoch import Targets, Windows, batches
from soundpost.models.recipe import Recipe
from soundpost.quantization.aware import Folded, build_aware
from soundpost.quantization.config import QuantizationConfig
from soundpost.tf import load_keras, seed_everything
from soundpost.training.ahead import ahead
from soundpost.training.config import TrainingConfig
from soundpost.training.network import build

MOMENTUM = 0.9
Teach = Callable[[Windows, Targets], Targets]
"""From a batch's inputs and targets to what the loss takes for targets."""
Loss = Callable[[Any, Any], Any]
"""Of targets and scores, in Keras's tensors."""


class Average:
    """The running average of a network's weights, its normalisation's statistics among them."""

    def __init__(self, keras: Any, weights: list[Any], most: float) -> None:
        """Begin with the weights as they are.

        Args:
            keras: the module.
            weights: variables to average.
            most: decay a step.
        """
        self._minimum = keras.ops.minimum
        self._most = np.float32(most)
        self._done = keras.Variable(0.0, trainable=False, name="done")
        self.means = [keras.Variable(weight, trainable=False) for weight in weights]
        self.variables = [self._done, *self.means]

    def update(self, weights: list[Any]) -> None:
        """Take another step's weights in."""
        # early on, the average must forget the random weights that it began with
        decay = self._minimum(self._most, (1.0 + self._done) / (10.0 + self._done))
        for mean, weight in zip(self.means, weights, strict=True):
            mean.assign(mean * decay + weight * (1.0 - decay))
        self._done.assign(self._done + 1.0)


class Learner:
    """A network that learns from a corpus, and its average, which is what is kept.

    Attributes:
        keras: the module.
        averaged: a model whose weights are the average after each epoch.
        losses: mean loss of each epoch.
    """

    def __init__(
        self,
        recipe: Recipe,
        seed: int,
        model: Any,
        averaged: Any,
        optimizer: Any,
        loss: Loss,
    ) -> None:
        """Set up the first epoch.

        Args:
            recipe: what is learnt, and how.
            seed: of all that is left to chance.
            model: what learns.
            averaged: the same network for its average.
            optimizer: for all epochs.
            loss: of targets and scores.
        """
        self.keras = load_keras()
        self.config = recipe.training
        self._random = np.random.default_rng(seed)
        self.averaged = averaged
        self.averaged.set_weights(model.get_weights())
        self._model = _averaging_model(self.keras)(model.inputs, model.outputs)
        self._average = Average(self.keras, self._model.weights, self.config.averaging)
        self._model.take(self._average)
        self._model.compile(optimizer, loss)
        optimizer.build(self._model.trainable_variables)
        self.losses: list[float] = []

    def epoch(
        self,
        corpus: Corpus,
        teach: Teach | None = None,
        step: Callable[[int], None] | None = None,
    ) -> float:
        """Learn from one epoch's windows; gives its mean loss.

        Args:
            corpus: what the windows are drawn from.
            teach: changes the targets.
            step: called after each step with how many are done.
        """
        losses = []
        drawn = ahead(batches(corpus, self.config, self._random))
        for number, (inputs, targets) in enumerate(drawn, start=1):
            if teach is not None:
                targets = teach(inputs, targets)
            losses.append(float(self._model.train_on_batch(inputs, targets)))
            if step is not None:
                step(number)
        self.averaged.set_weights([np.asarray(mean) for mean in self._average.means])
        self.losses.append(float(np.mean(losses)))
        return self.losses[-1]

    @property
    def learning_rate(self) -> float:
        """That of the next step."""
        return float(self._model.optimizer.learning_rate)

    @property
    def _variables(self) -> list[Any]:
        # the model's hold the seeds of dropout beside the weights
        return [*self._model.variables, *self._model.optimizer.variables, *self._average.variables]

    def state(self) -> tuple[dict[str, Any], list[NDArray[Any]]]:
        """All that the next epoch depends on: plain values, and arrays."""
        values = {"random": self._random.bit_generator.state, "losses": self.losses}
        return values, [np.asarray(variable) for variable in self._variables]

    def restore(self, values: dict[str, Any], arrays: list[NDArray[Any]]) -> None:
        """Go on from a state.

        Raises:
            ValueError: if it is not that of such a network.
        """
        variables = self._variables
        for variable, array in zip(variables, arrays, strict=True):
            if tuple(variable.shape) != array.shape:
                raise ValueError(f"{variable.path} is of shape {array.shape}")
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)
        self._random.bit_generator.state = values["random"]
        self.losses = list(values["losses"])
        self.averaged.set_weights([np.asarray(mean) for mean in self._average.means])


def float_learner(recipe: Recipe, seed: int, loss: Loss | None = None) -> Learner:
    """A learner of the recipe's network in float.

    Args:
        recipe: what is learnt, and how.
        seed: of all that is left to chance.
        loss: of targets and scores; cross entropy by default.
    """
    seed_everything(seed)
    config = recipe.training
    optimizer = optimizer_of(config, config.learning_rate, config.epochs, config.warmup_steps)
    model, averaged = build(recipe, learning=True), build(recipe)
    return Learner(recipe, seed, model, averaged, optimizer, loss or _cross_entropy())


def aware_learner(
    recipe: Recipe,
    config: QuantizationConfig,
    folded: Folded,
    seed: int,
    loss: Loss | None = None,
) -> Learner:
    """A learner of the recipe's network as int8 computes it.

    Args:
        recipe: what is learnt, and how.
        config: what the recipe says of it.
        folded: the weights of the float network.
        seed: of all that is left to chance.
        loss: of targets and scores; cross entropy by default.
    """
    seed_everything(seed)
    optimizer = optimizer_of(recipe.training, config.learning_rate, config.epochs)
    model, averaged = build_aware(recipe, folded), build_aware(recipe, folded)
    return Learner(recipe, seed, model, averaged, optimizer, loss or _cross_entropy())


def _cross_entropy() -> Loss:
    loss: Loss = load_keras().losses.CategoricalCrossentropy()
    return loss


def optimizer_of(
    config: TrainingConfig, learning_rate: float, epochs: int, warmup_steps: int = 0
) -> Any:
    """The recipe's optimiser, whose rate follows its schedule over `epochs`."""
    optimizers = load_keras().optimizers
    steps = config.steps * epochs
    fall = optimizers.schedules.CosineDecay
    rate = fall(learning_rate, steps)
    if config.schedule == "constant":
        rate = learning_rate
    elif warmup_steps:
        rate = fall(
            0.0, steps - warmup_steps, warmup_target=learning_rate, warmup_steps=warmup_steps
        )
    if config.optimizer == "sgd":
        optimizer = optimizers.SGD(
            rate, momentum=MOMENTUM, nesterov=True, weight_decay=config.weight_decay or None
        )
    else:
        optimizer = optimizers.AdamW(rate, weight_decay=config.weight_decay)
    if config.decay_kernels_only:
        optimizer.exclude_from_weight_decay(var_names=[r"\b(gamma|beta|bias)\b"])
    return optimizer


def _averaging_model(keras: Any) -> Any:
    """The class of models that average their weights within a step, where it costs little."""

    class AveragingModel(keras.Model):  # type: ignore[misc, unused-ignore]
        def take(self, average: Average) -> None:
            self._average = average

        def train_step(self, *args: Any, **kwargs: Any) -> Any:
            logs = super().train_step(*args, **kwargs)
            self._average.update(self.weights)
            return logs

    return AveragingModel
