# SPDX-License-Identifier: Apache-2.0
"""What a step is, what it is given, and how it ends."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from rich.table import Table

from soundpost_ci import tree

TIMEOUT_S = 1800


class FaultError(Exception):
    """A step found a fault; the message says which."""


class UnavailableError(Exception):
    """A step cannot run here; the message says what is missing."""


class Status(StrEnum):
    """How a step ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass
class Counts:
    """Checks within a step, such as its tests."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass
class Result:
    """How a step ended, after how many seconds, and what there is to say of it."""

    name: str
    status: Status
    seconds: float
    note: str
    counts: Counts


@dataclass
class Context:
    """What a step works with: the tree, what of it to look at, and where to write what it hears."""

    root: Path
    log: TextIO
    step: str = ""
    base: str | None = None
    changes: frozenset[str] | None = None
    """Paths to look at; None means all."""
    quick: bool = False
    """Whether to leave out what takes long."""
    update_budget: bool = False
    note: str = ""
    """What the result shall say, set by the step."""
    counts: Counts | None = None
    """Set by a step that consists of many checks."""
    tables: list[Table] = field(default_factory=list)
    """Tables to show, set by the step."""

    def files(self, *patterns: str) -> list[str]:
        """Files of the tree that fit a pattern, and have changed where only changes count."""
        names = tree.matching(tree.files(self.root), patterns)
        return names if self.changes is None else [name for name in names if name in self.changes]

    def need(self, program: str, mend: str) -> str:
        """Path of a program.

        Raises:
            UnavailableError: if it is not installed.
        """
        path = shutil.which(program)
        if path is None:
            raise UnavailableError(f"{program} is not installed: {mend}")
        return path

    def call(
        self,
        *command: str,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT_S,
    ) -> str:
        """Run a command, from the root if nothing else is said, and log what it says.

        Returns:
            Its output, both streams together.

        Raises:
            FaultError: with the command and the end of what it said.
        """
        line = shlex.join(command)
        self.log.write(f"$ {line}\n")
        self.log.flush()
        try:
            done = subprocess.run(
                command,
                cwd=cwd or self.root,
                env=None if env is None else {**os.environ, **env},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise FaultError(f"$ {line}\ndid not end within {timeout:g} s") from error
        self.log.write(done.stdout)
        if done.returncode != 0:
            raise FaultError(f"$ {line}\n{done.stdout.rstrip()}\nexit code {done.returncode}")
        return done.stdout


@dataclass(frozen=True)
class Step:
    """A check with a name."""

    name: str
    about: str
    watches: tuple[str, ...]
    """Patterns of the paths whose change calls for it."""
    run: Callable[[Context], None]
    """Returns if all is well.

    Raises:
        FaultError: if it found a fault.
        UnavailableError: if it cannot run here.
    """
