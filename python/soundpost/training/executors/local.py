# SPDX-License-Identifier: Apache-2.0
"""Jobs in processes of this machine."""

import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from soundpost.errors import UserError
from soundpost.training.executors import Watch
from soundpost.training.job import Job
from soundpost.training.status import SECONDS, read_status

LOG = "log.txt"
GRACE_SECONDS = 10.0


@dataclass
class _Worker:
    folder: Path
    process: subprocess.Popen[bytes]


class LocalExecutor:
    """Runs so many jobs at a time, each in a process of its own."""

    def __init__(self, jobs: int) -> None:
        """Set the number of jobs at a time."""
        self._most = jobs

    def run(self, jobs: Sequence[Job], watch: Watch) -> None:
        """See Executor."""
        waiting, working = deque(jobs), list[_Worker]()
        try:
            while waiting or working:
                while waiting and len(working) < self._most:
                    working.append(_start(waiting.popleft()))
                time.sleep(SECONDS)
                watch()
                for worker in [w for w in working if w.process.poll() is not None]:
                    working.remove(worker)
                    _check(worker)
        finally:
            for worker in working:
                worker.process.terminate()
            for worker in working:
                _wait(worker.process)


def _start(job: Job) -> _Worker:
    folder = job.folder(job.read_recipe())
    job.save(folder)
    command = [sys.executable, "-m", "soundpost.training.worker", str(folder)]
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
    return _Worker(folder, process)


def _check(worker: _Worker) -> None:
    code = worker.process.returncode
    if code == 0:
        return
    status = read_status(worker.folder)
    if code == 2 and status is not None and status.error is not None:
        raise UserError(status.error)
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    raise UserError(
        f"{worker.folder}: the process ended with {how}, see {LOG} there; "
        "the same command goes on from the last epoch"
    )


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
