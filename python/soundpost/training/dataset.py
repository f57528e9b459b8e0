# SPDX-License-Identifier: Apache-2.0
"""Clips of a dataset folder: UrbanSound8K's layout."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from soundpost.errors import UserError
from soundpost.frontend.config import SAMPLE_RATE

COLUMNS = ("slice_file_name", "fsID", "salience", "fold", "class")


@dataclass(frozen=True)
class Clip:
    """A labelled recording.

    Attributes:
        path: audio file, 16 kHz mono.
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

    Audio lies in audio/fold<n>/, as .flac or .wav.

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
    for ending in (".flac", ".wav"):
        path = folder / (Path(name).stem + ending)
        if path.is_file():
            return path
    raise UserError(f"{folder / name} is missing, as .flac and as .wav; complete the dataset")


def read_samples(clip: Clip) -> NDArray[np.float32]:
    """The samples of `clip` from -1 to 1, shape (n,).

    Raises:
        UserError: if the file cannot be read, is empty, or is not 16 kHz mono.
    """
    try:
        samples, rate = soundfile.read(clip.path, dtype="float32", always_2d=True)
    except (OSError, RuntimeError) as error:
        raise UserError(f"cannot read {clip.path} ({error}); replace it") from error
    if rate != SAMPLE_RATE or samples.shape[1] != 1 or not len(samples):
        raise UserError(
            f"{clip.path} has {rate} Hz, {samples.shape[1]} channels and {len(samples)} samples; "
            f"convert it to {SAMPLE_RATE} Hz mono"
        )
    return np.ascontiguousarray(samples[:, 0])
