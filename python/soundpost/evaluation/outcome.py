# SPDX-License-Identifier: Apache-2.0
"""Evaluations as files hold them, read to be compared."""

import itertools
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundpost.datasets import Clip
from soundpost.errors import UserError
from soundpost.evaluation.document import FORMAT
from soundpost.evaluation.run import SCORERS
from soundpost.evaluation.verdict import Verdict

COSTS = ("macs", "macs_per_second", "parameters", "flash_bytes", "ram_bytes")


@dataclass(frozen=True)
class Outcome:
    """What an evaluation found.

    Attributes:
        label: what tells it from the others.
        name: of the recipe.
        scorer: what ran the networks.
        overlap_pct: of windows.
        layout: of the dataset.
        title: of the dataset.
        classes: in the order of the labels.
        costs: of those of the document that COSTS names.
        verdict: on its clips, without scores.
        source: the file.
    """

    label: str
    name: str
    scorer: str
    overlap_pct: int
    layout: str
    title: str
    classes: tuple[str, ...]
    costs: dict[str, int]
    verdict: Verdict
    source: Path


def read_outcomes(paths: Sequence[Path]) -> list[Outcome]:
    """Read files that `soundpost evaluate --json` wrote, and give each a label of its own.

    Raises:
        UserError: if one cannot be read or is none, or two are of different datasets.
    """
    outcomes = [_read(path) for path in paths]
    for outcome in outcomes[1:]:
        if (outcome.layout, outcome.classes) != (outcomes[0].layout, outcomes[0].classes):
            raise UserError(
                f"{outcome.source} is of another dataset than {outcomes[0].source} "
                "or has other classes; compare what is alike"
            )
    labels = [[o.name for o in outcomes]]
    labels.append([f"{o.name}, {o.scorer}" for o in outcomes])
    labels.append([f"{o.name}, {o.scorer}, {o.overlap_pct} %" for o in outcomes])
    labels.append([o.source.stem for o in outcomes])
    labels.append([str(o.source) for o in outcomes])
    chosen = next((found for found in labels if max(Counter(found).values()) == 1), None)
    if chosen is None:
        raise UserError("a file is given twice; give each once")
    return [replace(o, label=label) for o, label in zip(outcomes, chosen, strict=True)]


def _read(path: Path) -> Outcome:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        why = getattr(error, "strerror", None) or error
        raise UserError(
            f"{path} cannot be read ({why}); give what soundpost evaluate --json printed"
        ) from error
    try:
        return _outcome(document, path)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise UserError(
            f"{path} is no evaluation ({type(error).__name__}: {error}); "
            "give what soundpost evaluate --json printed"
        ) from error


def _outcome(document: Any, path: Path) -> Outcome:
    if document["format"] != FORMAT:
        raise ValueError(f"its format is not {FORMAT}")
    classes = tuple(_text(name) for name in document["classes"])
    labels = {name: n for n, name in enumerate(classes)}
    rows = document["clips"]
    if not rows:
        raise ValueError("it lists no clips")
    clips = [_clip(row, labels) for row in rows]
    seeds = _seeds(rows)
    of = itertools.repeat(None) if seeds is None else seeds.tolist()
    if len({(clip.name, seed) for clip, seed in zip(clips, of, strict=False)}) < len(clips):
        raise ValueError("a clip is listed twice")
    scorer, dataset = document["scorer"], document["dataset"]
    if scorer not in SCORERS:
        raise ValueError("its scorer is none of ours")
    return Outcome(
        label="",
        name=_text(document["name"]),
        scorer=scorer,
        overlap_pct=_count(document["overlap_pct"]),
        layout=_text(dataset["layout"]),
        title=_text(dataset["title"]),
        classes=classes,
        costs={key: _count(document["costs"][key], least=1) for key in COSTS},
        verdict=Verdict(clips, np.array([labels[row["chosen"]] for row in rows]), None, seeds),
        source=path,
    )


def _clip(row: Any, labels: dict[str, int]) -> Clip:
    foreground = row["foreground"]
    if foreground is not None and type(foreground) is not bool:
        raise ValueError("foreground is none of true, false and null")
    return Clip(
        path=Path(),
        label=labels[row["class"]],
        group=_text(row["recording"]),
        fold=_count(row["fold"]),
        foreground=foreground,
        alias=_text(row["name"]),
    )


def _seeds(rows: Any) -> NDArray[np.int64] | None:
    """Seeds of all clips, or None if they have none."""
    if all(row["seed"] is None for row in rows):
        return None
    seeds = np.array([_count(row["seed"]) for row in rows], np.int64)
    if len(set(Counter(seeds.tolist()).values())) != 1 or len(set(seeds.tolist())) < 2:
        raise ValueError("its seeds were not tested on the same clips")
    return seeds


def _text(value: Any) -> str:
    # no control characters: they would reach the terminal
    if not isinstance(value, str) or not value.isprintable() or not re.search(r"\S", value):
        raise ValueError("a name is missing or cannot be printed")
    return value


def _count(value: Any, least: int = 0) -> int:
    if type(value) is not int or not least <= value < 2**63:
        raise ValueError("a number is missing or out of range")
    return value
