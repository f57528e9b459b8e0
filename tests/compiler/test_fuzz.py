# SPDX-License-Identifier: Apache-2.0
"""fuzz.py makes the files that it should, and sees what it is there to see."""

from dataclasses import replace

import numpy as np
import pytest
from fuzz import NETWORK_EVERY, fuzz, mutant
from mutants import Mutator
from seeds import seeds
from typer.testing import CliRunner
from verdict import (
    SOURCE,
    FaultError,
    check,
    check_plan,
    check_streaming,
    compiled_or_refused,
    random_windows,
    run,
)

from soundpost.cli import app
from soundpost.compiler import compile_network
from soundpost.compiler.lowering import SUPPORTED
from soundpost.compiler.plan import Plan
from soundpost.compiler.program import Step
from soundpost.errors import UserError


def test_seeds_use_every_operator():
    graphs = [compile_network(data).graph for data in seeds().values()]
    assert {operator.name for graph in graphs for operator in graph.operators} == set(SUPPORTED)


def test_mutants_repeat_and_differ():
    data = seeds()["layers"]
    mutants = [Mutator(data).mutant(number) for number in range(300)]
    assert mutants == [Mutator(data).mutant(number) for number in range(300)]
    assert len(set(mutants)) > 270
    assert sum(found != data for found in mutants) > 270


def test_a_share_of_the_mutants_compiles():
    found = fuzz(2000)
    assert found.faults == {}
    assert found.counts["compiled"] + found.counts["refused"] == 2000
    assert 100 < found.counts["compiled"] < 1000
    assert found.counts["same as TFLM"] > 0.7 * found.counts["compiled"]


def test_refused_files_leave_no_c(tmp_path):
    refused = [data for number in range(150) if check(data := mutant(number), 2) is None]
    assert len(refused) > 80
    for data in refused:
        (tmp_path / "some.tflite").write_bytes(data)
        out = tmp_path / "out"
        done = CliRunner().invoke(app, ["compile", str(tmp_path / "some.tflite"), "-o", str(out)])
        assert done.exception is not None
        assert not out.exists()


def changed_plan(model: bytes, **fields: object) -> None:
    compiled = compile_network(model)
    plan = replace(compiled.plan, **fields)
    assert isinstance(plan, Plan)
    check_plan(replace(compiled, plan=plan))


def test_plans_that_leave_the_arena_are_seen():
    model = seeds()["layers"]
    changed_plan(model)
    plan = compile_network(model).plan
    for fields in (
        {"arena_bytes": plan.arena_bytes // 2},
        {"arena_bytes": 1 << 20},
        {"tensors": {index: at - 4 for index, at in plan.tensors.items()}},
        {"tensors": {index: at + 2 for index, at in plan.tensors.items()}},
        {"scratch": [at + plan.arena_bytes for at in plan.scratch]},
    ):
        with pytest.raises(FaultError):
            changed_plan(model, **fields)


def test_streaming_forms_are_compared():
    compiled = compile_network(seeds()["along"], SOURCE)
    assert check_streaming(compiled, 1)
    assert not check_streaming(compile_network(seeds()["pair"], SOURCE), 1)
    *before, last = compiled.steps
    params = {**last.params, "output": last.params["output"] | {"max": -128}}
    with pytest.raises(FaultError, match="other bytes"):
        check_streaming(replace(compiled, steps=(*before, replace(last, params=params))), 1)


def test_what_kernels_should_not_do_is_seen():
    compiled = compile_network(seeds()["relu6"])
    windows = random_windows(compiled, 3, 1)
    run(compiled, windows)
    (step,) = compiled.steps

    def counting(values: int) -> Step:
        return replace(step, params={**step.params, "count": values})

    with pytest.raises(FaultError, match="writes outside"):
        run(replace(compiled, steps=(counting(20),)), windows)
    # behind its input and output lies what nothing has written
    output = compiled.plan.tensors[compiled.graph.output.index]
    moved = replace(compiled.plan, arena_bytes=32, tensors={0: 0, 1: output + 16})
    with pytest.raises(FaultError, match="not written"):
        run(replace(compiled, steps=(counting(3),), plan=moved), windows)


def test_unclear_refusals_are_seen(monkeypatch: pytest.MonkeyPatch):
    assert compiled_or_refused(b"") is None
    for message in ("no name", "some.tflite: two\nlines", "some.tflite: " + "long " * 100):

        def refuse(*_: object, message: str = message) -> None:
            raise UserError(message)

        monkeypatch.setattr("verdict.compile_network", refuse)
        with pytest.raises(FaultError):
            compiled_or_refused(b"")


def test_networks_have_their_share():
    sizes = [len(mutant(number)) for number in range(0, 20 * NETWORK_EVERY, NETWORK_EVERY)]
    assert np.median(sizes) > 4000
