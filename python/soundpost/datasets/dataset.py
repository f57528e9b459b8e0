# SPDX-License-Identifier: Apache-2.0
"""Opening a dataset: its clips, or all that is wrong with it."""

from dataclasses import dataclass
from pathlib import Path

from soundpost.datasets.clip import Clip
from soundpost.datasets.esc import ESC10, ESC50
from soundpost.datasets.faults import counted, some_of
from soundpost.datasets.folder import FOLDER
from soundpost.datasets.layout import Layout
from soundpost.datasets.tracks import LABELS
from soundpost.datasets.urbansound8k import URBANSOUND8K
from soundpost.errors import UserError

LAYOUTS: dict[str, Layout] = {
    layout.name: layout for layout in (URBANSOUND8K, ESC10, ESC50, FOLDER, LABELS)
}
DATASETS = tuple(LAYOUTS)
"""Names of the layouts."""


@dataclass(frozen=True)
class Dataset:
    """Labelled recordings.

    Attributes:
        name: its layout, one of DATASETS.
        classes: in the order of the labels.
        clips: in an order that is the same on every machine.
        title: what people call it.
        licence: its terms; empty for one's own recordings.
        source_url: its home; likewise.
        notes: what is as it should be and yet worth knowing, such as time that became no clip.
    """

    name: str
    classes: tuple[str, ...]
    clips: list[Clip]
    title: str
    licence: str
    source_url: str
    notes: tuple[str, ...] = ()


def open_dataset(layout: str, folder: Path, classes: tuple[str, ...] | None = None) -> Dataset:
    """The clips in `folder`.

    Args:
        layout: one of DATASETS.
        folder: the dataset's.
        classes: those wanted, in the order of their labels; by default all that there are.

    Raises:
        UserError: if the folder is not in that layout, or anything in it cannot be used; it names
            the first faults and counts the others.
    """
    dataset, faults = read_dataset(layout, folder, classes)
    if faults:
        many = f"{counted(len(faults), 'fault')} in {folder}"
        raise UserError(
            f"{many}: {some_of(faults)}; `soundpost dataset check {layout} {folder}` tells all"
        )
    return dataset


def read_dataset(
    layout: str, folder: Path, classes: tuple[str, ...] | None = None
) -> tuple[Dataset, list[str]]:
    """The clips in `folder` that can be used, and the faults of the others; see open_dataset.

    Raises:
        UserError: if the folder is not in that layout.
    """
    if layout not in LAYOUTS:
        raise UserError(f"unknown dataset {layout}; there are {', '.join(DATASETS)}")
    chosen = LAYOUTS[layout]
    _check_marker(chosen, folder)
    reading = chosen.read(folder, classes)
    clips, faults, notes = reading.clips, reading.faults, reading.notes
    used = {clip.label for clip in clips}
    unheard = [name for label, name in enumerate(reading.classes) if label not in used]
    if unheard and not faults:
        faults.append(f"there is no clip of {', '.join(unheard)}")
    if chosen.clips and chosen.folds and len(clips) < chosen.clips and not faults:
        missing = sorted({*range(1, chosen.folds + 1)} - {clip.fold for clip in clips})
        note = f"{len(clips)} of the {chosen.clips} clips of {chosen.title}"
        if missing:
            note += f", without fold {', '.join(map(str, missing))}"
        notes.insert(0, note)
    dataset = Dataset(
        name=layout,
        classes=reading.classes,
        clips=clips,
        title=chosen.title,
        licence=chosen.licence,
        source_url=chosen.source_url,
        notes=tuple(notes),
    )
    return dataset, faults


def _check_marker(chosen: Layout, folder: Path) -> None:
    """Refuse a folder that is not the one, and name that which may be meant."""
    if not folder.is_dir():
        raise UserError(f"{folder} is no folder; give that of {chosen.title}")
    if chosen.marker and (folder / chosen.marker).is_file():
        return
    others = [layout.name for layout in LAYOUTS.values() if layout.marker != chosen.marker]
    others = [
        name
        for name in others
        if LAYOUTS[name].marker and (folder / LAYOUTS[name].marker).is_file()
    ]
    if others:
        raise UserError(f"{folder} is in the layout {' or '.join(others)}, not {chosen.name}")
    if chosen.marker:
        inner = next((p for p in sorted(folder.iterdir()) if (p / chosen.marker).is_file()), None)
        mend = f"give {inner}" if inner else f"give the folder of {chosen.title}"
        raise UserError(f"{folder} holds no {chosen.marker}; {mend}")
