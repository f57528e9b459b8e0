# SPDX-License-Identifier: Apache-2.0
"""Files that would take hours or all memory: they are refused, or compile in seconds."""

import struct
import tracemalloc

import flatbuffers
import numpy as np
import pytest
import tflm
from models import Call, Spec, build, options
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema
from verdict import random_windows, run

from soundpost.compiler import compile_network
from soundpost.compiler.graph import SIZE_MAX
from soundpost.compiler.reader import INPUTS_MAX, OPERATORS_MAX
from soundpost.errors import UserError

PLAIN = {"scales": [0.1]}


def convolutions(count: int) -> bytes:
    """Layers in a row, each of which could be any of several kernels."""
    rng = np.random.default_rng(count)
    conv = options("Conv2DOptions", strideH=1, strideW=1)
    tensors = [Spec((1, 5, 4, 4), **PLAIN)]
    calls = []
    for _ in range(count):
        before = len(tensors) - 1
        weights = Spec((4, 3, 3, 4), [0.005], data=rng.integers(-127, 128, (4, 3, 3, 4)))
        tensors += [weights, Spec((1, 5, 4, 4), **PLAIN)]
        calls.append(Call("CONV_2D", [before, before + 1], before + 2, conv))
    return build(tensors, calls, 0, len(tensors) - 1)


def test_deepest_network_compiles():
    model = convolutions(OPERATORS_MAX)
    compiled = compile_network(model)
    windows = random_windows(compiled, 5, 1)
    outputs = run(compiled, windows)
    np.testing.assert_array_equal(outputs, tflm.run(model, windows))
    assert len(np.unique(outputs)) > 30


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (convolutions(OPERATORS_MAX + 1), "has 257 operators; there can be 256"),
        (
            build([Spec((1, 4), **PLAIN)] * 2, [Call("ADD", [0] * 300, 1)], 0, 1),
            "ADD has 300 inputs; there can be 256",
        ),
        (
            build(
                [Spec((1, 4), [0.1] * (SIZE_MAX + 1)), Spec((1, 4), **PLAIN)],
                [Call("RELU", [0], 1)],
                0,
                1,
            ),
            "tensor 0 ('tensor_0') has more than 65535 scales",
        ),
        (
            build(
                [
                    Spec((1, 4), **PLAIN),
                    Spec((1, 4), **PLAIN),
                    Spec((9999,), kind="int32", data=np.full(9999, 7)),
                ],
                [Call("MEAN", [0, 2], 1, options("ReducerOptions"))],
                0,
                1,
            ),
            "its axes must be a constant list of some of the input's",
        ),
    ],
)
def test_more_than_there_can_be_is_named(model: bytes, words: str):
    with pytest.raises(UserError) as caught:
        compile_network(model)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 200


def refused_within(model: bytes, limit: int) -> str:
    """What the compiler says; it takes at most `limit` bytes beside the file."""
    tracemalloc.start()
    try:
        with pytest.raises(UserError) as caught:
            compile_network(model)
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()
    return str(caught.value)


def many_inputs(last: Spec) -> bytes:
    """An operator that takes as many tensors as there can be, and the last of them."""
    plain = Spec((1, 4), **PLAIN)
    tensors = [*[plain] * INPUTS_MAX, last]
    return build(tensors, [Call("RELU", range(1, INPUTS_MAX + 1), 0)], 1, 0)


def all_tensors_at_the_last(data: bytes) -> bytes:
    """The file with the place of the last tensor as that of all but the first two."""
    table = schema.Model.GetRootAs(data).Subgraphs(0)._tab
    field = table.Offset(4)
    vector, length = table.Vector(field), table.VectorLen(field)
    place = table.Indirect(vector + 4 * (length - 1))
    changed = bytearray(data)
    for i in range(2, length):
        at = vector + 4 * i
        assert place > at
        struct.pack_into("<I", changed, at, place - at)
    return bytes(changed)


def test_constants_are_not_copied():
    """All tensors have the same eight megabytes, which every one would take for itself."""
    shape = (1, 128, 65535)
    model = many_inputs(Spec((1, 4), **PLAIN))
    file = schema.ModelT.InitFromPackedBuf(model, 0)
    buffer = schema.BufferT()
    buffer.data = np.zeros(np.prod(shape), np.uint8)
    file.buffers = [schema.BufferT(), buffer]
    for tensor in file.subgraphs[0].tensors[2:]:
        tensor.shape, tensor.buffer = list(shape), 1
    builder = flatbuffers.Builder(1 << 24)
    builder.Finish(file.Pack(builder), b"TFL3")
    said = refused_within(bytes(builder.Output()), 16 << 20)
    assert "has 256 inputs, not 1" in said


def test_tables_that_are_the_same_bytes_are_not_read_each():
    model = many_inputs(Spec((1, 4), [0.1] * SIZE_MAX))
    same = all_tensors_at_the_last(model)
    assert same != model
    assert refused_within(same, 32 << 20) == "model: the file is corrupt; export it again"
