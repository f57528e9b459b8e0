# SPDX-License-Identifier: Apache-2.0
"""All clips of a recording stay on one side."""

from pathlib import Path

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from soundpost.datasets import (
    Clip,
    Direction,
    check_disjoint,
    hold_out,
    open_dataset,
    split_by_fold,
)
from soundpost.errors import UserError
from soundpost.models.model import DEFAULT_MODEL, Model


def clip(group: int, label: int = 0, fold: int = 1, number: int = 0) -> Clip:
    return Clip(Path(f"{group}-{label}-{number}.wav"), label, str(group), fold, True)


@st.composite
def clip_lists(draw: st.DrawFn) -> list[Clip]:
    """Two or more recordings a class, each of one class, in any order."""
    clips = []
    for label in range(draw(st.integers(1, 4))):
        for group in range(draw(st.integers(2, 8))):
            count = draw(st.integers(1, 9))
            clips += [clip(100 * label + group, label, 1, n) for n in range(count)]
    return draw(st.permutations(clips))


@given(clip_lists(), st.floats(0.01, 0.5), st.integers(0, 2**32))
def test_hold_out_keeps_recordings_whole(clips: list[Clip], share: float, seed: int) -> None:
    fit, held = hold_out(clips, share, seed)
    assert {c.group for c in fit}.isdisjoint(c.group for c in held)
    assert sorted(fit + held, key=lambda c: c.name) == sorted(clips, key=lambda c: c.name)
    classes = {c.label for c in clips}
    assert {c.label for c in fit} == {c.label for c in held} == classes
    assert hold_out(clips, share, seed) == (fit, held)


@given(
    st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=8), min_size=2, max_size=12),
    st.floats(0.01, 0.5),
    st.integers(0, 2**32),
)
def test_hold_out_loses_no_class(recordings: list[list[int]], share: float, seed: int) -> None:
    clips = [
        clip(group, label, 1, n)
        for group, labels in enumerate(recordings)
        for n, label in enumerate(labels)
    ]
    try:
        fit, held = hold_out(clips, share, seed)
    except UserError:
        # no recording can be spared
        reject()
    assert {c.label for c in fit} == {c.label for c in clips}
    assert {c.group for c in fit}.isdisjoint(c.group for c in held)
    assert len(fit) + len(held) == len(clips)


def test_hold_out_comes_near_its_share() -> None:
    clips = [clip(group, group % 3, 1, n) for group in range(60) for n in range(5)]
    _, held = hold_out(clips, 0.25, 7)
    assert [sum(c.label == label for c in held) for label in range(3)] == [25, 25, 25]


def test_a_recording_on_two_sides_is_refused() -> None:
    clips = [clip(1, fold=1), clip(2, fold=2), clip(1, fold=2, number=1)]
    with pytest.raises(
        UserError, match=r"recording 1 has clips in training \(1-0-0\) and in test \(1-0-1\)"
    ):
        split_by_fold(clips, Direction(train=(1,), test=(2,)))


def test_an_empty_side_is_refused() -> None:
    with pytest.raises(UserError, match="fold 2 holds no clip; there is fold 1"):
        split_by_fold([clip(1)], Direction(train=(1,), test=(2,)))
    with pytest.raises(UserError, match="the b split"):
        check_disjoint(a=[clip(1)], b=[])


def test_a_network_may_be_trained_without_a_test() -> None:
    clips = [clip(1, fold=1), clip(2, fold=2)]
    assert split_by_fold(clips, Direction(train=(1, 2), test=())) == (clips, [])


def test_real_folds_share_no_recording(urbansound8k: Path) -> None:
    recipe = Model.find(DEFAULT_MODEL).recipe
    clips = open_dataset("urbansound8k", urbansound8k, recipe.classes).clips
    for direction in recipe.data.directions:
        train, test = split_by_fold(clips, direction)
        fit, held = hold_out(train, recipe.data.validation, recipe.training.seeds[0])
        check_disjoint(fit=fit, held=held, **({"test": test} if direction.test else {}))
        assert len({c.label for c in held}) == len(recipe.classes)
