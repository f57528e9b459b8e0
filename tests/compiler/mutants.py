# SPDX-License-Identifier: Apache-2.0
"""Makes hostile .tflite files out of good ones: the n-th of a seed is always the same."""

import random
import struct
from collections.abc import Callable, Sequence
from typing import Any

import flatbuffers
from flatbuffers import encode
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

SIZES = {"b": 1, "B": 1, "?": 1, "h": 2, "H": 2, "i": 4, "I": 4, "f": 4, "q": 8, "Q": 8}
# of a constant whose bytes are numbers as others are, such as axes
CONSTANT_BYTES = 64
INTEGERS = (
    *(0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 32, 63, 64, 127, 128, 255, 256, 511, 512, 1023, 4096),
    *(0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x10001, 0x7FFFFFFE, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0),
    *(0xFFFFFFFE, 0xFFFFFFFF, 1 << 40, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 1),
)
FLOATS = (
    *(0.0, -0.0, 1.0, -1.0, 1e-45, 1e-38, 1e-20, 1e-9, 1e-6, 0.5, 2.0, 255.0, 1e6, 1e9, 1e20),
    *(3e38, -3e38, float("inf"), float("-inf"), float("nan"), 1 / 256, 1 / 255),
)


class Field:
    """A number in a file: where, and its letter of the struct module."""

    __slots__ = ("at", "kind", "layout", "size")

    def __init__(self, at: int, kind: str) -> None:
        self.at, self.kind, self.size = at, kind, SIZES[kind]
        self.layout = struct.Struct(f"<{kind}")


def fields(data: bytes) -> list[Field]:
    """Every number of a file but large constants: what a reader of the whole file reads, offsets
    and lengths and vtables with it.
    """
    found: dict[int, str] = {}
    get = encode.Get

    def noted(packer: Any, buffer: Any, at: int) -> Any:
        found[at] = packer.format.removeprefix("<")
        return get(packer, buffer, at)

    vector = encode.GetVectorAsNumpy

    def noted_vector(kind: Any, buffer: Any, count: int, at: int) -> Any:
        letter = "q" if kind.itemsize == 8 else kind.char
        if count * kind.itemsize <= CONSTANT_BYTES or kind.itemsize > 1:
            found.update({at + i * kind.itemsize: letter for i in range(count)})
        return vector(kind, buffer, count, at)

    encode.Get, encode.GetVectorAsNumpy = noted, noted_vector
    try:
        schema.ModelT.InitFromPackedBuf(data, 0)
    finally:
        encode.Get, encode.GetVectorAsNumpy = get, vector
    return [Field(at, kind) for at, kind in sorted(found.items())]


class Mutator:
    """Makes mutants of one file."""

    def __init__(self, data: bytes) -> None:
        """Of the good file `data`."""
        self.data = data
        self.fields = fields(data)
        self.places = [at for field in self.fields for at in range(field.at, field.at + field.size)]
        self.alike: dict[str, list[Field]] = {}
        for field in self.fields:
            self.alike.setdefault(field.kind, []).append(field)
        self.ways: Sequence[Callable[[random.Random, bytearray], None]] = (
            *[self.set_field] * 8,
            *[self.move_field] * 6,
            *[self.nudge_field] * 6,
            *[self.flip] * 3,
            self.splice,
            self.shift,
            self.truncate,
        )
        self.rng = random.Random()

    def mutant(self, number: int) -> bytes:
        """The file with a few things wrong."""
        self.rng.seed(number)
        data = bytearray(self.data)
        for _ in range(self.rng.choice((1, 1, 1, 2, 2, 3, 5))):
            self.rng.choice(self.ways)(self.rng, data)
        if self.rng.random() < 0.02:
            return restructured(self.rng, self.data)
        return bytes(data)

    def set_field(self, rng: random.Random, data: bytearray) -> None:
        """A number becomes one that breaks parsers."""
        field = rng.choice(self.fields)
        if field.kind == "f":
            self.put(data, field, struct.pack("<f", rng.choice(FLOATS)))
        else:
            self.put(data, field, rng.choice(INTEGERS).to_bytes(8, "little"))

    def move_field(self, rng: random.Random, data: bytearray) -> None:
        """A number becomes another one of its kind: tensors, offsets, sizes are mixed up."""
        field = rng.choice(self.fields)
        other = rng.choice(self.alike[field.kind])
        moved = bytes(data[field.at : field.at + field.size])
        self.put(data, field, bytes(data[other.at : other.at + other.size]))
        if rng.random() < 0.5:
            self.put(data, other, moved)

    def nudge_field(self, rng: random.Random, data: bytearray) -> None:
        """A number becomes a little different."""
        field = rng.choice(self.fields)
        if field.at + field.size > len(data):
            return
        (value,) = field.layout.unpack_from(data, field.at)
        if field.kind == "f":
            changed = struct.pack("<d", value * rng.choice((0.5, 2.0, -1.0, 1.001, 1e3, 1e-3)))
            (value,) = struct.unpack("<d", changed)
            self.put(data, field, struct.pack("<f", max(-3e38, min(3e38, value))))
        else:
            value += rng.choice((-8, -4, -3, -2, -1, 1, 2, 3, 4, 8))
            self.put(data, field, (int(value) % (1 << 64)).to_bytes(8, "little"))

    def flip(self, rng: random.Random, data: bytearray) -> None:
        """Bytes become any others, most of them in the structure."""
        for _ in range(rng.randint(1, 4)):
            at = rng.choice(self.places) if rng.random() < 0.9 else rng.randrange(len(self.data))
            if at < len(data):
                data[at] = rng.randrange(256)

    def splice(self, rng: random.Random, data: bytearray) -> None:
        """A part of the file overwrites another."""
        length = rng.randint(1, 64)
        start, end = (rng.randrange(max(len(data) - length, 1)) for _ in range(2))
        data[end : end + length] = data[start : start + length]

    def shift(self, rng: random.Random, data: bytearray) -> None:
        """Bytes come in or go, so that what is behind them moves."""
        at, count = rng.randrange(len(data) + 1), rng.randint(1, 16)
        if rng.random() < 0.5:
            data[at:at] = rng.randbytes(count)
        else:
            del data[at : at + count]

    def truncate(self, rng: random.Random, data: bytearray) -> None:
        """The file ends early."""
        del data[rng.randrange(8, max(len(data), 9)) :]

    @staticmethod
    def put(data: bytearray, field: Field, value: bytes) -> None:
        """Write a field, if the file still reaches there."""
        if field.at + field.size <= len(data):
            data[field.at : field.at + field.size] = value[: field.size]


def restructured(rng: random.Random, data: bytes) -> bytes:
    """The network with its lists changed: operators in another order, twice or missing, tensors
    and buffers exchanged, dimensions and scales added or removed. The file itself is sound.
    """
    model = schema.ModelT.InitFromPackedBuf(data, 0)
    graph = model.subgraphs[0]
    lists: list[tuple[Any, str]] = [(graph, "operators"), (graph, "tensors"), (model, "buffers")]
    lists += [(model, "operatorCodes"), (model, "subgraphs"), (graph, "inputs"), (graph, "outputs")]
    for operator in graph.operators:
        lists += [(operator, "inputs"), (operator, "outputs")] * 2
    for tensor in graph.tensors:
        lists += [(tensor, "shape")] * 2
        if tensor.quantization is not None:
            lists += [(tensor.quantization, "scale"), (tensor.quantization, "zeroPoint")]
    for _ in range(rng.randint(1, 3)):
        holder, name = rng.choice(lists)
        values = getattr(holder, name)
        items = [] if values is None else list(values)
        if items:
            setattr(holder, name, _rearranged(rng, items))
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _rearranged(rng: random.Random, items: list[Any]) -> list[Any]:
    first, second = (rng.randrange(len(items)) for _ in range(2))
    match rng.randrange(5):
        case 0:
            items[first], items[second] = items[second], items[first]
        case 1:
            del items[first]
        case 2:
            items.insert(second, items[first])
        case 3:
            items[first] = items[second]
        case 4:
            items *= rng.choice((2, 3, 50))
    return items
