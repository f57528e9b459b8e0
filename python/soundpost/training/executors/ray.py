# SPDX-License-Identifier: Apache-2.0
"""Jobs on a Ray cluster.

All machines must see the recipes, the data and the folder of runs under the same paths. A job whose
worker is lost is given to another one, and goes on from the last epoch.
"""

import importlib
import socket
from collections.abc import Sequence
from typing import Any

from soundpost.errors import UserError
from soundpost.training.executors import Watch
from soundpost.training.job import Job
from soundpost.training.run import run_job
from soundpost.training.status import SECONDS

CONNECT_SECONDS = 5.0
RETRIES = 5
"""Times that a job whose worker was lost is begun again."""


class RayExecutor:
    """Runs as many jobs at a time as the cluster has processors for."""

    def __init__(self, address: str | None) -> None:
        """Join a cluster.

        Args:
            address: of it; None starts one of this machine alone.

        Raises:
            UserError: if Ray is not installed, or there is no cluster at the address.
        """
        try:
            self._ray: Any = importlib.import_module("ray")
        except ImportError as error:
            raise UserError(
                f"--executor ray needs Ray ({error}); pip install -e '.[ray]'"
            ) from error
        if self._ray.is_initialized():
            return
        try:
            if address is not None:
                _reach(address)
            self._ray.init(address=address or "local", log_to_driver=False, logging_level="error")
        except (OSError, ValueError, RuntimeError) as error:
            why = " ".join(str(error).split())
            raise UserError(f"--address {address}: no Ray cluster there ({why})") from error

    def run(self, jobs: Sequence[Job], watch: Watch) -> None:
        """See Executor."""
        # a process does one job: TensorFlow is fresh for each
        work = self._ray.remote(max_calls=1, max_retries=RETRIES)(_work)
        threads = [job.read_recipe().training.threads for job in jobs]
        waiting = [
            work.options(num_cpus=count).remote(job)
            for count, job in zip(threads, jobs, strict=True)
        ]
        try:
            while waiting:
                done, waiting = self._ray.wait(waiting, timeout=SECONDS)
                watch()
                for error in self._ray.get(done):
                    if error is not None:
                        raise UserError(error)
        except self._ray.exceptions.RayError as error:
            why = " ".join(str(error).split())
            raise UserError(
                f"a job was lost on the cluster ({why}); the same command goes on"
            ) from error
        finally:
            for task in waiting:
                self._ray.cancel(task, force=True)


def _reach(address: str) -> None:
    """See that somebody listens at HOST:PORT, for which Ray itself would wait for minutes.

    Raises:
        OSError: if nobody does.
    """
    host, _, port = address.rpartition(":")
    if port.isdecimal() and "/" not in host:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()


def _work(job: Job) -> str | None:
    """Do a job; gives what a user has to mend, since Ray would wrap an exception of ours."""
    try:
        run_job(job)
    except UserError as error:
        return str(error)
    return None
