# SPDX-License-Identifier: Apache-2.0
"""The streaming form gives the bytes of the whole window, whatever comes before it."""

from pathlib import Path

import numpy as np
import pytest
import tflm
from hypothesis import given, settings
from hypothesis import strategies as st
from layers import SEEDS
from models import Spec, build, options
from streams import STREAMS, Net, shipped_shape, sound
from ways import streamed_forms

from soundpost.compiler import Network, StreamingNetwork
from soundpost.compiler.stream.compile import Streamed, compile_streaming
from soundpost.compiler.stream.rows import CannotStreamError


def check_hops(model: bytes, network: StreamingNetwork, hops: list[int | None], seed: int) -> int:
    """Hold windows that lie hops apart, None for a reset before the next one, to the whole window
    and to TFLM; gives how many outputs there are.
    """
    streamed = network.streamed
    rng = np.random.default_rng(seed)
    size = streamed.window
    columns = sound(rng, size + sum(hop or 0 for hop in hops), streamed.windowed.input_shape[1:])
    end, windows, outputs = size, [], []
    for hop in [0, *hops]:
        if hop is None:
            network.reset()
            continue
        end += hop
        windows.append(columns[end - size : end])
        outputs.append(network.run(windows[-1], hop))
    whole = Network(streamed.windowed).run(np.array(windows))
    np.testing.assert_array_equal(np.array(outputs), whole)
    referee = tflm.run(model, np.array(windows)).reshape(whole.shape)
    np.testing.assert_array_equal(whole, referee)
    return len(np.unique(whole))


@st.composite
def hops(draw: st.DrawFn, streamed: Streamed) -> list[int | None]:
    """Hops of every kind: of whole chunks, of a window and more, odd ones, none; and resets."""
    chunk, window = streamed.columns, streamed.window
    kinds = st.one_of(
        st.integers(0, 3).map(lambda chunks: chunks * chunk),
        st.integers(0, window + chunk),
        st.none(),
    )
    return draw(st.lists(kinds, min_size=2, max_size=8))


@given(st.data(), STREAMS, SEEDS)
@settings(max_examples=200)
def test_any_hops_give_the_bytes_of_the_whole_window(data, model, seed):
    for streamed in streamed_forms(model):
        check_hops(model, StreamingNetwork(streamed), data.draw(hops(streamed)), seed)


def test_a_network_that_keras_made():
    model = (Path(__file__).parent / "networks/hops.tflite").read_bytes()
    network = StreamingNetwork.from_tflite(model)
    found = check_hops(model, network, [24, 24, 8, 23, 45, 16, None, 24, 100, 40], 1)
    assert found > 10


def test_a_network_of_the_shape_that_sensors_run():
    model = shipped_shape()
    network = StreamingNetwork.from_tflite(model)
    streamed = network.streamed
    assert (streamed.window, streamed.columns, streamed.hop) == (64, 16, 32)
    found = check_hops(model, network, [32, 32, 16, 31, 32, 64, 100, 48, None, 32, 8, 0], 1)
    # outputs that hardly change would prove nothing
    assert found > 10


def test_half_a_window_goes_on_where_it_can() -> None:
    # strides make 8 columns: half a window of 48 has three of them
    for columns, chunks in ((48, {8, 24}), (80, {8}), (64, {8, 16, 32})):
        assert compile_streaming(shipped_shape(columns=columns)).columns in chunks


def test_what_comes_before_the_window_does_not_matter():
    network = StreamingNetwork.from_tflite(shipped_shape())
    rng = np.random.default_rng(3)
    shape = network.streamed.windowed.input_shape
    columns = sound(rng, 3 * shape[0], shape[1:])
    windows = [columns[start : start + shape[0]] for start in (0, 64, 80)]
    network.run(windows[0], 0)
    after_another = [network.run(windows[1], 64), network.run(windows[2], 16)]
    network.reset()
    alone = [network.run(windows[1], 64), network.run(windows[2], 16)]
    np.testing.assert_array_equal(after_another, alone)
    network.reset()
    np.testing.assert_array_equal(network.run(windows[2], 16), alone[1])


def test_long_windows_are_cheaper_by_the_hop():
    streamed = compile_streaming(shipped_shape(columns=127))
    assert streamed.hop_instructions <= 0.61 * streamed.windowed.instructions
    assert streamed.arena_bytes < 0.65 * streamed.windowed.plan.arena_bytes


def padded_along_time(net: Net) -> bytes:
    x = net.window(0, 4, (3, 3), (1, 1), True)
    margins = net.constant([[0, 0], [1, 1], [0, 0], [0, 0]])
    _, height, width, channels = net.specs[x].shape
    x = net.call("PAD", [x, margins], net.same(x, (1, height + 2, width, channels)))
    return net.scores(net.window(x, 4, (3, 1), (1, 1), True), 3)


def padded_from_the_start(net: Net) -> bytes:
    weights = Spec((2, 3, 3, 1), [0.01, 0.02], data=np.ones((2, 3, 3, 1)))
    table = options("Conv2DOptions", padding=0, strideH=1, strideW=1)
    shape = (1, net.columns, net.bands, 2)
    x = net.call("CONV_2D", [0, net.put(weights)], Spec(shape, [0.1]), table)
    return net.scores(x, 3)


def seen_at_once(net: Net) -> bytes:
    return net.scores(net.window(0, 4, (net.columns, 3), (1, 1), True), 3)


def strided_to_one_row(net: Net) -> bytes:
    x = net.window(0, 4, (5, 3), (5, 1), True)
    return net.scores(net.window(x, 4, (1, 3), (4, 1), True), 3)


def without_a_mean(net: Net) -> bytes:
    return build(net.specs, net.calls, 0, net.window(0, 4, (3, 3), (1, 1), True))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (padded_from_the_start, ["CONV_2D", "padded along time", "VALID"]),
        (seen_at_once, ["CONV_2D", "sees all of the window"]),
        (strided_to_one_row, ["strides along time make 20 columns"]),
        (without_a_mean, ["a mean over time"]),
    ],
)
def test_what_cannot_stream_says_why(make, words):
    model = make(Net(20, 4, 1))
    with pytest.raises(CannotStreamError) as caught:
        compile_streaming(model, "net.tflite")
    for word in ["net.tflite", "cannot stream", *words]:
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_padded_later_belongs_to_the_head():
    model = padded_along_time(Net(40, 6, 1))
    for streamed in streamed_forms(model):
        assert streamed.head.graph.operators[0].name == "CONV_2D"
        check_hops(model, StreamingNetwork(streamed), [20, 1, 7, 40, None, 3], 5)
