# SPDX-License-Identifier: Apache-2.0
"""Runs a compiled network on this machine: core/nn's own kernels on structs built in memory."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundpost._core import ffi, lib
from soundpost.compiler.compile import Compiled, compile_network
from soundpost.compiler.program import Field, Symbol, Table
from soundpost.compiler.stream.compile import Streamed, compile_streaming
from soundpost.errors import UserError


class Network:
    """A network that runs; `struct` is its struct sp_nn_network."""

    def __init__(self, compiled: Compiled) -> None:
        """Build the structs; everything they point to lives as long as this object."""
        self.compiled = compiled
        self._structs = _Structs()
        self.struct = ffi.new("struct sp_nn_network *", self._structs.network(compiled))

    @classmethod
    def from_tflite(cls, model: Path | str | bytes) -> "Network":
        """A network from a .tflite file or its bytes.

        Raises:
            UserError: if the file cannot be read, is corrupt or holds what is not supported.
        """
        return cls(compile_network(model))

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one input."""
        return self.compiled.input_shape

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of one output."""
        return self.compiled.output_shape

    def run(self, windows: NDArray[np.int8]) -> NDArray[np.int8]:
        """Outputs, (n, *output_shape), of inputs, (n, *input_shape).

        Raises:
            UserError: if `windows` has another shape or type.
        """
        _check(windows, self.compiled)
        graph, plan = self.compiled.graph, self.compiled.plan
        arena, pointer = _arena(plan.arena_bytes)
        start, end = plan.tensors[graph.input.index], plan.tensors[graph.output.index]
        source = arena[start : start + graph.input.size]
        result = arena[end : end + graph.output.size]
        inputs = windows.reshape(len(windows), -1)
        outputs = np.empty((len(windows), graph.output.size), np.int8)
        for window, output in zip(inputs, outputs, strict=True):
            source[:] = window
            lib.sp_nn_invoke(self.struct, pointer)
            output[:] = result
        return outputs.reshape(len(windows), *self.output_shape)


class StreamingNetwork:
    """A network in its streaming form, with its state; `struct` is its struct sp_nn_stream."""

    def __init__(self, streamed: Streamed) -> None:
        """Build the structs; everything they point to lives as long as this object."""
        self.streamed = streamed
        self._structs = _Structs()
        fields = {
            "body": self._structs.network(streamed.body),
            "head": self._structs.network(streamed.head),
            **streamed.sizes,
        }
        self.struct = ffi.new("struct sp_nn_stream *", fields)
        self._arena, self._pointer = _arena(streamed.arena_bytes)
        self.reset()

    @classmethod
    def from_tflite(cls, model: Path | str | bytes) -> "StreamingNetwork":
        """A network from a .tflite file or its bytes.

        Raises:
            CannotStreamError: if it has no streaming form.
            UserError: if the file cannot be read, is corrupt or holds what is not supported.
        """
        return cls(compile_streaming(model))

    def reset(self) -> None:
        """Forget all columns: the next window is computed as a whole."""
        self._arena[:] = 0
        self._is_new = True

    def run(self, window: NDArray[np.int8], fresh: int) -> NDArray[np.int8]:
        """Output of a window.

        Args:
            window: the network's input.
            fresh: columns at its end that came after the window of the last call.

        Raises:
            UserError: if `window` has another shape or type.
        """
        streamed = self.streamed
        _check(window[None], streamed.windowed)
        columns = ffi.from_buffer("int8_t[]", np.ascontiguousarray(window))
        count = streamed.window if self._is_new else min(fresh, streamed.window)
        lib.sp_nn_stream_window(self.struct, self._pointer, columns, 0, count)
        self._is_new = False
        graph, plan = streamed.head.graph, streamed.head.plan
        start = plan.tensors[graph.output.index]
        output = self._arena[start : start + graph.output.size].copy()
        return output.reshape(streamed.head.output_shape)


class _Structs:
    """Makes structs, and keeps alive what they point to."""

    def __init__(self) -> None:
        self._alive: list[Any] = []

    def network(self, compiled: Compiled) -> dict[str, Any]:
        """The fields of a struct sp_nn_network."""
        steps = self._keep(ffi.new("struct sp_nn_step[]", max(len(compiled.steps), 1)))
        for i, step in enumerate(compiled.steps):
            params = ffi.new(f"{step.params_type} *", self._fields(step.params))
            steps[i].kernel = ffi.addressof(lib, step.kernel)
            steps[i].params = self._keep(params)
            steps[i].input, steps[i].input2, steps[i].output, steps[i].scratch = compiled.offsets(i)
        return {"steps": steps, **compiled.sizes}

    def _keep(self, cdata: Any) -> Any:
        self._alive.append(cdata)
        return cdata

    def _fields(self, fields: Mapping[str, Field]) -> dict[str, Any]:
        return {name: self._value(value) for name, value in fields.items()}

    def _value(self, value: Field) -> Any:
        if value is None:
            return ffi.NULL
        if isinstance(value, Mapping):
            return self._fields(value)
        if isinstance(value, Symbol):
            return ffi.addressof(lib, value.name)
        if isinstance(value, Table):
            # both kinds of table are plain arrays of their items, so numpy's bytes are C's
            data = self._keep(np.ascontiguousarray(value.values))
            return self._keep(ffi.cast(f"{value.ctype} *", ffi.from_buffer(data)))
        return value


def _arena(size: int) -> tuple[NDArray[np.int8], Any]:
    """Memory for an arena, and a pointer to it."""
    # 32-bit words for the alignment
    arena = np.zeros(-(-size // 4), np.int32).view(np.int8)
    return arena, ffi.from_buffer("int8_t[]", arena, require_writable=True)


def _check(windows: NDArray[np.int8], compiled: Compiled) -> None:
    if windows.dtype != np.int8 or windows.shape[1:] != compiled.input_shape:
        raise UserError(
            f"{compiled.graph.source}: got {windows.dtype} of shape {windows.shape};"
            f" give int8 of shape (n, {', '.join(map(str, compiled.input_shape))})"
        )
