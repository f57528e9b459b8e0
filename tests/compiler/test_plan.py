# SPDX-License-Identifier: Apache-2.0
"""The memory plan keeps apart what lives at once."""

from hypothesis import given, settings
from hypothesis import strategies as st

from soundpost.compiler import compile_network
from soundpost.compiler.place import ALIGNMENT, Buffer, aligned, place, top
from soundpost.compiler.program import Overlay

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


@st.composite
def chains(draw: st.DrawFn) -> tuple[list[Buffer], dict[tuple[int, int], Overlay]]:
    """Buffers each of which is read in the step that writes the next one, and others."""
    sizes = draw(st.lists(st.integers(1, 300), min_size=2, max_size=8))
    chain = [Buffer(size, i, i + 1) for i, size in enumerate(sizes)]
    words = st.integers(-75, 75).map(lambda word: word * ALIGNMENT)
    overlays = {
        (i, i + 1): Overlay(draw(words), backward=draw(st.booleans()))
        for i in range(len(chain) - 1)
        if draw(st.booleans())
    }
    return chain + draw(st.lists(buffers(), max_size=6)), overlays


@given(chains())
@settings(max_examples=500)
def test_buffers_overlap_only_as_their_steps_allow(chosen):
    found, overlays = chosen
    offsets = place(found, overlays)
    assert all(at >= 0 and at % ALIGNMENT == 0 for at in offsets)
    for j, b in enumerate(found):
        for i, a in enumerate(found[:j]):
            apart = offsets[i] + a.bytes <= offsets[j] or offsets[j] + b.bytes <= offsets[i]
            overlay = overlays.get((i, j))
            if overlay is None:
                assert apart or not a.meets(b)
            elif overlay.backward:
                assert apart or offsets[j] >= offsets[i] + overlay.shift
            else:
                assert apart or offsets[j] <= offsets[i] + overlay.shift


def test_networks_are_planned_without_waste(network_path):
    plan = compile_network(network_path).plan
    # where one step writes over what it reads, some words may be left between others
    assert plan.peak_bytes <= plan.arena_bytes <= 1.005 * plan.peak_bytes
