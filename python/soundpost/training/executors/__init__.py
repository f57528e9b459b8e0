# SPDX-License-Identifier: Apache-2.0
"""Where jobs are done: in processes of this machine, or on a Ray cluster."""

from collections.abc import Callable, Sequence
from typing import Protocol

from soundpost.training.job import Job

EXECUTORS = ("local", "ray")
Watch = Callable[[], None]
"""Called twice a second while jobs are under way."""


class Executor(Protocol):
    """Does jobs."""

    def run(self, jobs: Sequence[Job], watch: Watch) -> None:
        """Do jobs that depend on no other, in any order; their folders tell what came of them.

        Raises:
            UserError: if one stops; the others are stopped, too, and can be gone on with.
        """
