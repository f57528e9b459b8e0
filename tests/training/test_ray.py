# SPDX-License-Identifier: Apache-2.0
"""Jobs on a Ray cluster of two workers, one of which is lost."""

import importlib
import importlib.util
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from soundpost.errors import UserError
from soundpost.models import Recipe
from soundpost.tf import Setup
from soundpost.training.executors.local import LocalExecutor
from soundpost.training.executors.ray import RayExecutor
from soundpost.training.job import INT8_MODEL, Job
from soundpost.training.plan import Where, plan_to_compare
from soundpost.training.status import read_history, read_status

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="no Ray; pip install -e '.[ray]'"
)


@pytest.fixture
def address(tensorflow: None) -> Iterator[str]:
    """Of a cluster whose head does no work, and whose two workers do a job each."""
    ray = importlib.import_module("ray")
    cluster = importlib.import_module("ray.cluster_utils").Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False}
    )
    for _ in range(2):
        cluster.add_node(num_cpus=Setup.threads)
    cluster.wait_for_nodes()
    yield cluster.address
    ray.shutdown()
    cluster.shutdown()


def jobs_in(path: Path, where: Where) -> list[tuple[Job, Path]]:
    recipe = Recipe.from_file(path)
    plan = plan_to_compare(path, recipe, where, None, None, validate=False)
    return [(job, job.folder(recipe)) for job in plan.runs]


def lose_a_worker(folder: Path, lost: list[int]) -> Callable[[], None]:
    """Kills the process that works in `folder`, once, in the midst of its epochs."""

    def watch() -> None:
        status = read_status(folder)
        if not lost and status is not None and len(read_history(folder)) >= 1:
            os.kill(status.process, signal.SIGKILL)
            lost.append(status.process)

    return watch


def test_a_job_whose_worker_is_lost_goes_on_elsewhere(
    address: str, make_recipe: Any, where: Where, tmp_path: Path
) -> None:
    recipe = make_recipe(training={"epochs": 3, "windows": 480})
    (first, folder), (second, other) = jobs_in(recipe, where)
    lost: list[int] = []
    RayExecutor(address).run([first, second], lose_a_worker(folder, lost))

    status = read_status(folder)
    assert status is not None
    assert status.stage == "finished"
    assert lost
    assert status.process != lost[0]
    assert len(read_history(folder)) == len(read_history(other)) == 3

    # as if nothing had been
    (alone, whole), _ = jobs_in(recipe, replace(where, runs=tmp_path / "other"))
    LocalExecutor(1).run([alone], lambda: None)
    assert (folder / INT8_MODEL).read_bytes() == (whole / INT8_MODEL).read_bytes()
    assert read_history(folder) == read_history(whole)

    # a user's mistake is no crash of Ray's
    faulty = replace(first, test=(7,))
    faulty.save(faulty.folder(Recipe.from_file(recipe)))
    with pytest.raises(UserError, match="fold 7 holds no clip") as error:
        RayExecutor(address).run([faulty], lambda: None)
    assert "\n" not in str(error.value)


def test_no_cluster_is_named() -> None:
    with pytest.raises(UserError, match=r"--address 127\.0\.0\.1:1: no Ray cluster"):
        RayExecutor("127.0.0.1:1")
