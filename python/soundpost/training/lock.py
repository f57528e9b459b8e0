# SPDX-License-Identifier: Apache-2.0
"""One command, and one worker, at a time in the folder of a run.

Locks are POSIX record locks on a file beside the folder, which --restart removes. The kernel frees
them when a process ends, however it ends; processes that it has forked do not hold them; and other
machines of a cluster see them where its file system carries locks.
"""

import errno
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import IO

from soundpost.errors import UserError
from soundpost.files import writing
from soundpost.training.status import read_status


class Role(IntEnum):
    """Who keeps others out: each has a byte of the file."""

    COMMAND = 0
    WORKER = 1


@contextmanager
def lock_run(folder: Path, role: Role) -> Iterator[None]:
    """Keep others of one's role out of a run, until the block ends or the process does.

    A command needs the worker's place to be free too: a worker may outlive the command that began
    it. The process must not lock the same run twice.

    Args:
        folder: of the run; it need not be there.
        role: what the caller does in it.

    Raises:
        UserError: if another process is at it, with the way out; or if the lock cannot be made.
    """
    path = folder.with_name(f"{folder.name}.lock")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    with file:
        _take(file, folder, role)
        if role is Role.COMMAND:
            _take(file, folder, Role.WORKER)
            fcntl.lockf(file, fcntl.LOCK_UN, 1, Role.WORKER)
        yield


def _take(file: IO[bytes], folder: Path, role: Role) -> None:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, role)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EAGAIN):
            raise UserError(
                f"{file.name} cannot be locked ({error.strerror}); choose another --runs"
            ) from error
        raise UserError(
            f"{folder}: {_holder(folder, role)} is training this run; wait until that ends, or"
            " choose another --runs"
        ) from error


def _holder(folder: Path, role: Role) -> str:
    status = read_status(folder) if role is Role.WORKER else None
    return "another soundpost train" if status is None else f"process {status.process}"
