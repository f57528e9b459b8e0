# SPDX-License-Identifier: Apache-2.0
"""Batches made while a step computes."""

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

Item = TypeVar("Item")

DEPTH = 8
"""Items that may wait: enough to level out what one costs more than another."""


class _Failed:
    def __init__(self, error: BaseException) -> None:
        self.error = error


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Gives `items`, made in a thread of their own, a few of them before they are wanted.

    What stops `items` stops the caller, too. When the caller stops early, so does the thread.
    """
    waiting: queue.Queue[Item | _Failed | None] = queue.Queue(DEPTH)
    stopped = threading.Event()

    def make() -> None:
        try:
            for item in items:
                if stopped.is_set():
                    return
                waiting.put(item)
            waiting.put(None)
        except BaseException as error:
            waiting.put(_Failed(error))

    maker = threading.Thread(target=make, daemon=True)
    maker.start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, _Failed):
                raise item.error
            yield item
    finally:
        stopped.set()
        while maker.is_alive():
            # it may wait for room
            while not waiting.empty():
                waiting.get_nowait()
            maker.join(0.01)
