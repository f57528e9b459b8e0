# SPDX-License-Identifier: Apache-2.0
"""The whole way of one network: from clips to a tested .tflite."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from soundpost.datasets import Clip
from soundpost.errors import UserError
from soundpost.evaluation import SameScorer, Verdict
from soundpost.files import whole_file, write_text
from soundpost.models.recipe import Recipe
from soundpost.quantization.aware import aware_to_tflite, build_aware, fold
from soundpost.quantization.convert import to_tflite
from soundpost.tf import set_up
from soundpost.training.clips import Clips, Heard
from soundpost.training.course import Course
from soundpost.training.distillation import Teachers
from soundpost.training.job import (
    CHECKPOINT,
    FLOAT_MODEL,
    INT8_CHECKPOINT,
    INT8_MODEL,
    LOGS,
    RESULTS,
    Job,
)
from soundpost.training.learner import Loss, Teach, aware_learner, float_learner
from soundpost.training.lock import Role, lock_run
from soundpost.training.network import build, float_scores
from soundpost.training.status import Reporter
from soundpost.training.tensorboard import Log


def run_job(job: Job) -> dict[str, Any]:
    """Train and test a network, or go on with it; gives what its results.json holds.

    Raises:
        UserError: if something that a user can mend stops it, or another process is at it.
    """
    recipe = job.read_recipe()
    results = job.results(recipe)
    if results is not None:
        return results
    with lock_run(job.folder(recipe), Role.WORKER):
        return _run_locked(job, recipe)


def _run_locked(job: Job, recipe: Recipe) -> dict[str, Any]:
    set_up(recipe.training.setup)
    reporter = Reporter(job.folder(recipe))
    try:
        results = _Run(job, recipe, reporter).results()
    except UserError as error:
        reporter.tell("stopped", error=str(error))
        raise
    reporter.tell("finished")
    return results


class _Run:
    def __init__(self, job: Job, recipe: Recipe, reporter: Reporter) -> None:
        self.job, self.recipe, self.reporter = job, recipe, reporter
        self.folder = job.folder(recipe)
        self.clips = Clips(job, recipe, reporter)
        self.history: list[dict[str, Any]] = []
        teachers = self._teachers()
        self.loss: Loss | None = teachers.loss if teachers else None
        self.teach: Teach | None = teachers.teach if teachers else None
        self.corpus = cache(self.clips.corpus)

    def results(self) -> dict[str, Any]:
        held_out = self.clips.hear(self.clips.held_out) if self.clips.held_out else None
        log = Log(self.folder / LOGS)
        model = self._learn(held_out, log)
        with whole_file(self.folder / FLOAT_MODEL) as path:
            model.save(path)
        tflite = self._quantise(model, held_out, log)
        log.close()
        with whole_file(self.folder / INT8_MODEL) as path:
            path.write_bytes(tflite)
        results = {
            "job_sha256": self.job.digest(self.recipe),
            "recipe_sha256": self.recipe.digest,
            "train_folds": list(self.job.train),
            "test_folds": list(self.job.test),
            "seed": self.job.seed,
            **_counted("train_", self.clips.train),
            "model_sha256": hashlib.sha256(tflite).hexdigest(),
            "model_bytes": len(tflite),
        }
        if held_out is not None:
            results["validation"] = self._validated(model, tflite, held_out)
        if self.clips.test:
            results |= self._tested(model, tflite, self.clips.hear(self.clips.test))
        shutil.copyfile(self.job.recipe, self.folder / "recipe.yaml")
        write_text(self.folder / RESULTS, json.dumps(results, indent=1) + "\n")
        return results

    def _learn(self, held_out: Heard | None, log: Log) -> Any:
        """The float network."""
        learner = float_learner(self.recipe, self.job.seed, self.loss)
        course = self._course("training", CHECKPOINT, self.recipe.training.epochs, held_out, log)
        model = build(self.recipe)
        model.set_weights(course.run(learner, self.corpus, self.teach))
        return model

    def _quantise(self, model: Any, held_out: Heard | None, log: Log) -> bytes:
        """The int8 network: by ranges of training windows, or by learning to be one."""
        config = self.recipe.quantization
        if config is None:
            self.reporter.tell("quantisation")
            return to_tflite(self.recipe, model, self.clips.calibration())
        folded = fold(model)
        learner = aware_learner(self.recipe, config, folded, self.job.seed, self.loss)
        course = self._course("int8 training", INT8_CHECKPOINT, config.epochs, held_out, log)
        aware = build_aware(self.recipe, folded)
        aware.set_weights(course.run(learner, self.corpus, self.teach))
        return aware_to_tflite(self.recipe, folded, aware)

    def _course(
        self, stage: str, checkpoint: str, epochs: int, held_out: Heard | None, log: Log
    ) -> Course:
        digest = self.job.digest(self.recipe)
        path = self.folder / checkpoint
        return Course(stage, path, digest, epochs, held_out, self.reporter, log, self.history)

    def _teachers(self) -> Teachers | None:
        if self.recipe.distillation is None:
            return None
        models = []
        for job in self.job.teachers(self.recipe):
            recipe = job.read_recipe()
            if job.results(recipe) is None:
                raise UserError(
                    f"{job.folder(recipe)} is not done, and is to teach; train it first"
                )
            models.append(job.folder(recipe) / FLOAT_MODEL)
        return Teachers(models, self.recipe.distillation)

    def _validated(self, model: Any, tflite: bytes, heard: Heard) -> dict[str, Any]:
        int8, reference = self._verdicts(model, tflite, heard)
        return {
            **_counted("", heard.clips),
            "split_seed": self.job.split_seed,
            "accuracy": round(reference.accuracy, 4),
            "int8_accuracy": round(int8.accuracy, 4),
            "by_epoch": [epoch["accuracy"] for epoch in self.history],
        }

    def _tested(self, model: Any, tflite: bytes, heard: Heard) -> dict[str, Any]:
        int8, reference = self._verdicts(model, tflite, heard)
        return {
            "float_accuracy": round(reference.accuracy, 4),
            "same_choice": round(float(np.mean(int8.chosen == reference.chosen)), 4),
            "test": int8.summary(self.recipe.classes),
        }

    def _verdicts(self, model: Any, tflite: bytes, heard: Heard) -> tuple[Verdict, Verdict]:
        """What the int8 network makes of clips, compiled as on TFLM, and what the float one."""
        scorer, parts = SameScorer(tflite), np.array_split(heard.windows, len(heard.clips))
        scores = [scorer.scores(part) for part in self.reporter.track(parts, "TFLM", len(parts))]
        int8 = heard.verdict(np.concatenate(scores))
        return int8, heard.verdict(float_scores(model, heard.windows))


def _counted(side: str, clips: Sequence[Clip]) -> dict[str, int]:
    return {f"{side}clips": len(clips), f"{side}recordings": len({clip.group for clip in clips})}
