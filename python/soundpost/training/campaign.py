# SPDX-License-Identifier: Apache-2.0
"""Many runs: teachers first, what is done already left alone, the others shown as they go."""

import importlib.util
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from rich.console import Console

from soundpost.errors import UserError
from soundpost.models.recipe import Recipe
from soundpost.tf import check_tensorflow
from soundpost.training.executors import Executor
from soundpost.training.job import JOB, Job
from soundpost.training.lock import Role, lock_run
from soundpost.training.monitor import Monitor
from soundpost.training.plan import teachers_of


def check_tools() -> None:
    """Find what training takes, before anything is begun.

    Raises:
        UserError: if it is not installed.
    """
    check_tensorflow()
    if importlib.util.find_spec("tflite_micro") is None:
        raise UserError("training tests on the TFLM interpreter; pip install -e '.[train]'")


class Campaign:
    """Does jobs of several recipes."""

    def __init__(self, console: Console, executor: Executor, restart: bool) -> None:
        """Set what all have in common.

        Args:
            console: to tell of progress on.
            executor: where jobs are done.
            restart: whether to begin anew what is done or begun.
        """
        self._console, self._executor, self._restart = console, executor, restart

    def run(self, jobs: Sequence[Job]) -> list[dict[str, Any]]:
        """Do `jobs`; gives the results of each.

        Raises:
            UserError: if one stops, or another command is at it.
        """
        for wave in (teachers_of(jobs), jobs):
            self._run(wave)
        return [_results(job) for job in jobs]

    def _run(self, jobs: Sequence[Job]) -> None:
        recipes = {job: job.read_recipe() for job in jobs}
        begun = [job for job in jobs if self._restart or job.results(recipes[job]) is None]
        with ExitStack() as locks:
            for folder in dict.fromkeys(job.folder(recipes[job]) for job in begun):
                locks.enter_context(lock_run(folder, Role.COMMAND))
            self._run_locked(begun, recipes)

    def _run_locked(self, jobs: Sequence[Job], recipes: Mapping[Job, Recipe]) -> None:
        if self._restart:
            for job in jobs:
                folder = job.folder(recipes[job])
                # nothing else is removed by a wrong --runs
                if (folder / JOB).is_file():
                    shutil.rmtree(folder)
        # another command may have finished some until the lock was ours
        left = [job for job in jobs if job.results(recipes[job]) is None]
        if not left:
            return
        for job in left:
            job.save(job.folder(recipes[job]))
        shown = [(f"{recipes[job].name} {job.name}", job.folder(recipes[job])) for job in left]
        with Monitor(self._console, shown) as monitor:
            self._executor.run(left, monitor.update)


def _results(job: Job) -> dict[str, Any]:
    results = job.results(job.read_recipe())
    assert results is not None
    return results
