# SPDX-License-Identifier: Apache-2.0
"""Layers are counted as they are, and refused when nothing is left for them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundpost.errors import UserError
from soundpost.zoo import layer_costs, multiplications, parameters
from soundpost.zoo.architectures import EXAMPLES
from soundpost.zoo.describe import describe
from soundpost.zoo.inverted_residual import InvertedResidual, Stage, Stem
from soundpost.zoo.layers import (
    Convolution,
    Dense,
    Depthwise,
    Dropout,
    GlobalMean,
    Layer,
    Pad,
    Residual,
)
from soundpost.zoo.residual_convolution import Block, ResidualConvolution

SMALL = InvertedResidual(
    "soundpost_ir",
    stem=Stem(8, (5, 3), (2, 1)),
    stages=(Stage(8, 2, 1), Stage(12, 2, 2.5, (2, 2), (3, 5))),
    head=20,
    dense=16,
    activation="relu6",
)


def test_a_network_of_the_family_is_what_its_recipe_says() -> None:
    act = "relu6"
    block = (
        Convolution(30, (1, 1), activation=act),
        Depthwise((3, 5), activation=act),
        Convolution(12, (1, 1), activation=None),
    )
    assert SMALL.layers(5, 0.2) == (
        Convolution(8, (5, 3), (2, 1), activation=act),
        *[Residual((Depthwise((3, 3), activation=act), Convolution(8, (1, 1), activation=None)))]
        * 2,
        Convolution(20, (1, 1), activation=act),
        Depthwise((3, 5), (2, 2), activation=act),
        Convolution(12, (1, 1), activation=None),
        Residual(block),
        Convolution(20, (1, 1), activation=act),
        GlobalMean(),
        Dense(16, "relu"),
        Dropout(0.2),
        Dense(5, "softmax"),
    )


def test_costs_by_hand() -> None:
    layers: list[Layer] = [
        Pad((1, 0)),
        Convolution(4, (3, 3), (2, 2)),
        Residual((Depthwise((3, 1)), Convolution(4, (1, 1)))),
        GlobalMean(),
        Dense(3, "softmax"),
    ]
    costs = layer_costs(layers, (9, 7, 2))
    assert [cost.output for cost in costs] == [
        (10, 7, 2),
        (5, 4, 4),
        *[(5, 4, 4)] * 3,
        (4,),
        (3,),
    ]
    assert [cost.macs for cost in costs] == [0, 80 * 18, 80 * 3, 80 * 4, 0, 0, 12]
    assert [cost.parameters for cost in costs] == [0, 19 * 4, 4 * 4, 5 * 4, 0, 0, 15]


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 12))
def test_a_window_of_any_size_is_counted_or_refused(columns: int, bands: int, side: int) -> None:
    layers = [Convolution(3, (side, side), (2, 2), "valid"), GlobalMean(), Dense(2, "softmax")]
    if min(columns, bands) < side:
        with pytest.raises(UserError, match=f"convolution finds {columns} x {bands} x 1 values"):
            layer_costs(layers, (columns, bands, 1))
    else:
        (first, *_) = layer_costs(layers, (columns, bands, 1))
        # the last place is that of the last whole field
        assert (first.output[0] - 1) * 2 + side <= columns < first.output[0] * 2 + side


PLAIN = ResidualConvolution(
    "residual_convolution",
    stem=Stem(8, (3, 3), (2, 2)),
    blocks=(Block(12, (2, 1)), Block(12), Block(12, (1, 2)), Block(16), Block(16)),
    pointwise=12,
    head=20,
)


def test_plain_convolutions_add_their_input_where_the_shape_stays() -> None:
    assert PLAIN.layers(5, 0.2) == (
        Convolution(8, (3, 3), (2, 2)),
        Depthwise((3, 3), (2, 2)),
        Convolution(12, (1, 1)),
        Convolution(12, (3, 3), (2, 1)),
        Residual((Convolution(12, (3, 3), activation=None),), "relu"),
        Convolution(12, (3, 3), (1, 2)),
        Convolution(16, (3, 3)),
        Residual((Convolution(16, (3, 3), activation=None),), "relu"),
        Convolution(20, (1, 1)),
        GlobalMean(),
        Dropout(0.2),
        Dense(5, "softmax"),
    )


def test_columns_are_not_padded_where_time_padding_is_valid() -> None:
    blocks = (Block(12, (2, 1)), Block(12), Block(12, kernel=(1, 4)), Block(12, kernel=(1, 1)))
    network = replace(PLAIN, blocks=blocks, time_padding="valid")
    side = Pad((0, 1), (0, 1))
    layers = network.layers(5, 0.2)
    assert layers == (
        side,
        Convolution(8, (3, 3), (2, 2), "valid"),
        side,
        Depthwise((3, 3), (2, 2), "valid"),
        Convolution(12, (1, 1)),
        side,
        Convolution(12, (3, 3), (2, 1), "valid"),
        Residual((side, Convolution(12, (3, 3), padding="valid", activation=None)), "relu"),
        Residual(
            (Pad((0, 2), (0, 1)), Convolution(12, (1, 4), padding="valid", activation=None)), "relu"
        ),
        Residual((Convolution(12, (1, 1), padding="valid", activation=None),), "relu"),
        Convolution(20, (1, 1)),
        GlobalMean(),
        Dropout(0.2),
        Dense(5, "softmax"),
    )
    sums = [cost for cost in layer_costs(layers, (47, 30, 1)) if isinstance(cost.layer, Residual)]
    # 47 columns: 23, 11, 5, of which the sum has those with two neighbours
    assert [(cost.source, cost.output) for cost in sums] == [
        ((5, 8, 12), (3, 8, 12)),
        ((3, 8, 12), (3, 8, 12)),
        ((3, 8, 12), (3, 8, 12)),
    ]
    with pytest.raises(UserError, match="its convolution finds 2 x 10 x 12 values left"):
        layer_costs(layers, (23, 30, 1))


@given(st.integers(1, 99), st.integers(1, 9), st.integers(1, 4))
def test_bands_are_as_many_with_either_time_padding(bands: int, side: int, stride: int) -> None:
    blocks = (Block(3, (1, stride), (1, side)),)
    plain = replace(PLAIN, stem=Stem(8, (1, side), (1, stride)), blocks=blocks, pointwise=0)
    same = layer_costs(plain.layers(5, 0.0), (4, bands, 1))
    valid = layer_costs(replace(plain, time_padding="valid").layers(5, 0.0), (4, bands, 1))
    assert multiplications(same) == multiplications(valid)
    assert parameters(same) == parameters(valid)


def test_a_wrong_choice_is_named() -> None:
    with pytest.raises(UserError, match="time_padding is none; it must be same or valid"):
        replace(PLAIN, time_padding="none")  # type: ignore[arg-type]
    with pytest.raises(UserError, match=r"kernel is \[3\]; it must be two numbers"):
        Block(8, kernel=(3,))


def test_a_teacher_has_no_depthwise_layer() -> None:
    teacher = replace(PLAIN, pointwise=0, head=0, blocks=(Block(8), Block(32, (2, 2))))
    assert teacher.layers(5, 0.0)[:3] == (
        Convolution(8, (3, 3), (2, 2)),
        Residual((Convolution(8, (3, 3), activation=None),), "relu"),
        Convolution(32, (3, 3), (2, 2)),
    )


# counted by Keras's own layers, elsewhere: an input of 100 x 64
@pytest.mark.parametrize(("window", "macs"), [(100, 6257696), (62, 3744032)])
def test_costs_of_plain_convolutions(window: int, macs: int) -> None:
    network = ResidualConvolution(
        "residual_convolution",
        stem=Stem(16, (3, 3), (2, 2)),
        blocks=(Block(48, (2, 2)), Block(48), Block(80, (2, 2)), Block(80)),
        pointwise=24,
    )
    costs = layer_costs(network.layers(10, 0.2), (window, 64, 1))
    assert (parameters(costs), multiplications(costs)) == (125058, macs)


def test_layers_in_words() -> None:
    assert describe(SMALL.layers(5, 0.2)) == (
        "5×3 convolution to 8, stride 2×1; "
        "2 times (3×3 depthwise convolution; 1×1 linear convolution to 8), added to its input; "
        "1×1 convolution to 20; 3×5 depthwise convolution, stride 2; "
        "1×1 linear convolution to 12; (1×1 convolution to 30; 3×5 depthwise convolution; "
        "1×1 linear convolution to 12), added to its input; "
        "1×1 convolution to 20; mean; dense 16; softmax"
    )
    assert "; (3×3 linear convolution to 16), added to its input, then ReLU; " in describe(
        PLAIN.layers(5, 0.2)
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_our_examples_are_no_dearer_than_the_thesis_s_stride(name: str) -> None:
    costs = layer_costs(EXAMPLES[name].layers(10, 0.0), (31, 60, 1))
    assert parameters(costs) < 97575
    assert multiplications(costs) < 2965372
