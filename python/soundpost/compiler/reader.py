# SPDX-License-Identifier: Apache-2.0
"""Reads a .tflite file, trusting nothing in it."""

import hashlib
import math
from pathlib import Path

import numpy as np

from soundpost.compiler import schema
from soundpost.compiler.flatbuffer import CORRUPTION, Flatbuffer, Table
from soundpost.compiler.graph import SIZE_MAX, Graph, Operator, Quantization, Tensor
from soundpost.errors import UserError

FILE_BYTES_MAX = 16 << 20
NAME_LENGTH_MAX = 80
RANK_MAX = 8
OPERATORS_MAX = 256
INPUTS_MAX = 256

ITEM_BYTES = {"INT8": 1, "INT32": 4}


def read_file(path: Path) -> bytes:
    """The bytes of a .tflite file.

    Raises:
        UserError: if it cannot be read or is absurdly large.
    """
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    if len(data) > FILE_BYTES_MAX:
        raise UserError(f"{path}: larger than {FILE_BYTES_MAX >> 20} MiB; no sensor holds that")
    return data


def parse(data: bytes, source: str) -> Graph:
    """The graph in a .tflite file.

    Raises:
        UserError: if the file is corrupt, or is no network of one int8 input and output. The
            message names `source`.
    """
    if len(data) < 8 or data[4:8] != b"TFL3":
        raise UserError(f"{source}: not a .tflite file; give the file that TensorFlow Lite wrote")
    try:
        return _Reader(data, source).graph()
    except CORRUPTION as error:
        raise UserError(f"{source}: the file is corrupt; export it again") from error


class _Reader:
    """Walks the tables of one file; what leads out of it raises one of CORRUPTION."""

    def __init__(self, data: bytes, source: str) -> None:
        self.data = data
        self.source = source
        self.model = Flatbuffer(data).root()
        if self.model.length(schema.Model.SUBGRAPHS) != 1:
            raise UserError(f"{source}: has several subgraphs; export it without control flow")
        self.subgraph = self.model.element(schema.Model.SUBGRAPHS, 0)
        self.tensors: dict[int, Tensor] = {}

    def graph(self) -> Graph:
        first = self.end(schema.Subgraph.INPUTS, "input")
        last = self.end(schema.Subgraph.OUTPUTS, "output")
        count = self.subgraph.length(schema.Subgraph.OPERATORS)
        if count == 0:
            raise UserError(f"{self.source}: has no operators; export a trained model")
        if count > OPERATORS_MAX:
            raise UserError(f"{self.source}: has {count} operators; there can be {OPERATORS_MAX}")
        operators = tuple(
            self.operator(self.subgraph.element(schema.Subgraph.OPERATORS, i)) for i in range(count)
        )
        digest = hashlib.sha256(self.data).hexdigest()
        return Graph(self.source, digest, operators, first, last)

    def end(self, slot: int, what: str) -> Tensor:
        """The network's input or output."""
        indices = self.subgraph.integers(slot)
        if len(indices) != 1:
            raise UserError(f"{self.source}: has {len(indices)} {what}s; export it with one")
        tensor = self.tensor(indices[0])
        if tensor.type == "FLOAT32":
            raise UserError(
                f"{self.source}: the {what} is float; quantise to full int8"
                f" (converter.inference_{what}_type = tf.int8)"
            )
        if tensor.type != "INT8":
            raise UserError(f"{self.source}: the {what} is {tensor.type}; quantise to full int8")
        if not tensor.shape or tensor.shape[0] != 1:
            raise UserError(
                f"{self.source}: the {what} has the shape {list(tensor.shape)};"
                " fix the batch to 1 before the export"
            )
        return tensor

    def operator(self, table: Table) -> Operator:
        name = self.operator_name(table.integer(schema.Operator.CODE, "I"))
        outputs = table.integers(schema.Operator.OUTPUTS)
        if len(outputs) != 1:
            raise UserError(f"{self.source}: {name} has {len(outputs)} outputs; one is supported")
        count = table.length(schema.Operator.INPUTS)
        if count > INPUTS_MAX:
            raise UserError(f"{self.source}: {name} has {count} inputs; there can be {INPUTS_MAX}")
        inputs = tuple(
            None if index == -1 else self.tensor(index)
            for index in table.integers(schema.Operator.INPUTS)
        )
        if table.has(schema.Operator.CUSTOM_OPTIONS) and name != "CUSTOM":
            raise ValueError("an operator of TensorFlow Lite's own has custom options")
        options = self.options(table, name)
        return Operator(self.source, name, inputs, self.tensor(outputs[0]), options)

    def operator_name(self, index: int) -> str:
        code = self.model.element(schema.Model.OPERATOR_CODES, index)
        # newer files fill the old field up to 127
        number = max(
            code.integer(schema.OperatorCode.CODE, "i"),
            code.integer(schema.OperatorCode.DEPRECATED_CODE, "b"),
        )
        return str(schema.OPERATORS.get(number, f"operator {number}"))

    def options(self, table: Table, name: str) -> dict[str, float]:
        if name not in schema.OPTIONS:
            return {}
        wanted = schema.OPTIONS[name]
        found = table.table(schema.Operator.OPTIONS)
        if found is None or table.integer(schema.Operator.OPTIONS_TYPE, "B") != wanted.type:
            raise ValueError("an operator lacks its options")
        return {field: found.number(*option) for field, option in wanted.fields.items()}

    def tensor(self, index: int) -> Tensor:
        if index not in self.tensors:
            table = self.subgraph.element(schema.Subgraph.TENSORS, index)
            self.tensors[index] = self.read_tensor(index, table)
        return self.tensors[index]

    def read_tensor(self, index: int, table: Table) -> Tensor:
        name = _readable(table.view(schema.Tensor.NAME))
        what = f"{self.source}: tensor {index} ({name!r})"
        number = table.integer(schema.Tensor.TYPE, "b")
        if number not in schema.TYPES:
            raise UserError(f"{what} has type {number}, which is unknown; quantise to full int8")
        kind = schema.TYPES[number]
        slots = schema.Tensor.SHAPE, schema.Tensor.SIGNATURE
        if any(table.length(slot) > RANK_MAX for slot in slots):
            raise UserError(f"{what} has more than {RANK_MAX} dimensions; export it again")
        shape, signature = (table.integers(slot) for slot in slots)
        if -1 in signature or -1 in shape:
            raise UserError(f"{what} has a dynamic shape; fix the batch to 1 before the export")
        if any(not 1 <= size <= SIZE_MAX for size in shape):
            raise UserError(f"{what} has the shape {list(shape)}; sizes go from 1 to {SIZE_MAX}")
        if table.integer(schema.Tensor.IS_VARIABLE, "B") or table.has(schema.Tensor.SPARSITY):
            raise UserError(f"{what} is variable or sparse; export a plain feed-forward network")
        data = self.constant(table.integer(schema.Tensor.BUFFER, "I"))
        expected = math.prod(shape) * ITEM_BYTES.get(kind, 0)
        if data is not None and expected and len(data) != expected:
            raise UserError(f"{what} has {len(data)} bytes, its shape {expected}; export it again")
        return Tensor(index, name, shape, kind, _quantization(table, what), data)

    def constant(self, index: int) -> memoryview | None:
        buffer = self.model.element(schema.Model.BUFFERS, index)
        return buffer.view(schema.Buffer.DATA) or None


def _readable(text: memoryview) -> str:
    """A name as it can be shown; it may be long, and hold anything."""
    start = bytes(text[: 4 * NAME_LENGTH_MAX]).decode("utf-8", "replace")[:NAME_LENGTH_MAX]
    return "".join(c if c.isprintable() else "?" for c in start)


def _quantization(table: Table, what: str) -> Quantization | None:
    found = table.table(schema.Tensor.QUANTIZATION)
    if found is None:
        return None
    if found.length(schema.Quantization.SCALES) > SIZE_MAX:
        raise UserError(f"{what} has more than {SIZE_MAX} scales; export it again")
    scales = found.numbers(schema.Quantization.SCALES, "f")
    if not scales:
        return None
    zero_points = found.integers(schema.Quantization.ZERO_POINTS, "q")
    if len(scales) != len(zero_points):
        raise ValueError("scales and zero points differ in number")
    # a NaN is not positive either
    if not all(0 < scale < math.inf for scale in scales):
        raise UserError(f"{what} has a scale that is not positive; export it again")
    return Quantization(
        np.array(scales, np.float32),
        np.array(zero_points, np.int64),
        found.integer(schema.Quantization.DIMENSION, "i"),
    )
