# SPDX-License-Identifier: Apache-2.0
"""The memory plan keeps apart what lives at once."""

from hypothesis import given, settings
from hypothesis import strategies as st

from soundpost.compiler import compile_network
from soundpost.compiler.plan import ALIGNMENT, Buffer, aligned, place, top

STEPS = 12


@st.composite
def buffers(draw: st.DrawFn) -> Buffer:
    first = draw(st.integers(0, STEPS))
    return Buffer(draw(st.integers(0, 300)), first, draw(st.integers(first, STEPS)))


@given(st.lists(buffers(), max_size=20))
@settings(max_examples=500)
def test_no_two_buffers_that_live_at_once_overlap(chosen):
    offsets = place(chosen)
    for i, (a, at) in enumerate(zip(chosen, offsets, strict=True)):
        assert at % ALIGNMENT == 0
        for b, other in zip(chosen[:i], offsets[:i], strict=True):
            if a.meets(b):
                assert at + a.bytes <= other or other + b.bytes <= at


@given(st.lists(buffers(), max_size=20))
@settings(max_examples=300)
def test_arena_is_between_what_lives_at_once_and_everything(chosen):
    arena = top(chosen, place(chosen))
    need = max(
        (sum(aligned(b.bytes) for b in chosen if b.first <= i <= b.last) for i in range(STEPS + 1)),
        default=0,
    )
    assert need <= arena <= sum(aligned(b.bytes) for b in chosen)


def test_networks_are_planned_without_waste(network_path):
    plan = compile_network(network_path).plan
    assert plan.arena_bytes == plan.peak_bytes
