# SPDX-License-Identifier: Apache-2.0
"""The referee: TensorFlow Lite Micro's own interpreter."""

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.connection import Connection

import numpy as np
from numpy.typing import NDArray
from tflite_micro.python.tflite_micro import runtime

# more than any model needs; the interpreter's own guess goes by the file's size
ARENA_BYTES = 4 << 20
# what run_hostile() has of a file that can be read, but holds a network that it does not take
REFUSAL = "refuses: TFLM failed to allocate tensors"
# of one model, before it counts as hung
TIMEOUT_S = 20


def run(model: bytes, windows: NDArray[np.int8]) -> NDArray[np.int8]:
    """TFLM's outputs, (n, values), of windows, (n, *shape)."""
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=ARENA_BYTES)
    outputs = []
    for window in windows:
        interpreter.set_input(window[None], 0)
        interpreter.invoke()
        outputs.append(interpreter.get_output(0).ravel().copy())
    return np.array(outputs)


def run_many(model: bytes, windows: NDArray[np.int8]) -> NDArray[np.int8]:
    """The same in two processes."""
    half = len(windows) // 2
    with ProcessPoolExecutor(2) as pool:
        halves = pool.map(run, [model, model], [windows[:half], windows[half:]])
        return np.concatenate(list(halves))


def run_hostile(
    cases: Sequence[tuple[bytes, NDArray[np.int8]]],
) -> Iterator[NDArray[np.int8] | str]:
    """The same of many models that it may not survive: what it says or does instead of an answer.

    They run in a process of their own; one that dies or hangs is replaced for those that are left.
    """
    context = multiprocessing.get_context("fork")
    at = 0
    while at < len(cases):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_answer, args=(cases[at:], theirs), daemon=True)
        process.start()
        theirs.close()
        try:
            for _ in cases[at:]:
                at += 1
                if not ours.poll(TIMEOUT_S):
                    yield "hangs"
                    break
                yield ours.recv()
        except EOFError:
            yield "dies"
        process.kill()
        process.join()
        ours.close()


def _answer(cases: Sequence[tuple[bytes, NDArray[np.int8]]], out: Connection) -> None:
    # it writes what it thinks of a model to stderr
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    for model, windows in cases:
        try:
            out.send(run(model, windows))
        except Exception as error:  # its reader raises all kinds of them
            out.send(f"refuses: {error}")
