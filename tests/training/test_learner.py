# SPDX-License-Identifier: Apache-2.0
"""What a recipe says of a step: its rate, its decay, its normalisation, and how it is computed."""

import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from soundpost.errors import UserError
from soundpost.models import Recipe
from soundpost.tf import Setup, load_keras, set_up
from soundpost.training.config import TrainingConfig
from soundpost.training.learner import optimizer_of
from soundpost.training.network import build

pytestmark = pytest.mark.usefixtures("tensorflow")


@pytest.fixture
def recipe(make_recipe: Any) -> Recipe:
    return Recipe.from_file(make_recipe())


def test_the_rate_rises_then_falls(recipe: Recipe) -> None:
    config = replace(recipe.training, epochs=10, warmup_steps=8)
    steps = config.epochs * config.steps
    rate = optimizer_of(config, 0.4, config.epochs, config.warmup_steps)._learning_rate
    found = np.array([float(rate(step)) for step in range(steps + 1)])
    assert found[:9] == pytest.approx(0.4 * np.arange(9) / 8, abs=1e-7)
    fall = 0.2 * (1 + np.cos(np.pi * np.arange(steps - 7) / (steps - 8)))
    assert found[8:] == pytest.approx(fall, abs=1e-7)


def test_the_rate_can_stay(recipe: Recipe) -> None:
    optimizer = optimizer_of(replace(recipe.training, schedule="constant"), 0.3, 5)
    variable = load_keras().Variable(np.zeros(1, np.float32))
    optimizer.build([variable])
    for _ in range(5):
        optimizer.apply([load_keras().ops.ones(1)])
        assert float(optimizer.learning_rate) == pytest.approx(0.3)


@pytest.mark.parametrize("kind", ["adamw", "sgd"])
@pytest.mark.parametrize("spared", [False, True])
def test_biases_and_normalisation_can_be_spared_the_decay(
    recipe: Recipe, kind: str, spared: bool
) -> None:
    keras = load_keras()
    config = replace(recipe.training, optimizer=kind, weight_decay=0.1, decay_kernels_only=spared)
    model = build(recipe, learning=True)
    variables = model.trainable_variables
    for variable in variables:
        variable.assign(keras.ops.ones(variable.shape))
    optimizer = optimizer_of(config, 0.5, 1)
    optimizer.build(variables)
    optimizer.apply([keras.ops.zeros(variable.shape) for variable in variables])
    changed = {v.path for v in variables if not np.allclose(np.asarray(v), 1.0)}
    kernels = {v.path for v in variables if v.name.endswith("kernel")}
    assert kernels < {v.path for v in variables}
    assert changed == (kernels if spared else {v.path for v in variables})


def test_fused_normalisation_is_that_of_keras(recipe: Recipe) -> None:
    random = np.random.default_rng(2)
    inputs = random.normal(1.0, 3.0, (16, *recipe.input_shape)).astype(np.float32)
    found = []
    for fused in (False, True):
        load_keras().utils.set_random_seed(5)
        training = replace(
            recipe.training, fused_normalisation=fused, normalisation_momentum=0.8, dropout=0.0
        )
        model = build(replace(recipe, training=training), learning=True)
        scores = np.asarray(model(inputs, training=True))
        statistics = {v.path: np.asarray(v) for v in model.non_trainable_variables}
        found.append((scores, statistics, np.asarray(model(inputs, training=False))))
    (scores, statistics, after), (fused_scores, fused_statistics, fused_after) = found
    assert fused_scores == pytest.approx(scores, abs=1e-5)
    assert fused_after == pytest.approx(after, abs=2e-3)
    # momentum 0.8 keeps that much of the variance that was 1 at first
    first = next(path for path in statistics if path.endswith("normalisation_1/moving_variance"))
    assert statistics[first].min() >= 0.8
    seen, fused_seen = statistics[first] - 0.8, fused_statistics[first] - 0.8
    # a sample's variance, of one value in each place of the first layer's output
    shape = model.get_layer("normalisation_1").output.shape
    count = len(inputs) * shape[1] * shape[2]
    assert fused_seen == pytest.approx(seen * count / (count - 1), rel=1e-3)


def test_threads_and_onednn_are_set_before_tensorflow_is_loaded() -> None:
    program = (
        "import os; from soundpost.tf import Setup, load_tensorflow, set_up;"
        "set_up(Setup(1, True)); tf = load_tensorflow(); load_tensorflow();"
        "print(tf.config.threading.get_intra_op_parallelism_threads(),"
        "tf.config.threading.get_inter_op_parallelism_threads(),"
        "os.environ['TF_ENABLE_ONEDNN_OPTS'])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert found.stdout.split() == ["1", "1", "1"], found.stderr


def test_a_process_is_set_up_once() -> None:
    load_keras()
    with pytest.raises(RuntimeError, match="needs another process"):
        set_up(Setup(threads=7))


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"warmup_steps": 8}, "warmup_steps is 8"),
        ({"threads": 0}, "threads is 0"),
        ({"schedule": "steps"}, "schedule is steps"),
        ({"schedule": "constant", "warmup_steps": 3}, "schedule is constant; it must be cosine"),
        ({"normalisation_momentum": 1.0}, "normalisation_momentum is 1.0"),
    ],
)
def test_faulty_choices_are_named(recipe: Recipe, changes: Any, key: str) -> None:
    config: TrainingConfig = recipe.training
    with pytest.raises(UserError, match=key):
        replace(config, **changes)
