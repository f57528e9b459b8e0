# SPDX-License-Identifier: Apache-2.0
"""Ending a run when the user or the system asks for it."""

import signal
from collections.abc import Iterable, Iterator
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")


class _Asked(KeyboardInterrupt):
    """Breaks off the wait for a block."""


class Stop:
    """While it is open, Ctrl-C and SIGTERM end `until` instead of the program.

    They do at once while it waits for the next block, else after the one at hand, so that no
    record is lost or written twice. A second one interrupts the program as ever.
    """

    def __init__(self) -> None:
        """Begin; nothing is asked for."""
        self._asked = self._waiting = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Take over the signals that are not ignored."""
        for kind in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(kind) != signal.SIG_IGN:
                self._before[kind] = signal.signal(kind, self._ask)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def until(self, blocks: Iterable[T]) -> Iterator[T]:
        """Give `blocks` until they end, or the end is asked for."""
        iterator = iter(blocks)
        while not self._asked:
            try:
                self._waiting = True
                block = next(iterator, None)
                self._waiting = False
            except _Asked:
                return
            if block is None:
                return
            yield block

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
        if self._waiting:
            self._waiting = False
            raise _Asked
