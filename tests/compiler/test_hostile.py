# SPDX-License-Identifier: Apache-2.0
"""Files that are corrupt or not supported: one clear line, never anything else."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from models import Call, Spec, build, options
from verdict import compiled_or_refused

from soundpost.compiler import compile_network
from soundpost.errors import UserError

HERE = Path(__file__).parent
NETWORKS = HERE / "networks"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("float", ["float", "full int8", "inference_input_type"]),
        ("dynamic", ["dynamic shape", "fix the batch to 1"]),
        ("batch_2", ["[2, 4, 3, 1]", "fix the batch to 1"]),
        ("tanh", ["TANH", "Tanh", "tensor 6", "not supported", "LOGISTIC"]),
    ],
)
def test_unsupported_networks_are_named(name, words):
    path = NETWORKS / "bad" / f"{name}.tflite"
    with pytest.raises(UserError) as caught:
        compile_network(path)
    for word in [str(path), *words]:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bias_type", "FULLY_CONNECTED (layer 'tensor_1', tensor 1): its bias must be int32"),
        ("conv_inputs", "CONV_2D (layer 'tensor_1', tensor 1): has 150 inputs, not 2 or 3"),
        ("custom_options", "the file is corrupt"),
        ("mean_inputs", "MEAN (layer 'tensor_1', tensor 1): has 3 inputs, not 2"),
        ("odd_vtable", "the file is corrupt"),
        ("relu6_scale", "RELU6 (layer 'tensor_1', tensor 1): its input's scale is absurdly small"),
        ("reshape_inputs", "RESHAPE (layer 'tensor_3', tensor 3): has 3 inputs, not 1 or 2"),
        ("reshape_type", "RESHAPE (layer 'tensor_3', tensor 3): its shape is STRING"),
        ("softmax_inputs", "SOFTMAX (layer 'tensor_1', tensor 1): has 2 inputs, not 1"),
        ("unknown_type", "tensor 6 ('tensor_6') has type -2, which is unknown"),
    ],
)
def test_what_once_compiled_is_named(name, words):
    """Files that fuzz.py made, and that TFLM refuses or is undefined for."""
    path = NETWORKS / "hostile" / f"{name}.tflite"
    with pytest.raises(UserError) as caught:
        compile_network(path)
    assert str(caught.value).startswith(f"{path}: {words}")


def test_list_of_what_once_compiled_is_whole():
    (marks,) = (mark for mark in test_what_once_compiled_is_named.pytestmark)
    names = sorted(name for name, _ in marks.args[1])
    assert names == sorted(path.stem for path in (NETWORKS / "hostile").glob("*.tflite"))


@pytest.mark.parametrize("data", [b"", b"TFL3", b"\0" * 64, b"RIFF" * 100, b"\x10\0\0\0TFL3"])
def test_what_is_no_tflite_is_named(data):
    with pytest.raises(UserError, match="model: "):
        compile_network(data)


@pytest.mark.parametrize("place", ["nowhere.tflite", ".", "/dev/zero"])
def test_unreadable_files_are_named(place):
    with pytest.raises(UserError, match=place):
        compile_network(Path(place))


def test_truncation_at_every_place(network_path):
    data = network_path.read_bytes()
    rng = np.random.default_rng(3)
    for length in rng.integers(0, len(data), 150):
        assert compiled_or_refused(data[:length]) is None


DENSE = options("FullyConnectedOptions")
PLAIN = {"scales": [0.1]}


def dense(source: Spec, weights: Spec, output: Spec, bias: Spec | None = None) -> bytes:
    tensors = [source, weights, output] + ([bias] if bias else [])
    call = Call("FULLY_CONNECTED", [0, 1, 3 if bias else -1], 2, DENSE)
    return build(tensors, [call], 0, 2)


def ones(*shape: int, **fields: object) -> Spec:
    return Spec(shape, **{"scales": [0.1], "data": np.ones(shape), **fields})


CONV = options("Conv2DOptions", strideH=1, strideW=1)
CASES: dict[str, tuple[Callable[[], bytes], str]] = {
    "weights of another size": (
        lambda: dense(Spec((1, 4), **PLAIN), ones(2, 3), Spec((1, 2), **PLAIN)),
        "FULLY_CONNECTED (layer 'tensor_2', tensor 2): its weights do not fit",
    ),
    "data of another size": (
        lambda: dense(Spec((1, 3), **PLAIN), ones(2, 3, data=np.ones(5)), Spec((1, 2), **PLAIN)),
        "tensor 1 ('tensor_1') has 5 bytes, its shape 6",
    ),
    "a bias of another size": (
        lambda: dense(
            Spec((1, 3), **PLAIN),
            ones(2, 3),
            Spec((1, 2), **PLAIN),
            ones(3, kind="int32", scales=[0.01]),
        ),
        "has 2 outputs but 3 biases",
    ),
    "asymmetric weights": (
        lambda: dense(Spec((1, 3), **PLAIN), ones(2, 3, zero_points=[3]), Spec((1, 2), **PLAIN)),
        "zero point is not 0",
    ),
    "no quantisation": (
        lambda: dense(Spec((1, 3)), ones(2, 3), Spec((1, 2), **PLAIN)),
        "no scale and zero point",
    ),
    "a scale of zero": (
        lambda: dense(Spec((1, 3), [0.0]), ones(2, 3), Spec((1, 2), **PLAIN)),
        "has a scale that is not positive",
    ),
    "a scale of infinity": (
        lambda: dense(Spec((1, 3), [np.inf]), ones(2, 3), Spec((1, 2), **PLAIN)),
        "has a scale that is not positive",
    ),
    "a dimension of zero": (
        lambda: dense(Spec((1, 0), **PLAIN), ones(2, 3), Spec((1, 2), **PLAIN)),
        "has the shape [1, 0]",
    ),
    "a huge dimension": (
        lambda: dense(Spec((1, 2**31 - 1), **PLAIN), ones(2, 3), Spec((1, 2), **PLAIN)),
        "has the shape [1, 2147483647]",
    ),
    "a dynamic shape": (
        lambda: dense(Spec((1, 3), **PLAIN, signature=[-1, 3]), ones(2, 3), Spec((1, 2), **PLAIN)),
        "has a dynamic shape; fix the batch to 1",
    ),
    "an operator before its input": (
        lambda: build(
            [Spec((1, 3), **PLAIN), Spec((1, 3), **PLAIN), Spec((1, 3), **PLAIN)],
            [Call("RELU", [1], 2), Call("RELU", [0], 1)],
            0,
            2,
        ),
        "RELU (layer 'tensor_2', tensor 2): reads tensor 1 before it is written",
    ),
    "a convolution with an empty bias": (
        lambda: build(
            [Spec((1, 3, 3, 1), **PLAIN), ones(2, 1, 1, 1), Spec((1, 3, 3, 2), **PLAIN)],
            [Call("CONV_2D", [0, 1, -1], 2, CONV)],
            0,
            2,
        ),
        "CONV_2D (layer 'tensor_2', tensor 2): input 2 is missing",
    ),
    "a tensor written twice": (
        lambda: build([Spec((1, 3), **PLAIN)], [Call("RELU", [0], 0)], 0, 0),
        "writes a tensor that has its value already",
    ),
    "a grouped convolution": (
        lambda: build(
            [Spec((1, 3, 3, 4), **PLAIN), ones(2, 1, 1, 2), Spec((1, 3, 3, 2), **PLAIN)],
            [Call("CONV_2D", [0, 1], 2, CONV)],
            0,
            2,
        ),
        "grouped convolutions are not supported",
    ),
    "a tensor beyond what there is": (
        lambda: build(
            [Spec((1, 200, 200, 1), **PLAIN), ones(2, 1, 1, 1), Spec((1, 200, 200, 2), **PLAIN)],
            [Call("CONV_2D", [0, 1], 2, CONV)],
            0,
            2,
        ),
        "CONV_2D (layer 'tensor_2', tensor 2): tensor 2 takes 80000 bytes; there are 65536",
    ),
    "an arena beyond what there is": (
        lambda: build(
            [Spec((1, 200, 160, 1), **PLAIN), ones(2, 1, 1, 1), Spec((1, 200, 160, 2), **PLAIN)],
            [Call("CONV_2D", [0, 1], 2, CONV)],
            0,
            2,
        ),
        "bytes of arena, most of them here; there are 65536",
    ),
    "sums that overflow": (
        lambda: dense(
            Spec((1, 3), **PLAIN),
            ones(2, 3),
            Spec((1, 2), **PLAIN),
            ones(2, kind="int32", scales=[0.01], data=[2**31 - 1, 0]),
        ),
        "its sums overflow 32 bits",
    ),
    "nothing to compute": (
        lambda: build(
            [Spec((1, 6), **PLAIN), Spec((1, 2, 3), **PLAIN)], [Call("RESHAPE", [0], 1)], 0, 1
        ),
        "only reshapes its input",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_faults_are_named(case):
    make, words = CASES[case]
    with pytest.raises(UserError) as caught:
        compile_network(make())
    assert words in str(caught.value)
