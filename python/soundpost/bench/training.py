# SPDX-License-Identifier: Apache-2.0
"""How fast this machine learns: a recipe's own network, windows and steps, in a process of its own.

TensorFlow is set up by the recipe and gives its memory back with the process.
"""

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from soundpost.errors import UserError
from soundpost.models.recipe import Recipe
from soundpost.tf import check_tensorflow, set_up

STEPS = 30
RUNS = 3
CLIPS = 40
KEY = "host.training.windows_per_s"


def windows_per_second(recipe: Recipe) -> float:
    """Windows learnt from a second of processor, drawn and varied as the recipe says.

    Raises:
        UserError: if TensorFlow is not installed.
    """
    from soundpost.augmentation.corpus import Corpus
    from soundpost.training.learner import float_learner

    training = recipe.training
    set_up(training.setup)
    count = STEPS * training.batch
    recipe = replace(recipe, training=replace(training, windows=count, epochs=1, warmup_steps=0))
    random = np.random.default_rng(0)
    shape = (CLIPS, 2 * recipe.drawn, recipe.frontend.bands)
    columns = np.clip(random.normal(-20, 20, shape), -128, 127).astype(np.int8)
    classes = len(recipe.classes)
    variants = [[clip] for clip in columns]
    labels = np.arange(CLIPS) % classes
    corpus = Corpus(variants, labels, classes, recipe.drawn, recipe.frontend, recipe.normalisation)
    learner = float_learner(recipe, 0)
    learner.epoch(corpus)
    best = float("inf")
    for _ in range(RUNS):
        start = time.process_time()
        learner.epoch(corpus)
        best = min(best, time.process_time() - start)
    return count / best


def measure_training(recipe: Path) -> tuple[dict[str, float], str | None]:
    """The same in a process of its own, under its key; or nothing, and the reason.

    Args:
        recipe: path of a recipe.
    """
    try:
        check_tensorflow()
    except UserError as error:
        return {}, f"{KEY} is skipped: {error}"
    command = [sys.executable, "-m", __name__, str(recipe)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UserError(f"{KEY}: {done.stderr.strip().rpartition(chr(10))[2]}")
    return {KEY: float(json.loads(done.stdout))}, None


if __name__ == "__main__":
    print(json.dumps(windows_per_second(Recipe.from_file(Path(sys.argv[1])))))
