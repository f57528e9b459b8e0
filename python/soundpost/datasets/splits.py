# SPDX-License-Identifier: Apache-2.0
"""Splits that keep all clips of one recording on one side."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from soundpost.datasets.clip import Clip
from soundpost.datasets.faults import some_of
from soundpost.errors import UserError


@dataclass(frozen=True)
class Direction:
    """Which folds a network learns from and which it is tested on, if any.

    Attributes:
        train: at least one.
        test: none of `train`.
    """

    train: tuple[int, ...]
    test: tuple[int, ...]

    def __post_init__(self) -> None:
        """Check that they share no fold.

        Raises:
            UserError: naming the side that does not fit.
        """
        if not self.train:
            raise UserError("train is (); it must be at least one fold")
        if set(self.train) & set(self.test):
            raise UserError(f"test is {self.test}; it must be folds that are not in train")


def check_disjoint(**sides: Sequence[Clip]) -> None:
    """Refuse a split in which a recording has clips on two sides, or a side is empty.

    Raises:
        UserError: naming the recordings and their sides, or the side.
    """
    sides_of: dict[str, dict[str, str]] = defaultdict(dict)
    for side, clips in sides.items():
        if not clips:
            raise UserError(f"the {side} split holds no clip; choose other folds")
        for clip in clips:
            sides_of[clip.group].setdefault(side, clip.name)
    shared = [
        f"recording {group} has clips in "
        + " and in ".join(f"{side} ({name})" for side, name in found.items())
        for group, found in sides_of.items()
        if len(found) > 1
    ]
    if shared:
        raise UserError(f"{some_of(shared)}; give all clips of a recording one fold")


def recordings_in_several_folds(clips: Sequence[Clip]) -> dict[str, list[Clip]]:
    """For each recording that the folds tear apart its first clip in each fold."""
    first: dict[str, dict[int, Clip]] = defaultdict(dict)
    for clip in clips:
        first[clip.group].setdefault(clip.fold, clip)
    return {group: list(folds.values()) for group, folds in first.items() if len(folds) > 1}


def split_by_fold(clips: Sequence[Clip], direction: Direction) -> tuple[list[Clip], list[Clip]]:
    """Training and test clips of `direction`; no test clips if it has no test fold.

    Raises:
        UserError: if a fold holds no clip or a recording is on both sides.
    """
    there = sorted({clip.fold for clip in clips})
    missing = sorted(set(direction.train + direction.test).difference(there))
    if missing:
        raise UserError(
            f"fold {', '.join(map(str, missing))} holds no clip; there is "
            f"fold {', '.join(map(str, there))}, so choose other folds or complete the dataset"
        )
    train = [clip for clip in clips if clip.fold in direction.train]
    test = [clip for clip in clips if clip.fold in direction.test]
    check_disjoint(training=train, **({"test": test} if direction.test else {}))
    return train, test


def hold_out(clips: Sequence[Clip], share: float, seed: int) -> tuple[list[Clip], list[Clip]]:
    """Split off about `share` of every class's clips, by whole recordings.

    A class keeps at least one recording on the first side. With recordings of one class each, it
    has one on the second if it has two or more. A recording with clips of several classes counts
    for the class it holds most of.

    Returns:
        Clips to learn from and clips held out, each in the order of `clips`.

    Raises:
        UserError: if a side would be empty.
    """
    members: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        members[clip.group].append(clip)
    groups_of: dict[int, list[str]] = defaultdict(list)
    for group, group_clips in members.items():
        labels = [clip.label for clip in group_clips]
        groups_of[max(sorted(set(labels)), key=labels.count)].append(group)

    random = np.random.default_rng(seed)
    held: set[str] = set()
    for label in sorted(groups_of):
        groups = [groups_of[label][i] for i in random.permutation(len(groups_of[label]))]
        wanted = share * sum(len(members[group]) for group in groups)
        chosen: list[str] = []
        taken = 0
        for group in groups[:-1]:
            size = len(members[group])
            # take it if that brings the share nearer than leaving it would
            if abs(taken + size - wanted) < abs(taken - wanted):
                chosen.append(group)
                taken += size
        if not chosen and len(groups) > 1:
            chosen = [min(groups, key=lambda group: len(members[group]))]
        held.update(chosen)
    _return_lost_classes(members, held)
    fit = [clip for clip in clips if clip.group not in held]
    validation = [clip for clip in clips if clip.group in held]
    check_disjoint(fit=fit, validation=validation)
    return fit, validation


def _return_lost_classes(members: dict[str, list[Clip]], held: set[str]) -> None:
    """Take out of `held` what classes need that have no other recording left."""
    of_class: dict[int, set[str]] = defaultdict(set)
    for group, clips in members.items():
        for clip in clips:
            of_class[clip.label].add(group)
    for label in sorted(of_class):
        if of_class[label] <= held:
            held.remove(min(of_class[label], key=lambda group: (len(members[group]), group)))
