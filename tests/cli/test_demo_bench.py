# SPDX-License-Identifier: Apache-2.0
"""`soundpost demo` and `soundpost bench`, as far as they go without the C ports."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from soundpost import demo
from soundpost.audio import write_wav
from soundpost.bench import mcu
from soundpost.bench.augmentation import measure_augmentation
from soundpost.bench.linkmap import Section, read_map
from soundpost.bench.training import measure_training
from soundpost.cli import app
from soundpost.errors import UserError
from soundpost.models.model import DEFAULT_MODEL, Model
from soundpost.ports import Port, build, repository

# what GNU ld 2.40 writes: names over 15 characters stand on a line of their own
MAP = """Archive member included to satisfy reference by file (symbol)

 .text.sp_nn_no 0x00000000 0x99 old/libsp_nn.a(conv.c.obj)

Linker script and memory map

 .text.sp_nn_invoke
                0x00000a1c       0x54 core/nn/libsp_nn.a(invoke.c.obj)
 .text          0x00000000        0x0 core/nn/libsp_nn.a(invoke.c.obj)
 .rodata.sp_a   0x00000b00      0x1f0 core/level/libsp_level.a(level.c.obj)
                0x00000b00                sp_a
 .ARM.exidx     0x00000bf0        0x8 core/level/libsp_level.a(level.c.obj)
 .bss.state     0x20000000       0x40 core/level/libsp_level.a(level.c.obj)
 .ARM.attributes
                0x00000a3c       0x34 core/level/libsp_level.a(level.c.obj)
 .text.memcpy   0x00000c00       0x20 /usr/lib/libc.a(libc_a-memcpy.o)
 *fill*         0x00000c20        0x2
"""


def test_sections_of_a_map(tmp_path: Path) -> None:
    (tmp_path / "a.map").write_text(MAP)
    found = list(read_map(tmp_path / "a.map"))
    assert found == [
        Section(".text.sp_nn_invoke", 0x54, "sp_nn", "invoke.c"),
        Section(".text", 0, "sp_nn", "invoke.c"),
        Section(".rodata.sp_a", 0x1F0, "sp_level", "level.c"),
        Section(".ARM.exidx", 8, "sp_level", "level.c"),
        Section(".bss.state", 0x40, "sp_level", "level.c"),
        Section(".ARM.attributes", 0x34, "sp_level", "level.c"),
    ]
    assert [section.in_flash for section in found] == [True, True, True, True, False, False]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("column.fft1024.instructions", "m4f.column.fft1024.instructions"),
        ("inference.instructions", "m4f.inference.stride_ds_24.compiled.instructions"),
        (
            "inference.1.instructions",
            "m4f.inference.stride_ds_24.compiled.1_softmax.instructions",
        ),
        ("pipeline.ram_bytes", "m4f.pipeline.stride_ds_24.ram_bytes"),
        ("streaming.instructions", "m4f.inference.stride_ds_24.streaming.instructions"),
        (
            "streaming.body.0.instructions",
            "m4f.inference.stride_ds_24.streaming.body.0_keep.instructions",
        ),
        (
            "streaming.head.0.instructions",
            "m4f.inference.stride_ds_24.streaming.head.0_mean.instructions",
        ),
    ],
)
def test_keys_of_figures(name: str, key: str) -> None:
    steps = {
        "compiled": ["CONV_2D", "SOFTMAX"],
        "streaming.body": ["KEEP"],
        "streaming.head": ["MEAN"],
    }
    assert mcu._key("m4f", "stride_ds_24", steps, name) == key


@pytest.mark.parametrize("command", ["demo", "bench"])
def test_a_model_that_is_not_there_is_named_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    for name in ("nothere", str(tmp_path / "mine"), ""):
        with pytest.raises(UserError, match="stride_ds_24"):
            CliRunner().invoke(app, [command, "--model", name], catch_exceptions=False)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_figures_of_augmentation() -> None:
    recipe = Model.find(DEFAULT_MODEL).recipe
    pcm = (3000 * np.random.default_rng(0).standard_normal(8 * 16000)).astype(np.int16)
    figures = measure_augmentation(
        pcm, replace(recipe.training, windows=64, batch=32, warmup_steps=0)
    )
    assert sorted(figures) == ["host.augmentation.windows_per_s", "host.renderings.realtime"]
    assert min(figures.values()) > 1


def test_training_is_not_timed_without_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = Model.find(DEFAULT_MODEL).folder / "recipe.yaml"
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    figures, skipped = measure_training(recipe)
    assert figures == {}
    assert skipped is not None
    assert skipped.startswith("host.training.windows_per_s is skipped: training needs TensorFlow")


@pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None, reason="no TensorFlow; make setup-full"
)
def test_training_is_timed() -> None:
    figures, skipped = measure_training(Model.find(DEFAULT_MODEL).folder / "recipe.yaml")
    assert skipped is None
    assert list(figures) == ["host.training.windows_per_s"]
    assert figures["host.training.windows_per_s"] > 1


def test_no_build_folder_is_made_for_it() -> None:
    with pytest.raises(UserError, match="stride_ds_24"):
        build(Port.HOST, "nothere", "sensor")
    assert not (repository() / "build" / "host" / "nothere").exists()


def test_a_port_that_disagrees_is_a_fault_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_sensor(*_: object) -> bytes:
        return b"something else\n"

    monkeypatch.setattr(demo, "run_sensor", run_sensor)
    recording = tmp_path / "a.wav"
    write_wav(recording, np.zeros(16000, np.int16))
    arguments = ["demo", str(recording), "-o", str(tmp_path / "out")]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 1
    assert "disagrees" in done.stderr
    assert (tmp_path / "out" / "cortex-m4f.jsonl").read_bytes() == b"something else\n"


def test_the_demo_does_not_write_over_its_recording(tmp_path: Path) -> None:
    recording = tmp_path / "scene.wav"
    write_wav(recording, np.zeros(16000, np.int16))
    with pytest.raises(UserError, match="the input"):
        CliRunner().invoke(
            app, ["demo", str(recording), "-o", str(tmp_path)], catch_exceptions=False
        )
