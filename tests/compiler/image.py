# SPDX-License-Identifier: Apache-2.0
"""Lays networks out in memory as a 32-bit Arm core has them, for ports/cortex_m/networks.c."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from soundpost._core import ffi

from soundpost.compiler.compile import Compiled
from soundpost.compiler.program import Field, Symbol, Table
from soundpost.compiler.stream.compile import Streamed

ROOT = Path(__file__).parents[2]
BASE = 0x21000000
POINTER = 4
HEADER = 9 * POINTER
# behind the arena, what must stay as it is
GUARD = 64

PROGRAM = (ROOT / "ports/cortex_m/networks.c").read_text(encoding="utf-8")
FUNCTIONS = re.findall(r"\(function\)(\w+)", PROGRAM)


@dataclass
class Image:
    """Bytes at BASE, and the functions that pointers in it shall become."""

    data: bytearray = field(default_factory=lambda: bytearray(HEADER))
    patches: list[tuple[int, int]] = field(default_factory=list)
    tests: list[tuple[int, int, int, int]] = field(default_factory=list)
    streams: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    arena_bytes: int = 0
    ring_bytes: int = 0

    def add(self, compiled: Compiled, inputs: NDArray[np.int8], outputs: NDArray[np.int8]) -> None:
        """Add a network, with windows and what it shall make of them."""
        self.arena_bytes = max(self.arena_bytes, compiled.plan.arena_bytes)
        self.tests.append(
            (
                self.put(ffi.typeof("struct sp_nn_network"), self.network(compiled)),
                self.put_bytes(inputs.tobytes()),
                self.put_bytes(outputs.tobytes()),
                len(inputs),
            )
        )

    def add_stream(
        self,
        streamed: Streamed,
        fresh: Sequence[int],
        columns: NDArray[np.int8],
        outputs: NDArray[np.int8],
    ) -> None:
        """Add a streaming form, with the columns of windows that follow each other: how many are
        new in each, and what it shall make of it.
        """
        self.arena_bytes = max(self.arena_bytes, streamed.arena_bytes)
        self.ring_bytes = max(self.ring_bytes, streamed.window * streamed.column_bytes)
        parts = {"body": self.network(streamed.body), "head": self.network(streamed.head)}
        self.streams.append(
            (
                self.put(ffi.typeof("struct sp_nn_stream"), parts | streamed.sizes),
                self.put_bytes(np.array(fresh, np.uint16).tobytes()),
                self.put_bytes(columns.tobytes()),
                self.put_bytes(outputs.tobytes()),
                len(fresh),
            )
        )

    def network(self, compiled: Compiled) -> dict[str, Any]:
        """The fields of a struct sp_nn_network."""
        steps = []
        for i, step in enumerate(compiled.steps):
            names = ("input", "input2", "output", "scratch")
            steps.append(
                {
                    "kernel": Symbol(step.kernel),
                    "params": self.put(ffi.typeof(step.params_type), step.params),
                    **dict(zip(names, compiled.offsets(i), strict=True)),
                }
            )
        kind = ffi.typeof("struct sp_nn_step")
        at = self.reserve(_size(kind) * len(steps))
        for i, fields in enumerate(steps):
            self.write(at + i * _size(kind), kind, fields)
        return {"steps": BASE + at, **compiled.sizes}

    def save(self, path: Path, counted: int) -> None:
        """Write the image to a file; the steps of so many networks will be counted."""
        tests = self.put_bytes(_words(self.tests))
        streams = self.put_bytes(_words(self.streams))
        patches = self.put_bytes(_words(self.patches))
        arena = BASE + self.reserve(self.arena_bytes + GUARD)
        ring = BASE + self.reserve(self.ring_bytes)
        lists = (patches, len(self.patches), tests, len(self.tests), streams, len(self.streams))
        header = (*lists, arena, ring, counted)
        self.data[:HEADER] = _words([header])
        path.write_bytes(self.data)

    def reserve(self, size: int) -> int:
        """Room at the end, aligned for anything; gives its offset."""
        self.data += bytes(-len(self.data) % 8)
        at = len(self.data)
        self.data += bytes(size)
        return at

    def put_bytes(self, data: bytes) -> int:
        """The address of a copy of `data`."""
        at = self.reserve(len(data))
        self.data[at : at + len(data)] = data
        return BASE + at

    def put(self, kind: Any, fields: Mapping[str, Any]) -> int:
        """The address of a struct with these fields."""
        at = self.reserve(_size(kind))
        self.write(at, kind, fields)
        return BASE + at

    def write(self, at: int, kind: Any, value: Field) -> None:
        """Write one value of a C type."""
        if isinstance(value, Mapping):
            for name, offset, inner in _fields(kind):
                if name in value:
                    self.write(at + offset, inner, value[name])
        elif isinstance(value, Table):
            self.write(at, kind, self.put_bytes(value.values.tobytes()))
        elif isinstance(value, Symbol):
            self.patches.append((BASE + at, FUNCTIONS.index(value.name)))
        elif isinstance(value, Sequence):
            for i, item in enumerate(value):
                self.write(at + i * _size(kind.item), kind.item, item)
        elif value is not None:
            size = _size(kind)
            self.data[at : at + size] = (value % (1 << 8 * size)).to_bytes(size, "little")


def _words(rows: Sequence[Sequence[int]]) -> bytes:
    return np.array(rows, np.uint32).tobytes()


def _size(kind: Any) -> int:
    """Size of a C type where pointers have 32 bits."""
    match kind.kind:
        case "pointer" | "function":
            return POINTER
        case "array":
            return kind.length * _size(kind.item)
        case "struct":
            end = max(offset + _size(inner) for _, offset, inner in _fields(kind))
            return -(-end // _alignment(kind)) * _alignment(kind)
    return ffi.sizeof(kind)


def _alignment(kind: Any) -> int:
    if kind.kind == "struct":
        return max(_alignment(inner.type) for _, inner in kind.fields)
    return _alignment(kind.item) if kind.kind == "array" else _size(kind)


def _fields(kind: Any) -> list[tuple[str, int, Any]]:
    """Names, offsets and types of a struct's fields."""
    fields, at = [], 0
    for name, inner in kind.fields:
        alignment = _alignment(inner.type)
        at = -(-at // alignment) * alignment
        fields.append((name, at, inner.type))
        at += _size(inner.type)
    return fields
