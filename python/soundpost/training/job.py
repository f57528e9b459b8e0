# SPDX-License-Identifier: Apache-2.0
"""One run of a recipe: which folds, which seed, and the folder that it works in."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from soundpost.errors import UserError
from soundpost.files import write_text
from soundpost.models.recipe import Recipe

JOB = "job.json"
RESULTS = "results.json"
HISTORY = "history.json"
STATUS = "status.json"
CHECKPOINT = "checkpoint"
INT8_CHECKPOINT = "checkpoint-int8"
FLOAT_MODEL = "float.keras"
INT8_MODEL = "model.tflite"
LOGS = "logs"


@dataclass(frozen=True)
class Job:
    """A network to train; everything about it is in its folder, where it goes on after a stop.

    Attributes:
        recipe: path of its recipe.
        data: folder of its dataset.
        train: folds that it learns from.
        test: folds that it is tested on; none leaves the test out.
        seed: of all that is left to chance.
        held_out: share of the training clips held out, by recordings, to choose by; 0 for none.
        split_seed: which recordings that are.
        runs: folder of all runs.
        cache: folder of features.
        processes: that features are made in.
    """

    recipe: Path
    data: Path
    train: tuple[int, ...]
    test: tuple[int, ...]
    seed: int
    held_out: float
    split_seed: int
    runs: Path
    cache: Path
    processes: int

    @property
    def name(self) -> str:
        """Name of its folder: training folds, test folds, seed, and whether clips are held out."""
        name = f"{_folds(self.train)}-{_folds(self.test) or 'none'}-seed{self.seed}"
        return f"{name}-held{self.split_seed}" if self.held_out else name

    def digest(self, recipe: Recipe) -> str:
        """SHA-256 of the recipe's choices and the job's own."""
        own = [self.train, self.test, self.seed, self.held_out, self.split_seed]
        return hashlib.sha256(json.dumps([recipe.digest, own]).encode()).hexdigest()

    def read_recipe(self) -> Recipe:
        """Its recipe.

        Raises:
            UserError: see Recipe.from_file.
        """
        return Recipe.from_file(self.recipe)

    def folder(self, recipe: Recipe) -> Path:
        """The folder that it works in."""
        return self.runs / recipe.name / self.name

    def teachers(self, recipe: Recipe) -> list["Job"]:
        """The jobs that must be done before this one: its teachers, on the very same clips.

        Raises:
            UserError: if the teacher's recipe cannot be read, or hears other windows.
        """
        if recipe.distillation is None:
            return []
        path = self.recipe.parent / recipe.distillation.teacher
        teacher = Recipe.from_file(path)
        for name in ("frontend", "window", "normalisation", "classes"):
            if getattr(teacher, name) != getattr(recipe, name):
                raise UserError(
                    f"{path}: {name} is not that of {self.recipe}, whose network it is to teach; "
                    "make them equal"
                )
        if teacher.name == recipe.name or teacher.distillation is not None:
            raise UserError(f"{path}: a teacher needs a name of its own and no teacher")
        own = replace(self, recipe=path)
        return [replace(own, seed=seed) for seed in teacher.training.seeds]

    def save(self, folder: Path) -> None:
        """Write it to its folder, for the process that will do it."""
        values = {k: str(v) if isinstance(v, Path) else v for k, v in asdict(self).items()}
        write_text(folder / JOB, json.dumps(values, indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> "Job":
        """Read what `save` wrote."""
        values = json.loads((folder / JOB).read_text(encoding="utf-8"))
        for name in ("recipe", "data", "runs", "cache"):
            values[name] = Path(values[name])
        for name in ("train", "test"):
            values[name] = tuple(values[name])
        return cls(**values)

    def results(self, recipe: Recipe) -> dict[str, Any] | None:
        """What came of it; None if it has not finished.

        Raises:
            UserError: if its folder holds another run, or they are broken.
        """
        path = self.folder(recipe) / RESULTS
        try:
            results = json.loads(path.read_text(encoding="utf-8"))
            digest = results["job_sha256"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"{path} cannot be read ({error}); train anew with --restart"
            ) from error
        self.check_digest(path, digest, recipe)
        return dict(results)

    def check_digest(self, path: Path, digest: object, recipe: Recipe) -> None:
        """Refuse what was made by other choices than the job and the recipe hold now.

        Raises:
            UserError: naming the file and the way out.
        """
        if digest != self.digest(recipe):
            raise UserError(
                f"{path} is of another state of {recipe.name}'s recipe; train anew with "
                "--restart, or choose another --runs"
            )


def _folds(folds: tuple[int, ...]) -> str:
    return "+".join(map(str, folds))
