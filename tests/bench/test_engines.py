# SPDX-License-Identifier: Apache-2.0
"""What engines print, whether they agree, and where their sources are."""

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from soundpost.bench import counted, engines
from soundpost.bench.counted import Counted, inference_key, run_counting
from soundpost.bench.windows import FILE, GOLDEN, differences, write_windows
from soundpost.errors import UserError
from soundpost.models.model import DEFAULT_MODEL, models_folder
from soundpost.ports import Port
from soundpost.ports.workspace import find_sources

PROGRAM = Path("bench.elf")


def golden_outputs() -> list[bytes]:
    with np.load(models_folder() / DEFAULT_MODEL / "golden.npz") as arrays:
        return [row.tobytes() for row in arrays["scores"][:GOLDEN]]


def test_windows_are_golden_ones_and_noise(tmp_path: Path) -> None:
    write_windows(DEFAULT_MODEL, tmp_path)
    with np.load(models_folder() / DEFAULT_MODEL / "golden.npz") as arrays:
        windows = arrays["windows"]
    found = np.fromfile(tmp_path / FILE, np.int8).reshape(-1, *windows.shape[1:])
    assert len(found) == GOLDEN + 1
    assert np.array_equal(found[:GOLDEN], windows[:GOLDEN])
    # noise over all of the range
    assert (found[GOLDEN].min(), found[GOLDEN].max()) == (-128, 127)


def test_the_greatest_of_several_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "a.stack_bytes 500\noutput 7f80\na.stack_bytes 580\na.stack_bytes 4\noutput 0001\n"
    monkeypatch.setattr(counted, "emulate", lambda *_: said)
    found = run_counting(Port.CORTEX_M4F, PROGRAM, DEFAULT_MODEL)
    assert found == Counted({"a.stack_bytes": 580}, (b"\x7f\x80", b"\x00\x01"))


def test_steps_get_their_operator() -> None:
    assert inference_key("1.instructions", ("CONV_2D", "SOFTMAX")) == "1_softmax.instructions"
    assert inference_key("instructions", ()) == "instructions"


def test_engines_that_agree() -> None:
    given = [*golden_outputs(), b"noise"]
    assert differences(DEFAULT_MODEL, {"a": given, "b": given}) == []


def test_a_byte_of_difference_is_a_fault() -> None:
    good = [*golden_outputs(), b"noise"]
    other = [*good[:3], bytes([good[3][0] ^ 1, *good[3][1:]]), *good[4:]]
    faults = differences(DEFAULT_MODEL, {"a": good, "b": other, "c": [*good[:-1], b"Noise"]})
    assert faults == [
        f"{DEFAULT_MODEL}, b: other scores for window 3",
        f"{DEFAULT_MODEL}, c: other scores for window {GOLDEN}",
    ]
    # against TFLM's scores, even where engines agree; and where windows are missing
    assert len(differences(DEFAULT_MODEL, {"a": other, "b": other})) == 2
    assert len(differences(DEFAULT_MODEL, {"a": good, "b": good[:-1]})) == 1


def workspace(folder: Path) -> Path:
    zephyr = folder / "zephyr"
    zephyr.mkdir()
    (zephyr / "VERSION").touch()
    return zephyr


def test_sources_are_found_around_zephyr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZEPHYR_BASE", str(workspace(tmp_path)))
    with pytest.raises(UserError, match="west update tflite-micro"):
        find_sources(tmp_path)
    tflm = tmp_path / "optional" / "modules" / "lib" / "tflite-micro"
    tflm.mkdir(parents=True)
    with pytest.raises(UserError, match="west update cmsis-nn"):
        find_sources(tmp_path)
    (tmp_path / "modules" / "lib" / "cmsis-nn").mkdir(parents=True)
    assert find_sources(tmp_path).tflite_micro == tflm


def test_without_a_workspace_engines_are_skipped_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZEPHYR_BASE", str(tmp_path / "zephyr"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    results = engines.count_engines([DEFAULT_MODEL], ["tflm", "tflm-cmsis-nn"], Console(quiet=True))
    assert results.figures == {}
    assert list(results.skipped) == ["tflm", "tflm-cmsis-nn"]
    assert "set ZEPHYR_BASE" in results.skipped["tflm"]
