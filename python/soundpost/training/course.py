# SPDX-License-Identifier: Apache-2.0
"""All epochs of a learner: told of, kept after each, and gone on with after a stop."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from soundpost.augmentation.corpus import Corpus
from soundpost.training.checkpoint import Checkpoint, broken
from soundpost.training.clips import Heard
from soundpost.training.learner import Learner, Teach
from soundpost.training.network import float_scores
from soundpost.training.status import Reporter
from soundpost.training.tensorboard import Log

Weights = list[NDArray[Any]]


@dataclass
class Course:
    """The epochs of one stage of a run.

    Attributes:
        stage: its name, for those who watch.
        path: of the checkpoint.
        digest: of the job, which the checkpoint must be of.
        epochs: how many there shall be.
        held_out: what the best epoch is chosen by; None keeps the last.
        reporter: told of each step.
        log: told of each epoch.
        history: what is known of each epoch, those of stages before included.
    """

    stage: str
    path: Path
    digest: str
    epochs: int
    held_out: Heard | None
    reporter: Reporter
    log: Log
    history: list[dict[str, Any]] = field(default_factory=list)

    def run(
        self, learner: Learner, corpus: Callable[[], Corpus], teach: Teach | None = None
    ) -> Weights:
        """Do what is left of it; gives the weights that are kept.

        Args:
            learner: what learns, before its first epoch.
            corpus: gives what is learnt from, if there is anything left to learn.
            teach: changes the targets.

        Raises:
            UserError: if the checkpoint cannot be used or written.
        """
        best = self._resume(learner)
        if len(learner.losses) == self.epochs:
            return best
        learnt, steps = corpus(), learner.config.steps
        while len(learner.losses) < self.epochs:
            before, began = len(learner.losses) * steps, time.monotonic()
            learner.epoch(learnt, teach, partial(self._tell, before, self.epochs * steps))
            better = self._judge(learner)
            if better:
                best = learner.averaged.get_weights()
            seconds = time.monotonic() - began
            self.log.write(
                len(self.history),
                {
                    **{name: float(value) for name, value in self.history[-1].items()},
                    "windows_per_second": steps * learner.config.batch / seconds,
                },
            )
            self._save(learner, best)
        return best

    def _judge(self, learner: Learner) -> bool:
        """Note what the epoch came to; whether it is the best so far, or merely the last."""
        known = {"epoch": len(self.history) + 1, "loss": learner.losses[-1]}
        known["learning_rate"] = learner.learning_rate
        mine = self.history[len(self.history) - len(learner.losses) + 1 :]
        self.history.append(known)
        if self.held_out is None:
            return True
        scores = float_scores(learner.averaged, self.held_out.windows)
        known["accuracy"] = round(self.held_out.verdict(scores).accuracy, 4)
        return all(known["accuracy"] > other["accuracy"] for other in mine)

    def _resume(self, learner: Learner) -> Weights:
        """Put the learner where it stopped; gives the best weights up to there."""
        found = Checkpoint.load(self.path)
        if found is None or found.values.get("stage") != self.stage:
            return []
        if found.values["job_sha256"] != self.digest:
            raise broken(self.path, ValueError("it is of another recipe or split"))
        try:
            learner.restore(found.values["learner"], found.arrays["learner"])
            self.history[:] = found.values["history"]
            return found.arrays["best"]
        except (KeyError, TypeError, ValueError) as error:
            raise broken(self.path, error) from error

    def _save(self, learner: Learner, best: Weights) -> None:
        values, arrays = learner.state()
        Checkpoint(
            {
                "job_sha256": self.digest,
                "stage": self.stage,
                "history": self.history,
                "learner": values,
            },
            {"learner": arrays, "best": best},
        ).save(self.path)
        self.reporter.history(self.history)

    def _tell(self, before: int, total: int, step: int) -> None:
        self.reporter.tell(self.stage, before + step, total)
