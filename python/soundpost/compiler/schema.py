# SPDX-License-Identifier: Apache-2.0
"""Where TensorFlow Lite's schema (schema.fbs) has what the compiler reads: slots of each table."""

from typing import NamedTuple

import tflite

TYPES = {value: name for name, value in vars(tflite.TensorType).items() if name.isupper()}
OPERATORS = {value: name for name, value in vars(tflite.BuiltinOperator).items() if name.isupper()}


class Model:
    """The whole file."""

    OPERATOR_CODES, SUBGRAPHS, BUFFERS = 1, 2, 4


class Subgraph:
    """A network; its inputs and outputs are indices of tensors."""

    TENSORS, INPUTS, OUTPUTS, OPERATORS = range(4)


class OperatorCode:
    """Which operator it is; files of before 2020 only have the deprecated code."""

    DEPRECATED_CODE, CODE = 0, 3


class Operator:
    """One operator; its code is an index, as are its tensors."""

    CODE, INPUTS, OUTPUTS, OPTIONS_TYPE, OPTIONS, CUSTOM_OPTIONS = range(6)


class Tensor:
    """One tensor."""

    SHAPE, TYPE, BUFFER, NAME, QUANTIZATION, IS_VARIABLE, SPARSITY, SIGNATURE = range(8)


class Quantization:
    """How a tensor is quantised."""

    SCALES, ZERO_POINTS, DIMENSION = 2, 3, 6


class Buffer:
    """The bytes of constants."""

    DATA = 0


class Option(NamedTuple):
    """A number in an operator's options: its slot, its letter of the struct module."""

    slot: int
    kind: str
    default: int = 0


class Options(NamedTuple):
    """The options of an operator: which table of the schema's union, and what is read of it."""

    type: int
    fields: dict[str, Option]


def _options(kind: str, **fields: Option) -> Options:
    return Options(getattr(tflite.BuiltinOptions, kind), fields)


_WINDOW = {"Padding": Option(0, "b"), "StrideW": Option(1, "i"), "StrideH": Option(2, "i")}
_POOL = _options(
    "Pool2DOptions",
    **_WINDOW,
    FilterWidth=Option(3, "i"),
    FilterHeight=Option(4, "i"),
    FusedActivationFunction=Option(5, "b"),
)

# of each operator that has options
OPTIONS = {
    "CONV_2D": _options(
        "Conv2DOptions",
        **_WINDOW,
        FusedActivationFunction=Option(3, "b"),
        DilationWFactor=Option(4, "i", 1),
        DilationHFactor=Option(5, "i", 1),
        QuantizedBiasType=Option(6, "b"),
    ),
    "DEPTHWISE_CONV_2D": _options(
        "DepthwiseConv2DOptions",
        **_WINDOW,
        DepthMultiplier=Option(3, "i"),
        FusedActivationFunction=Option(4, "b"),
        DilationWFactor=Option(5, "i", 1),
        DilationHFactor=Option(6, "i", 1),
    ),
    "FULLY_CONNECTED": _options(
        "FullyConnectedOptions",
        FusedActivationFunction=Option(0, "b"),
        WeightsFormat=Option(1, "b"),
        QuantizedBiasType=Option(4, "b"),
    ),
    "AVERAGE_POOL_2D": _POOL,
    "MAX_POOL_2D": _POOL,
    "ADD": _options("AddOptions", FusedActivationFunction=Option(0, "b")),
    "MUL": _options("MulOptions", FusedActivationFunction=Option(0, "b")),
    "SOFTMAX": _options("SoftmaxOptions", Beta=Option(0, "f")),
    "MEAN": _options("ReducerOptions", KeepDims=Option(0, "B")),
    "STRIDED_SLICE": _options(
        "StridedSliceOptions",
        BeginMask=Option(0, "i"),
        EndMask=Option(1, "i"),
        EllipsisMask=Option(2, "i"),
        NewAxisMask=Option(3, "i"),
        ShrinkAxisMask=Option(4, "i"),
        Offset=Option(5, "B"),
    ),
}
