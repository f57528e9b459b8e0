# SPDX-License-Identifier: Apache-2.0
"""A run is trained by one command at a time."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from soundpost.errors import UserError
from soundpost.models import Recipe
from soundpost.training.campaign import Campaign
from soundpost.training.executors import Watch
from soundpost.training.job import JOB, Job
from soundpost.training.lock import Role, lock_run
from soundpost.training.plan import Where, plan_to_compare
from soundpost.training.status import Reporter

HOLD = """
import sys
from pathlib import Path
from soundpost.training.lock import Role, lock_run
with lock_run(Path(sys.argv[1]), Role[sys.argv[2]]):
    print("locked", flush=True)
    sys.stdin.read()
"""


class Held:
    """A process that holds a lock until it is told to end."""

    def __init__(self, folder: Path, role: Role, code: str = HOLD) -> None:
        command = [sys.executable, "-c", code, str(folder), role.name]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "locked\n"

    def __enter__(self) -> "Held":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()


class NoExecutor:
    """Counts what it is asked to do, and does none of it."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def run(self, jobs: Sequence[Job], watch: Watch) -> None:
        del watch
        self.jobs += jobs


def a_job(path: Path, where: Where) -> tuple[Job, Path]:
    recipe = Recipe.from_file(path)
    (job, _) = plan_to_compare(path, recipe, where, None, None, validate=False).runs
    return job, job.folder(recipe)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("restart", [False, True])
def test_a_second_command_is_refused_and_changes_nothing(
    make_recipe: Any, where: Where, restart: bool
) -> None:
    job, folder = a_job(make_recipe(), where)
    job.save(folder)
    (folder / "checkpoint").write_bytes(b"of the first")
    before = files(folder)
    executor = NoExecutor()
    with Held(folder, Role.COMMAND), pytest.raises(UserError) as caught:
        Campaign(Console(quiet=True), executor, restart).run([job])
    assert str(caught.value) == (
        f"{folder}: another soundpost train is training this run; wait until that ends, or choose"
        " another --runs"
    )
    assert executor.jobs == []
    assert files(folder) == before


def test_a_worker_that_outlives_its_command_is_named(make_recipe: Any, where: Where) -> None:
    job, folder = a_job(make_recipe(), where)
    Reporter(folder).tell("training")
    with Held(folder, Role.WORKER), pytest.raises(UserError, match=r"process \d+ is training"):
        Campaign(Console(quiet=True), NoExecutor(), restart=False).run([job])
    assert not (folder / JOB).exists()


def test_a_command_and_its_worker_share_a_run(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with Held(folder, Role.COMMAND), Held(folder, Role.WORKER):
        with pytest.raises(UserError), lock_run(folder, Role.WORKER):
            pass
        with pytest.raises(UserError), lock_run(folder, Role.COMMAND):
            pass


def test_other_runs_are_free(tmp_path: Path) -> None:
    with Held(tmp_path / "seed1", Role.COMMAND), lock_run(tmp_path / "seed2", Role.COMMAND):
        pass


@pytest.mark.parametrize("role", Role)
def test_a_killed_process_leaves_the_run_free(tmp_path: Path, role: Role) -> None:
    folder = tmp_path / "run"
    with Held(folder, role) as held:
        held.process.send_signal(signal.SIGKILL)
        held.process.wait()
        with lock_run(folder, Role.COMMAND):
            pass
    # the file stays, and is no obstacle
    assert [path.name for path in tmp_path.iterdir()] == ["run.lock"]


def test_children_of_a_worker_do_not_hold_its_run(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    # the child lives until we close its input
    fork = HOLD.replace(
        "    print(", "    if os.fork() == 0: sys.exit(sys.stdin.read())\n    print("
    )
    with Held(folder, Role.WORKER, "import os" + fork) as held:
        held.process.kill()
        held.process.wait()
        with lock_run(folder, Role.COMMAND):
            pass


def test_where_no_lock_can_be_the_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(UserError, match=r"cannot write .*run\.lock: File exists"),
        lock_run(tmp_path / "file" / "run", Role.COMMAND),
    ):
        pass
