# SPDX-License-Identifier: Apache-2.0
"""Reads the flatbuffer of a .tflite file, trusting nothing in it."""

import hashlib
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import tflite

from soundpost.compiler.graph import SIZE_MAX, Graph, Operator, Quantization, Tensor
from soundpost.errors import UserError

FILE_BYTES_MAX = 16 << 20
NAME_LENGTH_MAX = 80
RANK_MAX = 8

# What the generated readers and numpy raise when an offset or a length leads out of the file.
CORRUPTION = (struct.error, IndexError, ValueError, TypeError, OverflowError, AttributeError)

TYPES = {value: name for name, value in vars(tflite.TensorType).items() if name.isupper()}
OPERATORS = {value: name for name, value in vars(tflite.BuiltinOperator).items() if name.isupper()}
ITEM_BYTES = {"INT8": 1, "INT32": 4}

# The options of each operator that has some: their table, and the fields that we read.
_WINDOW = ("Padding", "StrideH", "StrideW", "FusedActivationFunction")
OPTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "CONV_2D": ("Conv2DOptions", (*_WINDOW, "DilationHFactor", "DilationWFactor")),
    "DEPTHWISE_CONV_2D": (
        "DepthwiseConv2DOptions",
        (*_WINDOW, "DilationHFactor", "DilationWFactor", "DepthMultiplier"),
    ),
    "FULLY_CONNECTED": ("FullyConnectedOptions", ("FusedActivationFunction", "WeightsFormat")),
    "AVERAGE_POOL_2D": ("Pool2DOptions", (*_WINDOW, "FilterHeight", "FilterWidth")),
    "MAX_POOL_2D": ("Pool2DOptions", (*_WINDOW, "FilterHeight", "FilterWidth")),
    "ADD": ("AddOptions", ("FusedActivationFunction",)),
    "MUL": ("MulOptions", ("FusedActivationFunction",)),
    "SOFTMAX": ("SoftmaxOptions", ("Beta",)),
    "MEAN": ("ReducerOptions", ("KeepDims",)),
}


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
        self.model = tflite.Model.GetRootAsModel(data, 0)
        if self.model.SubgraphsLength() != 1:
            raise UserError(f"{source}: has several subgraphs; export it without control flow")
        self.subgraph = self.model.Subgraphs(0)
        self.tensors: dict[int, Tensor] = {}

    def graph(self) -> Graph:
        first, last = self.end("Inputs", "input"), self.end("Outputs", "output")
        count = self.bounded(self.subgraph.OperatorsLength())
        operators = tuple(self.operator(self.subgraph.Operators(i)) for i in range(count))
        if not operators:
            raise UserError(f"{self.source}: has no operators; export a trained model")
        digest = hashlib.sha256(self.data).hexdigest()
        return Graph(self.source, digest, operators, first, last)

    def bounded(self, length: int) -> int:
        """A vector's length, if so many elements can be in the file at all."""
        if length * 4 > len(self.data):
            raise ValueError("a vector is longer than the file")
        return length

    def indices(self, table: Any, field: str) -> list[int]:
        """A vector of tensor indices: "Inputs" or "Outputs"."""
        length = self.bounded(getattr(table, f"{field}Length")())
        return [int(getattr(table, field)(i)) for i in range(length)]

    def end(self, field: str, what: str) -> Tensor:
        """The network's input or output."""
        indices = self.indices(self.subgraph, field)
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

    def operator(self, table: Any) -> Operator:
        name = self.operator_name(table.OpcodeIndex())
        outputs = self.indices(table, "Outputs")
        if len(outputs) != 1:
            raise UserError(f"{self.source}: {name} has {len(outputs)} outputs; one is supported")
        inputs = tuple(
            None if index == -1 else self.tensor(index) for index in self.indices(table, "Inputs")
        )
        options = self.options(table, name)
        return Operator(self.source, name, inputs, self.tensor(outputs[0]), options)

    def operator_name(self, index: int) -> str:
        if not 0 <= index < self.bounded(self.model.OperatorCodesLength()):
            raise ValueError("an operator code is out of range")
        code = self.model.OperatorCodes(index)
        # files of before 2020 have the code in another field, which newer ones fill up to 127
        number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        return str(OPERATORS.get(number, f"operator {number}"))

    def options(self, table: Any, name: str) -> dict[str, float]:
        if name not in OPTIONS:
            return {}
        kind, fields = OPTIONS[name]
        options = getattr(tflite, kind)()
        union = table.BuiltinOptions()
        if union is None or table.BuiltinOptionsType() != getattr(tflite.BuiltinOptions, kind):
            raise ValueError("an operator lacks its options")
        options.Init(union.Bytes, union.Pos)
        return {field: getattr(options, field)() for field in fields}

    def tensor(self, index: int) -> Tensor:
        if index not in self.tensors:
            if not 0 <= index < self.bounded(self.subgraph.TensorsLength()):
                raise ValueError("a tensor index is out of range")
            self.tensors[index] = self.read_tensor(index, self.subgraph.Tensors(index))
        return self.tensors[index]

    def read_tensor(self, index: int, table: Any) -> Tensor:
        text = (table.Name() or b"").decode("utf-8", "replace")
        name = "".join(c if c.isprintable() else "?" for c in text)[:NAME_LENGTH_MAX]
        what = f"{self.source}: tensor {index} ({name!r})"
        kind = TYPES.get(table.Type(), f"type {table.Type()}")
        if table.ShapeLength() > RANK_MAX:
            raise UserError(f"{what} has more than {RANK_MAX} dimensions; export it again")
        shape = tuple(int(table.Shape(i)) for i in range(table.ShapeLength()))
        ranks = range(self.bounded(table.ShapeSignatureLength()))
        signature = [table.ShapeSignature(i) for i in ranks]
        if -1 in signature or -1 in shape:
            raise UserError(f"{what} has a dynamic shape; fix the batch to 1 before the export")
        if any(not 1 <= size <= SIZE_MAX for size in shape):
            raise UserError(f"{what} has the shape {list(shape)}; sizes go from 1 to {SIZE_MAX}")
        if table.IsVariable() or table.Sparsity() is not None:
            raise UserError(f"{what} is variable or sparse; export a plain feed-forward network")
        data = self.constant(table.Buffer())
        expected = math.prod(shape) * ITEM_BYTES.get(kind, 0)
        if data is not None and expected and len(data) != expected:
            raise UserError(f"{what} has {len(data)} bytes, its shape {expected}; export it again")
        return Tensor(index, name, shape, kind, self.quantization(table, what), data)

    def constant(self, index: int) -> bytes | None:
        if not 0 <= index < self.bounded(self.model.BuffersLength()):
            raise ValueError("a buffer index is out of range")
        buffer = self.model.Buffers(index)
        length = buffer.DataLength()
        if length == 0:
            return None
        return bytes(buffer.DataAsNumpy().tobytes())

    def quantization(self, table: Any, what: str) -> Quantization | None:
        found = table.Quantization()
        if found is None or found.ScaleLength() == 0:
            return None
        scales = np.array(found.ScaleAsNumpy(), np.float32)
        zero_points = np.array(found.ZeroPointAsNumpy(), np.int64).reshape(-1)
        if scales.shape != zero_points.shape:
            raise ValueError("scales and zero points differ in number")
        if not (np.isfinite(scales).all() and (scales > 0).all()):
            raise UserError(f"{what} has a scale that is not positive; export it again")
        return Quantization(scales, zero_points, int(found.QuantizedDimension()))
