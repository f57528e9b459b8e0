# SPDX-License-Identifier: Apache-2.0
"""What is made ahead is what was asked for, and nothing is left running."""

import threading
from collections.abc import Iterator

import pytest

from soundpost.training.ahead import DEPTH, ahead


def counted(made: list[int], count: int) -> Iterator[int]:
    for number in range(count):
        made.append(number)
        yield number


@pytest.mark.parametrize("count", [0, 1, DEPTH, 5 * DEPTH])
def test_items_come_whole_and_in_order(count: int) -> None:
    assert list(ahead(counted([], count))) == list(range(count))


def test_the_next_items_are_made_while_one_is_used() -> None:
    made: list[int] = []
    third = threading.Event()

    def items() -> Iterator[int]:
        for number in counted(made, 3):
            if number == 2:
                third.set()
            yield number

    given = ahead(items())
    assert next(given) == 0
    assert third.wait(10)
    assert list(given) == [1, 2]


def test_what_stops_the_items_stops_the_caller() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    given = ahead(items())
    assert next(given) == 1
    with pytest.raises(ValueError, match="no more"):
        next(given)


def test_a_caller_that_stops_early_leaves_no_thread() -> None:
    before, made = threading.active_count(), list[int]()
    given = ahead(counted(made, 10**9))
    assert next(given) == 0
    given.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
    assert len(made) < 10 * DEPTH
