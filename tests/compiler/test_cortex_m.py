# SPDX-License-Identifier: Apache-2.0
"""The kernels of each core, under QEMU, give TFLM's bytes: random layers, and whole networks, also
as they stream.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import tflm
from hypothesis import Phase, given, settings
from hypothesis.strategies import SearchStrategy
from image import Image
from layers import (
    COLUMN_CONVOLUTIONS,
    CONVOLUTIONS,
    DEEP_CONVOLUTIONS,
    DENSE_LAYERS,
    DEPTHWISE_CONVOLUTIONS,
    FILTERS,
    PAIRS,
    RESIDUALS,
)
from numpy.typing import NDArray
from streams import STREAMS, shipped_shape
from ways import every_way, streamed_forms

from soundpost.compiler import compile_network
from soundpost.compiler.estimate import estimate
from soundpost.compiler.program import Step
from soundpost.compiler.stream.compile import Streamed, compile_streaming
from soundpost.models.model import DEFAULT_MODEL
from soundpost.ports import Port, build, emulate

ROOT = Path(__file__).parents[2]
NETWORKS = sorted((Path(__file__).parent / "networks").glob("*.tflite"))
SHIPPED = sorted(ROOT.glob("models/*/model.tflite"))
# 1,000 in all; `make parity` has as many of the zoo's networks
NETWORK_WINDOWS = 112
LAYER_WINDOWS = 4
STRATEGIES = {
    CONVOLUTIONS: 250,
    DEEP_CONVOLUTIONS: 100,
    COLUMN_CONVOLUTIONS: 100,
    DEPTHWISE_CONVOLUTIONS: 150,
    FILTERS: 300,
    DENSE_LAYERS: 200,
    PAIRS: 400,
    RESIDUALS: 60,
}
KERNELS = (
    *("sp_nn_conv", "sp_nn_conv_wide", "sp_nn_dense", "sp_nn_depthwise"),
    *("sp_nn_depthwise_pair", "sp_nn_conv_depthwise", "sp_nn_conv_depthwise_wide"),
    *("sp_nn_conv_patches", "sp_nn_conv_patches_fast", "sp_nn_conv_columns"),
    *("sp_nn_depthwise_strips", "sp_nn_add_tables"),
    *("sp_nn_filter_any", "sp_nn_filter_3_1", "sp_nn_filter_3_2"),
    *("sp_nn_filter_5_1", "sp_nn_filter_5_2"),
)
STREAM = shipped_shape()
RANDOM_STREAMS = 60
# random layers that each of these must run
LEAST = 10
STACK_BYTES_MAX = 1024
# of SysTick, as ports/cortex_m/count.h has it
INSTRUCTIONS_PER_TICK = 40


def random_windows(shape: tuple[int, ...], count: int) -> NDArray[np.int8]:
    """Noise, and both extremes."""
    windows = np.random.default_rng(1).integers(-128, 128, (count, *shape)).astype(np.int8)
    windows[0], windows[1] = -128, 127
    return windows


def random_models(strategies: Mapping[SearchStrategy[bytes], int]) -> list[bytes]:
    """So many of each kind."""
    models: list[bytes] = []
    for strategy, count in strategies.items():

        @given(strategy)
        @settings(max_examples=count, database=None, phases=[Phase.generate])
        def collect(model: bytes) -> None:
            models.append(model)

        collect()
    return models


def kernels(step: Step) -> list[str]:
    """The kernel and the filters of a step."""
    found = [step.kernel]
    for params in (step.params, step.params.get("first"), step.params.get("second")):
        if isinstance(params, dict):
            found += [f"{step.kernel}_{kind}" for kind in ("wide", "fast") if params.get(kind)]
            found += [params["filter"].name] if "filter" in params else []
    return found


def add_stream(found: Image, model: bytes, streamed: Streamed, seed: int) -> None:
    """Add windows that lie whole chunks apart, and some that do not."""
    rng = np.random.default_rng(seed)
    chunk, size = streamed.columns, streamed.window
    hops = [chunk, 2 * chunk, chunk, chunk + 1, chunk, size + chunk, chunk]
    fresh = [size, *rng.permutation(hops)]
    columns = random_windows(streamed.windowed.input_shape[1:], sum(fresh))
    ends = np.cumsum(fresh)
    outputs = tflm.run(model, np.array([columns[end - size : end] for end in ends]))
    found.add_stream(streamed, fresh, columns, outputs)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with networks and layers, windows for them, and what TFLM makes of these."""
    found = Image()
    for path in (*NETWORKS, *SHIPPED):
        compiled = compile_network(path)
        windows = random_windows(compiled.input_shape, NETWORK_WINDOWS)
        found.add(compiled, windows, tflm.run_many(path.read_bytes(), windows))
    used: Counter[str] = Counter()
    for model in random_models(STRATEGIES):
        ways = every_way(model)
        windows = random_windows(ways[0].input_shape, LAYER_WINDOWS)
        outputs = tflm.run(model, windows)
        for compiled in ways:
            found.add(compiled, windows, outputs)
            used.update(name for step in compiled.steps for name in kernels(step))
    assert NETWORK_WINDOWS * len(NETWORKS + SHIPPED) >= 1000
    wanted = [name for name in KERNELS if used[name] < LEAST]
    assert not wanted, used
    add_stream(found, STREAM, compile_streaming(STREAM), 0)
    for seed, model in enumerate(random_models({STREAMS: RANDOM_STREAMS})):
        for streamed in streamed_forms(model):
            add_stream(found, model, streamed, seed)
    path = tmp_path_factory.mktemp("image") / "image"
    found.save(path, counted=len(NETWORKS))
    return path


def check_estimates(counted: list[list[str]]) -> None:
    """Hold the compiler's estimates to what networks.c counted: test _ step _ instructions _."""
    counts = {(words[0], int(words[1]), int(words[3])): int(words[5]) for words in counted}
    streamed = compile_streaming(STREAM)
    networks = {("test", i): compile_network(path) for i, path in enumerate(NETWORKS)}
    networks |= {("body", 0): streamed.body, ("head", 0): streamed.head}
    for (kind, number), compiled in networks.items():
        steps = compiled.steps
        actual = [counts[kind, number, i] for i in range(len(steps))]
        estimated = [estimate(step) for step in steps]
        # a tick more or less is counted of a step by chance
        ticks = INSTRUCTIONS_PER_TICK * len(steps)
        assert abs(sum(estimated) - sum(actual)) <= 0.08 * sum(actual) + ticks
        assert estimated == pytest.approx(actual, rel=0.15, abs=2000)


@pytest.mark.parametrize("port", [Port.CORTEX_M4F, Port.CORTEX_M3])
def test_networks_and_random_layers_give_the_bytes_of_tflm(port: Port, image: Path) -> None:
    program = build(port, DEFAULT_MODEL, "networks")
    # it fails, and says where, if a byte differs or something is written behind the arena
    said = emulate(port, program, [image.name], image.parent).splitlines()
    assert said[-1].endswith("failures 0")
    if port is Port.CORTEX_M4F:
        check_estimates([line.split() for line in said if " step " in line])
    for what in ("stack bytes", "stream stack bytes"):
        stack = next(int(line.split()[-1]) for line in said if line.startswith(what))
        assert 100 < stack < STACK_BYTES_MAX, what
