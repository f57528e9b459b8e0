# SPDX-License-Identifier: Apache-2.0
"""What must hold of any file: one clear line, or a network that keeps to its arena."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from soundpost._core import ffi, lib

from soundpost.compiler import Network, StreamingNetwork
from soundpost.compiler.compile import Compiled, compile_network
from soundpost.compiler.emit import emit_header, emit_source
from soundpost.compiler.graph import ARENA_MAX
from soundpost.compiler.lowering import lower
from soundpost.compiler.stream.compile import stream
from soundpost.errors import UserError

SOURCE = "some.tflite"
MESSAGE_LENGTH_MAX = 400
# before and behind the arena, what must stay as it is
GUARD = 64
PAINTS = 0x00, 0x5A
# one file in so many is compiled to its streaming form too, which takes as long again
STREAMING_EVERY = 4


T = TypeVar("T")


class FaultError(AssertionError):
    """Something that must not be."""


def require(holds: bool, what: str) -> None:
    """Raise a FaultError unless it holds."""
    if not holds:
        raise FaultError(what)


def compiled_or_refused(data: bytes) -> Compiled | None:
    """The network, or None if the compiler refuses the file as it must."""
    return _unless_refused(lambda: compile_network(data, SOURCE))


def _unless_refused(make: Callable[[], T]) -> T | None:
    try:
        return make()
    except UserError as error:
        message = str(error)
    require(message.startswith(f"{SOURCE}: "), f"does not name the file: {message}")
    require(message.isprintable(), f"is not one line: {message!r}")
    require(len(message) < MESSAGE_LENGTH_MAX, f"takes {len(message)} characters: {message}")
    return None


def check_plan(compiled: Compiled) -> None:
    """All tensors and all scratch lie in the arena."""
    plan, graph = compiled.plan, compiled.graph
    require(0 < plan.arena_bytes <= ARENA_MAX, f"an arena of {plan.arena_bytes} bytes")
    # a tensor that is a part of another lies where it lies
    unaligned: set[int] = set()
    for step, scratch in zip(compiled.steps, plan.scratch, strict=True):
        tensors = (*step.inputs, step.output)
        places = [(plan.tensors[tensor.index], tensor.size) for tensor in tensors]
        for at, size in [*places, (scratch, step.scratch)]:
            lies = at >= 0 and at + size <= plan.arena_bytes
            require(lies, f"{step.kernel} has {size} bytes at {at} of {plan.arena_bytes}")
        require(scratch % 4 == 0, f"{step.kernel} has its scratch at {scratch}")
        unaligned |= {tensor.index for tensor in tensors if plan.tensors[tensor.index] % 4}
    if unaligned:
        _, views = lower(graph)
        require(unaligned <= set(views), f"tensors {unaligned} are not aligned")
    for tensor in (graph.input, graph.output):
        at = plan.tensors[tensor.index]
        require(at + tensor.size <= plan.arena_bytes, f"tensor {tensor.index} is outside")


def run(compiled: Compiled, windows: NDArray[np.int8]) -> NDArray[np.int8]:
    """What the kernels make of windows, whatever the arena held; nothing is written around it."""
    network, plan, graph = Network(compiled), compiled.plan, compiled.graph
    words = -(-plan.arena_bytes // 8) * 8
    memory = np.zeros(GUARD + words + GUARD, np.uint8)
    arena = memory[GUARD : GUARD + plan.arena_bytes].view(np.int8)
    pointer = ffi.from_buffer("int8_t[]", arena, require_writable=True)
    start, end = plan.tensors[graph.input.index], plan.tensors[graph.output.index]
    outputs = np.empty((len(PAINTS), len(windows), graph.output.size), np.int8)
    for paint, found in zip(PAINTS, outputs, strict=True):
        for window, output in zip(windows, found, strict=True):
            memory[:] = paint
            arena[start : start + graph.input.size] = window.ravel()
            lib.sp_nn_invoke(network.struct, pointer)
            output[:] = arena[end : end + graph.output.size]
            around = memory[:GUARD], memory[GUARD + plan.arena_bytes :]
            require(all((part == paint).all() for part in around), "writes outside of its arena")
    require(bool((outputs[0] == outputs[1]).all()), "reads what it has not written")
    return outputs[0]


def check_streaming(compiled: Compiled, seed: int) -> bool:
    """A streaming form gives the same as the whole; False if there is none, with a clear reason."""
    streamed = _unless_refused(lambda: stream(compiled))
    if streamed is None:
        return False
    for part in (streamed.body, streamed.head):
        check_plan(part)
    sound = random_windows(compiled, 3, seed).reshape(-1, *compiled.input_shape[1:])
    starts = range(0, len(sound) - streamed.window + 1, streamed.columns)
    windows = np.stack([sound[start : start + streamed.window] for start in starts])
    network = StreamingNetwork(streamed)
    found = [network.run(window, streamed.columns).ravel() for window in windows]
    same = np.array_equal(found, run(compiled, windows))
    require(same, "the streaming form gives other bytes than the whole")
    return True


def random_windows(compiled: Compiled, count: int, seed: int) -> NDArray[np.int8]:
    """Noise, and both extremes."""
    rng = np.random.default_rng(seed)
    windows = rng.integers(-128, 128, (count, *compiled.input_shape), np.int8)
    windows[0], windows[1] = -128, 127
    return windows


def check(data: bytes, windows: int, seed: int = 0) -> tuple[NDArray[np.int8], ...] | None:
    """All of it: None for a file that is refused, else windows and what comes out.

    Raises:
        FaultError: if the file is refused unclearly, or its network does what it must not.
    """
    compiled = compiled_or_refused(data)
    if compiled is None:
        return None
    check_plan(compiled)
    for emit in (emit_header, emit_source):
        require(emit(compiled, "some").isascii(), "the C has other characters than ASCII")
    if seed % STREAMING_EVERY == 0:
        check_streaming(compiled, seed)
    inputs = random_windows(compiled, windows, seed)
    return inputs, run(compiled, inputs)
