# SPDX-License-Identifier: Apache-2.0
"""A run that is stopped goes on, and comes to the same to the bit."""

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundpost.errors import UserError
from soundpost.models import Recipe
from soundpost.training.checkpoint import Checkpoint
from soundpost.training.executors.local import LocalExecutor
from soundpost.training.job import FLOAT_MODEL, INT8_MODEL, Job
from soundpost.training.plan import Where, plan_to_compare
from soundpost.training.status import read_history, read_status

INT8 = {"epochs": 8, "learning_rate": 1e-4}
EPOCHS = 3 + 8
FAST = {"threads": 1, "onednn": True, "fused_normalisation": True, "warmup_steps": 40}


def one_job(path: Path, where: Where) -> tuple[Job, Path]:
    recipe = Recipe.from_file(path)
    (job, _) = plan_to_compare(path, recipe, where, None, None, validate=False).runs
    return job, job.folder(recipe)


def kill_once(folder: Path, epochs: int) -> Callable[[], None]:
    """Kills the process that works in `folder` once it has told of so many epochs."""
    killed: list[int] = []

    def watch() -> None:
        status = read_status(folder)
        if not killed and status is not None and len(read_history(folder)) >= epochs:
            os.kill(status.process, signal.SIGKILL)
            killed.append(status.process)

    return watch


def float_weights(folder: Path) -> list[Any]:
    from soundpost.tf import load_keras

    return list(load_keras().models.load_model(folder / FLOAT_MODEL, compile=False).get_weights())


@pytest.mark.usefixtures("tensorflow")
@pytest.mark.parametrize(("stage", "how"), [("training", FAST), ("int8 training", {})])
def test_a_killed_run_goes_on_as_if_nothing_had_been(
    make_recipe: Any, where: Where, tmp_path: Path, stage: str, how: Any
) -> None:
    # long epochs and many, so that some are left when the process is killed
    training = {"epochs": 3, "windows": 480, "keep": "best", **how}
    recipe = make_recipe("tiny", training, quantization=INT8)
    whole, whole_folder = one_job(recipe, where)
    LocalExecutor(1).run([whole], lambda: None)

    other = Where(where.data, tmp_path / "other", where.cache, 1)
    stopped, folder = one_job(recipe, other)
    before = 2 if stage == "training" else 4
    with pytest.raises(UserError, match=r"ended with signal 9.*goes on from the last epoch"):
        LocalExecutor(1).run([stopped], kill_once(folder, before))
    assert before <= len(read_history(folder)) < EPOCHS
    assert not (folder / INT8_MODEL).exists()
    LocalExecutor(1).run([stopped], lambda: None)

    assert read_history(folder) == read_history(whole_folder)
    assert len(read_history(folder)) == EPOCHS
    assert (folder / INT8_MODEL).read_bytes() == (whole_folder / INT8_MODEL).read_bytes()
    pairs = zip(float_weights(folder), float_weights(whole_folder), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)


arrays = st.lists(
    st.tuples(st.sampled_from(["f4", "i8", "u4"]), st.lists(st.integers(0, 3), max_size=3)),
    max_size=4,
)


@given(arrays, arrays, st.dictionaries(st.text(max_size=4), st.integers(-(2**80), 2**80)))
def test_a_checkpoint_holds_what_it_was_given(
    tmp_path_factory: pytest.TempPathFactory, one: Any, two: Any, values: Any
) -> None:
    path = tmp_path_factory.mktemp("checkpoint") / "checkpoint"
    random = np.random.default_rng(1)
    held = {
        name: [random.integers(0, 99, shape).astype(kind) for kind, shape in some]
        for name, some in (("one", one), ("two_2", two))
    }
    Checkpoint({"values": values}, held).save(path)
    found = Checkpoint.load(path)
    assert found is not None
    assert found.values == {"values": values}
    for name, some in held.items():
        for kept, array in zip(found.arrays[name], some, strict=True):
            assert kept.dtype == array.dtype
            assert np.array_equal(kept, array)


def test_no_checkpoint_is_none(tmp_path: Path) -> None:
    assert Checkpoint.load(tmp_path / "checkpoint") is None


@given(st.integers(0, 2000), st.integers(0, 255))
def test_a_broken_checkpoint_is_no_crash(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: int
) -> None:
    path = tmp_path_factory.mktemp("checkpoint") / "checkpoint"
    Checkpoint({"a": 1}, {"b": [np.arange(99, dtype=np.float32)]}).save(path)
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= value
    path.write_bytes(content[: place if value == 0 else None])
    # a changed byte may be one that no reader looks at
    with contextlib.suppress(UserError):
        Checkpoint.load(path)


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive"])
def test_the_mend_of_a_broken_checkpoint_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "checkpoint"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"checkpoint cannot be used \(.*--restart$"):
        Checkpoint.load(path)
