# SPDX-License-Identifier: Apache-2.0
"""Builds small .tflite files in memory, with the schema that TFLM's wheel brings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

KINDS = {
    "float32": schema.TensorType.FLOAT32,
    "int8": schema.TensorType.INT8,
    "int32": schema.TensorType.INT32,
}


@dataclass
class Spec:
    """A tensor to build; `data` makes it a constant, and no scales leave it unquantised."""

    shape: Sequence[int]
    scales: Sequence[float] = ()
    zero_points: Sequence[int] = (0,)
    dimension: int = 0
    kind: str = "int8"
    data: Any = None
    signature: Sequence[int] = ()


@dataclass
class Call:
    """An operator to build; tensors by index, -1 for one that is left out."""

    name: str
    inputs: Sequence[int]
    output: int
    options: Any = None


def options(kind: str, **fields: Any) -> Any:
    """An options table: options("Conv2DOptions", strideW=2)."""
    table = getattr(schema, f"{kind}T")()
    for name, value in fields.items():
        assert hasattr(table, name), name
        setattr(table, name, value)
    return table


def build(tensors: Sequence[Spec], calls: Sequence[Call], first: int, last: int) -> bytes:
    """A model of these tensors and operators, from tensor `first` to tensor `last`."""
    model = schema.ModelT()
    model.version = 3
    model.description = "test"
    model.buffers = [schema.BufferT()]
    graph = schema.SubGraphT()
    graph.name = "main"
    graph.tensors = []
    for index, spec in enumerate(tensors):
        tensor = _tensor(spec, f"tensor_{index}")
        if spec.data is not None:
            buffer = schema.BufferT()
            width = {"int8": "<i1", "int32": "<i4", "float32": "<f4"}[spec.kind]
            data = np.asarray(spec.data).astype(width).tobytes()
            buffer.data = np.frombuffer(data, np.uint8)
            tensor.buffer = len(model.buffers)
            model.buffers.append(buffer)
        graph.tensors.append(tensor)
    names = sorted({call.name for call in calls})
    model.operatorCodes = [_code(name) for name in names]
    graph.operators = [_operator(call, names.index(call.name)) for call in calls]
    graph.inputs = [first]
    graph.outputs = [last]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _tensor(spec: Spec, name: str) -> Any:
    tensor = schema.TensorT()
    tensor.shape = list(spec.shape)
    if spec.signature:
        tensor.shapeSignature = list(spec.signature)
    tensor.type = KINDS[spec.kind]
    tensor.name = name
    tensor.buffer = 0
    if len(spec.scales):
        quantization = schema.QuantizationParametersT()
        quantization.scale = [float(np.float32(scale)) for scale in spec.scales]
        count = len(spec.scales)
        quantization.zeroPoint = [int(z) for z in np.broadcast_to(spec.zero_points, count)]
        quantization.quantizedDimension = spec.dimension
        tensor.quantization = quantization
    return tensor


def _code(name: str) -> Any:
    code = schema.OperatorCodeT()
    code.builtinCode = getattr(schema.BuiltinOperator, name)
    code.deprecatedBuiltinCode = min(code.builtinCode, 127)
    code.version = 1
    return code


def _operator(call: Call, code: int) -> Any:
    operator = schema.OperatorT()
    operator.opcodeIndex = code
    operator.inputs = list(call.inputs)
    operator.outputs = [call.output]
    if call.options is not None:
        kind = type(call.options).__name__.removesuffix("T")
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
        operator.builtinOptions = call.options
    return operator
