# SPDX-License-Identifier: Apache-2.0
"""A teacher's part of the loss, and a network that learns from another."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_st
from rich.console import Console
from scipy.special import softmax

from soundpost.errors import UserError
from soundpost.models import Recipe
from soundpost.training.campaign import Campaign
from soundpost.training.config import DistillationConfig
from soundpost.training.distillation import Teachers, temper
from soundpost.training.executors.local import LocalExecutor
from soundpost.training.plan import Where, plan_to_compare, teachers_of

FAMILY = {
    "architecture": "soundpost_ir",
    "stem": {"filters": 8, "kernel": [3, 3], "strides": [4, 4]},
    "stages": [{"filters": 8, "blocks": 2, "expansion": 2}],
}
logits = numpy_st.arrays(np.float32, (4, 5), elements=st.floats(-5, 5, width=32))


@given(logits, st.floats(1, 10))
def test_tempering_divides_logits(values: Any, temperature: float) -> None:
    found = temper(softmax(values, axis=1), temperature)
    assert found == pytest.approx(softmax(values / temperature, axis=1), abs=1e-4)


@pytest.mark.usefixtures("tensorflow")
@pytest.mark.parametrize(("weight", "temperature"), [(0.3, 1.0), (0.7, 3.0), (1.0, 2.0)])
def test_the_loss_is_hinton_s(weight: float, temperature: float) -> None:
    random = np.random.default_rng(2)
    labels = np.eye(5, dtype=np.float32)[[0, 3, 4]]
    own, taught = random.normal(size=(2, 3, 5)) * 2
    teachers = Teachers([], DistillationConfig("", weight, temperature))
    targets = np.concatenate([labels, softmax(taught / temperature, axis=1)], axis=1)
    scores = softmax(own, axis=1)
    found = np.asarray(teachers.loss(targets.astype(np.float32), scores.astype(np.float32)))
    hard = -np.log(scores[np.arange(3), [0, 3, 4]])
    soft = scipy.special.rel_entr(
        softmax(taught / temperature, axis=1), softmax(own / temperature, axis=1)
    ).sum(axis=1)
    expected = (1 - weight) * hard + weight * temperature**2 * soft
    assert found == pytest.approx(expected, rel=1e-3)


@pytest.mark.usefixtures("tensorflow")
def test_a_network_learns_from_two_teachers(make_recipe: Any, where: Where) -> None:
    make_recipe("teacher", {"seeds": [4, 5]}, network=FAMILY)
    path = make_recipe(
        "pupil", distillation={"teacher": "../teacher/recipe.yaml", "weight": 0.5, "temperature": 2}
    )
    recipe = Recipe.from_file(path)
    (job, _) = plan_to_compare(path, recipe, where, None, None, validate=True).runs
    teachers = teachers_of([job])
    assert [teacher.name for teacher in teachers] == [
        "1-none-seed4-held1",
        "1-none-seed5-held1",
    ]
    campaign = Campaign(Console(quiet=True), LocalExecutor(2), restart=False)
    (results,) = campaign.run([job])
    # the teachers held out what the pupil holds out: not one of these clips was learnt from
    folders = [teacher.folder(teacher.read_recipe()) for teacher in teachers]
    of_teachers = [json.loads((folder / "results.json").read_text()) for folder in folders]
    assert {run["validation"]["split_seed"] for run in [results, *of_teachers]} == {1}
    assert {run["train_clips"] for run in [results, *of_teachers]} == {2}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"window": 40}, "window is not that of"),
        ({"classes": ["tone", "noise"]}, "classes is not that of"),
        (
            {"distillation": {"teacher": "x", "weight": 1.0}},
            "a teacher needs a name of its own and no teacher",
        ),
    ],
)
def test_a_teacher_that_does_not_fit_is_named(
    make_recipe: Any, where: Where, changes: Any, says: str
) -> None:
    teacher: Path = make_recipe("teacher", **changes)
    path = make_recipe("pupil", distillation={"teacher": str(teacher), "weight": 0.5})
    plan = plan_to_compare(path, Recipe.from_file(path), where, None, None, validate=False)
    with pytest.raises(UserError, match=says):
        teachers_of(plan.runs)
