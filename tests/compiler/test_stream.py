# SPDX-License-Identifier: Apache-2.0
"""The streaming form gives the bytes of the whole window, whatever comes before it."""

import numpy as np
import tflm
from hypothesis import given, settings
from hypothesis import strategies as st
from layers import SEEDS
from numpy.typing import NDArray
from streams import STREAMS
from ways import streamed_forms

from soundpost.compiler import Network, StreamingNetwork
from soundpost.compiler.stream.compile import Streamed


def sound(rng: np.random.Generator, columns: int, shape: tuple[int, ...]) -> NDArray[np.int8]:
    """Columns that are noise of a level that changes."""
    noise = rng.integers(-128, 128, (columns, *shape[1:]))
    return (noise >> rng.integers(0, 5, (columns, 1, 1))).astype(np.int8)


def check_hops(model: bytes, network: StreamingNetwork, hops: list[int | None], seed: int) -> int:
    """Hold windows that lie hops apart, None for a reset before the next one, to the whole window
    and to TFLM; gives how many outputs there are.
    """
    streamed = network.streamed
    rng = np.random.default_rng(seed)
    size = streamed.window
    columns = sound(rng, size + sum(hop or 0 for hop in hops), streamed.windowed.input_shape)
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
