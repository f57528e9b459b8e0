# SPDX-License-Identifier: Apache-2.0
"""Clips of a dataset folder: UrbanSound8K's layout."""

import csv
from dataclasses import dataclass
from glob import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundpost.audio import open_audio
from soundpost.errors import UserError

COLUMNS = ("slice_file_name", "fsID", "salience", "fold", "class")


@dataclass(frozen=True)
class Clip:
    """A labelled recording.

    Attributes:
        path: audio file.
        label: index into the recipe's classes.
        group: recording that the clip was cut from; clips of one group belong together.
        fold: part of the dataset's official split.
        foreground: whether the labelled sound is in front of the others.
    """

    path: Path
    label: int
    group: str
    fold: int
    foreground: bool

    @property
    def name(self) -> str:
        """File name without its ending, which the dataset keeps unique."""
        return self.path.stem


def read_urbansound8k(folder: Path, classes: tuple[str, ...]) -> list[Clip]:
    """All clips of `folder`, in the order of its metadata/UrbanSound8K.csv.

    Audio lies in audio/fold<n>/ under the names of the metadata, with any suffix.

    Raises:
        UserError: if the metadata is missing or broken, names a class that is not in `classes`, or
            an audio file is missing.
    """
    table = folder / "metadata" / "UrbanSound8K.csv"
    try:
        with table.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"cannot read {table} ({error}); give UrbanSound8K's folder") from error
    if not rows:
        raise UserError(f"{table} lists no clips; give UrbanSound8K's folder")
    clips = []
    for number, row in enumerate(rows, start=2):
        try:
            name, group, salience, fold, label = (str(row[column]) for column in COLUMNS)
            number_of_fold, in_front, index = int(fold), int(salience) == 1, classes.index(label)
        except (KeyError, ValueError) as error:
            raise UserError(
                f"{table} line {number}: {error}; it must hold {', '.join(COLUMNS)} "
                "with a class of the recipe"
            ) from error
        path = _audio_file(folder / "audio" / f"fold{number_of_fold}", name)
        clips.append(Clip(path, index, group, number_of_fold, in_front))
    return clips


def _audio_file(folder: Path, name: str) -> Path:
    found = sorted(folder.glob(f"{escape(Path(name).stem)}.*"))
    if not found:
        raise UserError(f"{folder / name} is missing, and with any suffix; complete the dataset")
    return found[0]


def read_samples(clip: Clip) -> NDArray[np.float32]:
    """The samples of `clip` from -1 to 1, 16 kHz mono as the sensor hears them, shape (n,).

    Raises:
        UserError: if the file cannot be read, or holds no samples.
    """
    with open_audio(clip.path) as source:
        return np.concatenate(list(source)).astype(np.float32) / np.float32(32768)
