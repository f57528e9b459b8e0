# SPDX-License-Identifier: Apache-2.0
"""What all runs are doing, for who sits before the terminal."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from soundpost.training.status import read_history, read_status


class Monitor:
    """A line a run with what it does and how long that will take; a line for each epoch done.

    Use it as a context.
    """

    def __init__(self, console: Console, runs: Sequence[tuple[str, Path]]) -> None:
        """Watch runs by name and folder."""
        self._console = console
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._runs = runs
        self._tasks: dict[Path, tuple[str, TaskID]] = {}
        self._told = {folder: len(read_history(folder)) for _, folder in runs}

    def __enter__(self) -> "Monitor":
        """Begin to show lines."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take them away."""
        self.update()
        self._progress.stop()

    def update(self) -> None:
        """Look what the runs told last."""
        for name, folder in self._runs:
            self._tell_epochs(name, folder)
            status = read_status(folder)
            if status is None:
                continue
            stage, task = self._tasks.get(folder, ("", None))
            if status.stage != stage:
                # a stage begins its own clock, or the time left would be that of another
                if task is not None:
                    self._progress.remove_task(task)
                title = f"{name}: {status.stage}"
                task = self._progress.add_task(title, total=None)
                self._tasks[folder] = (status.stage, task)
            assert task is not None
            self._progress.update(task, completed=status.done, total=status.total or None)
            if status.stage in ("finished", "stopped"):
                self._progress.update(task, visible=False)

    def _tell_epochs(self, name: str, folder: Path) -> None:
        history = read_history(folder)
        for epoch in history[self._told[folder] :]:
            more = f", accuracy {epoch['accuracy']:.1%}" if "accuracy" in epoch else ""
            self._console.print(
                f"{name}: epoch {epoch['epoch']}: loss {epoch['loss']:.4f}{more}",
                highlight=False,
                markup=False,
            )
        self._told[folder] = max(self._told[folder], len(history))
