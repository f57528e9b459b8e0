# SPDX-License-Identifier: Apache-2.0
"""Memory is saved for few instructions, and by no kernel whose code takes more than it saves."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from layers import RESIDUALS
from streams import shipped_shape

from soundpost.compiler import choose
from soundpost.compiler.compile import Compiled, compile_network
from soundpost.compiler.fold import fold_padding
from soundpost.compiler.fuse import fuse
from soundpost.compiler.lowering import lower
from soundpost.compiler.reader import parse
from soundpost.compiler.stream.compile import forms

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(ROOT.glob("models/*/model.tflite"))


def both(model: bytes) -> tuple[Compiled, Compiled]:
    """A network with its fastest kernels, and as it is compiled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choose, "SLOWER_MAX", 0)
        fastest = compile_network(model)
    return fastest, compile_network(model)


def check(fastest: Compiled, chosen: Compiled) -> None:
    assert chosen.instructions <= choose.SLOWER_MAX * fastest.instructions
    names = [{step.kernel for step in compiled.steps} for compiled in (fastest, chosen)]
    code = sum(choose.CODE[name] for name in names[1] - names[0])
    assert chosen.plan.arena_bytes + code <= fastest.plan.arena_bytes


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_shipped_networks_get_smaller_by_more_than_code(path: Path) -> None:
    check(*both(path.read_bytes()))


@given(RESIDUALS)
@hypothesis_settings(max_examples=60)
def test_random_networks_get_smaller_by_more_than_code(model: bytes) -> None:
    check(*both(model))


def test_a_kernel_that_saves_less_than_its_code_is_left_out(monkeypatch) -> None:
    windowed = compile_network(shipped_shape(columns=127))
    bodies = [form.body for same_chunk in forms(windowed) for form in same_chunk]
    monkeypatch.setattr(choose, "CODE", dict.fromkeys(choose.CODE, 0))
    freely = [form.body for same_chunk in forms(windowed) for form in same_chunk]
    kernels, more = (
        [{s.kernel for s in body.steps} for body in found] for found in (bodies, freely)
    )
    assert sum(map(len, kernels)) < sum(map(len, more))
    arenas, less = ([body.plan.arena_bytes for body in found] for found in (bodies, freely))
    assert sum(arenas) > sum(less)


@given(RESIDUALS)
@hypothesis_settings(max_examples=60)
def test_every_kernel_that_is_chosen_from_has_its_code(model: bytes) -> None:
    graph = fold_padding(parse(model, "model"))
    steps = fuse(graph, *lower(graph))
    chosen_from = {way.kernel for step in steps if step.others for way in (step, *step.others)}
    assert chosen_from <= choose.CODE.keys()
