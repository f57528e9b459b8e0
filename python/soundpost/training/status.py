# SPDX-License-Identifier: Apache-2.0
"""What a run is doing, told through its folder: the same for a process here and one far away."""

import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from soundpost.files import write_text
from soundpost.training.job import HISTORY, STATUS

Item = TypeVar("Item")

SECONDS = 0.5
"""Least time between two tellings of the same stage."""


@dataclass(frozen=True)
class Status:
    """What a run is doing.

    Attributes:
        stage: a word or two.
        done: units done of it.
        total: units in all; 0 if nobody knows.
        process: that does it.
        error: what a user has to mend, if it ended so.
    """

    stage: str
    done: int = 0
    total: int = 0
    process: int = 0
    error: str | None = None


class Reporter:
    """Tells what a run is doing."""

    def __init__(self, folder: Path) -> None:
        """Tell it in `folder`."""
        self._folder = folder
        self._last = (float("-inf"), "")

    def tell(self, stage: str, done: int = 0, total: int = 0, error: str | None = None) -> None:
        """Tell it, unless that was done a moment ago."""
        now = time.monotonic()
        if error is None and stage == self._last[1] and now - self._last[0] < SECONDS:
            return
        self._last = (now, stage)
        status = Status(stage, done, total, os.getpid(), error)
        write_text(self._folder / STATUS, json.dumps(asdict(status)) + "\n")

    def track(self, items: Iterable[Item], stage: str, total: int) -> Iterator[Item]:
        """Give `items`, and tell of each."""
        self.tell(stage, 0, total)
        for done, item in enumerate(items, start=1):
            yield item
            self.tell(stage, done, total)

    def history(self, epochs: list[dict[str, float]]) -> None:
        """Tell all epochs so far."""
        write_text(self._folder / HISTORY, json.dumps(epochs, indent=1) + "\n")


def read_status(folder: Path) -> Status | None:
    """What the run in `folder` told last; None if nothing yet."""
    values = _read(folder / STATUS)
    return None if values is None else Status(**values)


def read_history(folder: Path) -> list[dict[str, float]]:
    """The epochs that the run in `folder` has told of."""
    return list(_read(folder / HISTORY) or [])


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
