# SPDX-License-Identifier: Apache-2.0
"""What is kept of a course, and what is told of it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from soundpost.augmentation.corpus import Corpus
from soundpost.datasets import Clip, Direction
from soundpost.evaluation import Verdict
from soundpost.frontend import FrontendConfig
from soundpost.models import Recipe
from soundpost.training.clips import Heard
from soundpost.training.course import Course
from soundpost.training.monitor import Monitor
from soundpost.training.plan import (
    Where,
    plan_to_compare,
    plan_to_ship,
    read_direction,
    read_seeds,
)
from soundpost.training.status import Reporter, read_history, read_status


class Scripted(Heard):
    """Four clips, of which as many are named as is wanted, epoch by epoch."""

    def __init__(self, right: Sequence[int]) -> None:
        clips = [Clip(Path(f"{n}.wav"), 0, str(n), 1) for n in range(4)]
        super().__init__(clips, np.zeros((4, 31, 60), np.int8), [1] * 4)
        object.__setattr__(self, "_right", list(right))

    def verdict(self, scores: Any) -> Verdict:
        assert scores.shape == (4, 2)
        chosen = np.ones(4, np.int64)
        chosen[: self.__dict__["_right"].pop(0)] = 0
        return Verdict(self.clips, chosen)


@pytest.fixture
def corpus() -> Corpus:
    random = np.random.default_rng(1)
    variants = [[random.integers(-99, 99, (40, 60)).astype(np.int8)] for _ in range(6)]
    return Corpus(variants, np.arange(6) % 2, 2, 31, FrontendConfig())


@pytest.mark.usefixtures("tensorflow")
@pytest.mark.parametrize(
    ("right", "best"),
    [([1, 3, 2], 2), ([2, 2, 1], 1), ([0, 0, 4], 3), (None, 3)],
    ids=["middle", "first of equals", "last", "nothing held out"],
)
def test_the_epoch_that_names_most_is_kept(
    make_recipe: Any, corpus: Corpus, tmp_path: Path, right: Sequence[int] | None, best: int
) -> None:
    from soundpost.training.learner import float_learner
    from soundpost.training.tensorboard import Log

    recipe = Recipe.from_file(make_recipe(training={"epochs": 3, "windows": 32}))
    log, reporter = Log(tmp_path / "logs"), Reporter(tmp_path)
    held_out = None if right is None else Scripted(right)
    course = Course("training", tmp_path / "checkpoint", "x", 3, held_out, reporter, log)
    kept = course.run(float_learner(recipe, 1), lambda: corpus)
    log.close()

    again = float_learner(recipe, 1)
    for _ in range(best):
        again.epoch(corpus)
    pairs = zip(kept, again.averaged.get_weights(), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)

    # all is on disk: the history, a checkpoint that has nothing left to do, TensorBoard's events
    assert [epoch["epoch"] for epoch in read_history(tmp_path)] == [1, 2, 3]
    if right is not None:
        assert [epoch["accuracy"] for epoch in course.history] == [n / 4 for n in right]
    resumed = Course("training", tmp_path / "checkpoint", "x", 3, held_out, reporter, log)
    same = resumed.run(float_learner(recipe, 9), lambda: pytest.fail("nothing is left to learn"))
    assert all(np.array_equal(one, other) for one, other in zip(same, kept, strict=True))
    events = scalars(tmp_path / "logs")
    assert [events[n]["loss"] for n in (1, 2, 3)] == pytest.approx(
        [epoch["loss"] for epoch in course.history]
    )
    assert events[3]["windows_per_second"] > 0


def scalars(folder: Path) -> dict[int, dict[str, float]]:
    """TensorBoard's events by TensorFlow's own reader, a step and name."""
    from soundpost.tf import load_tensorflow

    tf = load_tensorflow()
    found: dict[int, dict[str, float]] = {}
    for path in sorted(folder.iterdir()):
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                assert value.metadata.plugin_data.plugin_name == "scalars"
                number = float(tf.make_ndarray(value.tensor))
                found.setdefault(event.step, {})[value.tag] = number
    return found


def test_whoever_watches_sees_epochs_once(tmp_path: Path) -> None:
    reporter = Reporter(tmp_path)
    epochs = [{"epoch": 1, "loss": 2.0}]
    reporter.history(epochs)
    console = Console(record=True, width=100)
    with Monitor(console, [("tiny [1]", tmp_path)]) as monitor:
        reporter.tell("training", 5, 20)
        monitor.update()
        reporter.history([*epochs, {"epoch": 2, "loss": 1.5, "accuracy": 0.75}])
        monitor.update()
        reporter.tell("finished")
        monitor.update()
    text = console.export_text()
    assert text.count("tiny [1]: epoch 2: loss 1.5000, accuracy 75.0%") == 1
    # told of before anybody watched
    assert "epoch 1" not in text


def test_a_status_is_told_at_once_when_the_stage_changes(tmp_path: Path) -> None:
    reporter = Reporter(tmp_path)
    reporter.tell("windows", 1, 9)
    reporter.tell("windows", 2, 9)
    first = read_status(tmp_path)
    assert first is not None
    assert (first.stage, first.done, first.total) == ("windows", 1, 9)
    reporter.tell("training")
    reporter.tell("training", error="mend it")
    last = read_status(tmp_path)
    assert last is not None
    assert (last.stage, last.error) == ("training", "mend it")


def test_what_is_shipped_is_trained_as_the_recipe_says(make_recipe: Any, where: Where) -> None:
    path = make_recipe(training={"seeds": [3, 8]})
    recipe = Recipe.from_file(path)
    names = ["1-none-seed3-held3", "1-2-seed3", "2-1-seed3", "1-2-seed8", "2-1-seed8"]
    assert [job.name for job in plan_to_ship(path, recipe, where, every=True).jobs] == names
    first = plan_to_ship(path, recipe, where, every=False).jobs
    assert [job.name for job in first] == names[:2]

    best = replace(recipe, training=replace(recipe.training, keep="best"))
    (job,) = plan_to_ship(path, best, where, every=False).jobs
    assert (job.name, job.held_out) == ("1-2-seed3-held3", 0.5)

    everything = replace(recipe.data, directions=(Direction((1, 2), ()), *recipe.data.directions))
    shipped = plan_to_ship(path, replace(recipe, data=everything), where, every=False)
    assert [job.name for job in shipped.runs] == ["1+2-none-seed3", *names[1:]]


def test_validation_never_hears_a_test_fold(make_recipe: Any, where: Where) -> None:
    path = make_recipe()
    directions = [read_direction("1:2"), read_direction("1")]
    seeds = read_seeds("5,6")
    plan = plan_to_compare(path, Recipe.from_file(path), where, directions, seeds, validate=True)
    assert [job.name for job in plan.jobs] == ["1-none-seed5-held5", "1-none-seed6-held6"]
    assert all(job.test == () for job in plan.jobs)


def test_a_job_is_read_as_it_was_written(make_recipe: Any, where: Where) -> None:
    path = make_recipe()
    recipe = Recipe.from_file(path)
    (job, _) = plan_to_compare(path, recipe, where, None, None, validate=False).runs
    folder = job.folder(recipe)
    job.save(folder)
    assert json.loads((folder / "job.json").read_text())["train"] == [1]
    assert type(job).load(folder) == job
