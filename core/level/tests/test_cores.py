# SPDX-License-Identifier: Apache-2.0
"""Each core measures what the portable C does, the definition: under QEMU, to the last bit."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from soundpost._core import ffi, lib

from soundpost.models.model import DEFAULT_MODEL
from soundpost.ports import Port, build, emulate

# one build folder, one worker
pytestmark = pytest.mark.xdist_group("ports")

RECORDINGS = 300
KINDS = ("noise", "signs", "lowest", "highest", "square", "click", "silence")


@st.composite
def recordings(draw: st.DrawFn) -> NDArray[np.int16]:
    """Some seconds of sounds as loud or as faint as can be, one after the other."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    pieces = []
    for kind in draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4)):
        count = int(rng.integers(1, 6000))
        match kind:
            case "noise":
                piece = rng.integers(-32768, 32768, count) >> draw(st.integers(0, 15))
            case "signs":
                piece = np.where(rng.integers(0, 2, count), 32767, -32768)
            case "square":
                half = draw(st.integers(1, 2000))
                piece = np.where(np.arange(count) // half % 2, 32767, -32768)
            case "click":
                piece = np.zeros(count, int)
                peaks = (32767, 32766, 16384, 16383, -16384, -16385, -32767, -32768)
                piece[rng.integers(count)] = draw(st.sampled_from(peaks))
            case "lowest":
                piece = np.full(count, -32768)
            case "highest":
                piece = np.full(count, 32767)
            case _:
                piece = np.zeros(count, int)
        pieces.append(piece)
    return np.concatenate(pieces).astype(np.int16)


def fields(value: Any, kind: Any) -> Any:
    """A C value as lists and numbers, without what lies between its fields."""
    if kind.kind == "struct":
        return [fields(getattr(value, name), field.type) for name, field in kind.fields]
    if kind.kind == "array":
        return [fields(item, kind.item) for item in value]
    return value


def measured(pcm: NDArray[np.int16], block: int) -> tuple[list[Any], Any]:
    """The Fast intervals and the meter at the end, by the portable C."""
    config = ffi.new("struct sp_level_config *", {"full_scale_cdb": 12000, "under_range_cdb": 3000})
    level, fast = ffi.new("struct sp_level *"), ffi.new("struct sp_fast *")
    assert lib.sp_level_init(level, config) == 0
    fasts = []
    for start in range(0, len(pcm), block):
        samples = ffi.from_buffer("int16_t[]", np.ascontiguousarray(pcm[start : start + block]))
        if lib.sp_level_process(level, samples, len(samples), fast) == 1:
            fasts.append(fields(fast[0], ffi.typeof("struct sp_fast")))
    return fasts, fields(level[0], ffi.typeof("struct sp_level"))


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[list[Any], Any]]]:
    """A file for ports/cortex_m/levels.c, and what it shall find."""
    data = bytearray()
    expected: list[tuple[list[Any], Any]] = []

    @given(recordings(), st.integers(1, 2000))
    @settings(
        max_examples=RECORDINGS,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
    )
    def collect(pcm: NDArray[np.int16], block: int) -> None:
        data.extend(struct.pack("<II", len(pcm), block) + pcm.tobytes())
        expected.append(measured(pcm, block))

    collect()
    path = tmp_path_factory.mktemp("levels") / "in"
    path.write_bytes(data)
    return path, expected


@pytest.mark.parametrize("port", [Port.CORTEX_M4F, Port.CORTEX_M3], ids=lambda port: port.value)
def test_levels_are_those_of_the_portable_code(
    port: Port, cases: tuple[Path, list[tuple[list[Any], Any]]]
) -> None:
    path, expected = cases
    program = build(port, DEFAULT_MODEL, "levels")
    emulate(port, program, [path.name, "out"], path.parent)
    out = (path.parent / "out").read_bytes()
    at = 0

    def take(name: str) -> Any:
        nonlocal at
        kind = ffi.typeof(name)
        value = ffi.from_buffer(f"{name}[]", out[at : at + ffi.sizeof(kind)])
        at += ffi.sizeof(kind)
        return fields(value[0], kind)

    for fasts, level in expected:
        assert [take("struct sp_fast") for _ in fasts] == fasts
        assert take("struct sp_level") == level
    assert at == len(out)
    assert sum(len(fasts) for fasts, _ in expected) > RECORDINGS
