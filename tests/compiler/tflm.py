# SPDX-License-Identifier: Apache-2.0
"""The referee: TensorFlow Lite Micro's own interpreter."""

from concurrent.futures import ProcessPoolExecutor

import numpy as np
from numpy.typing import NDArray
from tflite_micro.python.tflite_micro import runtime


def run(model: bytes, windows: NDArray[np.int8]) -> NDArray[np.int8]:
    """TFLM's outputs, (n, values), of windows, (n, *shape)."""
    interpreter = runtime.Interpreter.from_bytes(model)
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
