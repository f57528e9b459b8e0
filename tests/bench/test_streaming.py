# SPDX-License-Identifier: Apache-2.0
"""`soundpost bench` of a network that streams."""

import json
import os
import subprocess
import sys

import pytest

from soundpost.bench.costs import inference_costs, layer_costs
from soundpost.bench.mcu import COMPILED, STREAMING
from soundpost.compiler.stream.compile import compile_streaming
from soundpost.models.model import models_folder

NAME = "urban10_stream"


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, float]]:
    """What `bench` printed, and its JSON."""
    if not (models_folder().parent / "ports/cortex_m/bench.c").is_file():
        pytest.skip("not the whole repository")
    path = tmp_path_factory.mktemp("bench") / "bench.json"
    command = [sys.executable, "-m", "soundpost.cli", "bench", "--model", NAME]
    options = ["--engine", "compiled", "--no-host", "--layers", "--output", str(path)]
    environment = os.environ | {"COLUMNS": "160"}
    done = subprocess.run(
        [*command, *options], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("core", ["m4f", "m3"])
def test_the_streaming_form_has_the_figures_of_the_whole_network(
    counted: tuple[str, dict[str, float]], core: str
) -> None:
    told, figures = counted
    compiled, streaming = (
        next(cost for cost in inference_costs(figures) if (cost.core, cost.engine) == (core, name))
        for name in (COMPILED, STREAMING)
    )
    for cost in (compiled, streaming):
        assert cost.stack_bytes is not None
        assert 100 < cost.stack_bytes < 1024
        row = next(line for line in told.splitlines() if f" {cost.code_bytes:,} " in line)
        assert row.startswith(f"{core} {cost.engine} ")
        assert row.split()[-3] == f"{cost.stack_bytes:,}"
        assert row.split()[-1] == f"{cost.weight_bytes:,}"
    # each is linked without the other, with most of the same weights
    prefix = f"{core}.inference.{NAME}."
    more = figures[f"{prefix}{STREAMING}.weight_bytes"]
    assert 0 < more - figures[f"{prefix}{COMPILED}.weight_bytes"] < 1000


@pytest.mark.parametrize("core", ["m4f", "m3"])
def test_the_layers_of_body_and_head_make_the_hop(
    counted: tuple[str, dict[str, float]], core: str
) -> None:
    told, figures = counted
    streamed = compile_streaming(models_folder() / NAME / "model.tflite")
    layers = [
        cost for cost in layer_costs(figures, NAME) if (cost.core, cost.engine) == (core, STREAMING)
    ]
    parts = {part: [c for c in layers if c.layer.startswith(part)] for part in ("body.", "head.")}
    assert [len(found) for found in parts.values()] == [
        len(streamed.body.steps),
        len(streamed.head.steps),
    ]
    prefix = f"{core}.inference.{NAME}.{STREAMING}."
    chunk, hop = figures[f"{prefix}chunk_columns"], figures[f"{prefix}hop_columns"]
    assert (chunk, hop) == (streamed.columns, streamed.hop)
    body, head = (sum(cost.instructions for cost in found) for found in parts.values())
    # the columns are copied besides, and a tick more or less is counted of a step by chance
    total = figures[f"{prefix}instructions"]
    assert hop / chunk * body + head == pytest.approx(total, rel=0.005)

    weights = sum(cost.weight_bytes or 0 for cost in layers)
    # what is no table: the steps, and the parameters of each
    assert 0 < figures[f"{prefix}weight_bytes"] - weights < 3000
    arenas = [cost.arena_bytes or 0 for cost in layers]
    assert figures[f"{prefix}kept_bytes"] <= min(arenas)
    assert max(arenas) <= figures[f"{prefix}arena_bytes"]
    for cost in layers:
        (row,) = (line for line in told.splitlines() if f"{core} {STREAMING} {cost.layer} " in line)
        assert row.split()[3] == f"{cost.instructions:,}"
        assert row.split()[-2:] == [f"{cost.arena_bytes:,}", f"{cost.weight_bytes:,}"]
