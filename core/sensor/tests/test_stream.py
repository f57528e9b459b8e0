# SPDX-License-Identifier: Apache-2.0
"""A network in its streaming form hears what it hears as a whole, whatever happens."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from soundpost._core import ffi, lib

from soundpost.frontend import FrontendConfig
from soundpost.models.generate import generated_files
from soundpost.models.model import DEFAULT_MODEL, Model, models_folder
from soundpost.sensor import Sensor
from soundpost.settings import make_settings

pytest.importorskip("tflite_micro", reason="no schema to build networks by: tflite-micro")
sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tests" / "compiler"))
from streams import Net

ROOT = Path(__file__).resolve().parents[3]
WINDOW, BANDS = 80, 16
FRONTEND = FrontendConfig(fft_size=256, hop=64, bands=BANDS)
# a multiple of which the streaming form takes at once
CHUNK = 8


def make_network() -> bytes:
    """A small one of the kind that sensors run, with random weights."""
    net = Net(WINDOW, BANDS, 1)
    x = net.window(0, 8, (3, 3), (2, 2), True)
    x = net.window(x, 0, (3, 3), (2, 2), True)
    x = net.window(x, 16, (3, 3), (2, 2), True)
    return net.scores(net.residual(x, 1, True), 10)


def make_model(folder: Path, normalisation: str) -> Model:
    values = yaml.safe_load((models_folder() / DEFAULT_MODEL / "recipe.yaml").read_text())
    values |= {"frontend": FRONTEND.as_mapping(), "window": WINDOW, "normalisation": normalisation}
    values["training"]["lead"] = 0
    (folder / "recipe.yaml").write_text(yaml.safe_dump(values))
    (folder / "model.tflite").write_bytes(make_network())
    return Model(folder)


@pytest.fixture(scope="module", params=["none", "running_mean"])
def models(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Model, Model]:
    """The same network in its streaming form, and as a whole."""
    folder = tmp_path_factory.mktemp("model")
    streaming, windowed = (make_model(folder, request.param) for _ in range(2))
    assert streaming.stream is not None
    assert CHUNK % streaming.stream.streamed.columns == 0
    windowed.c.stream = ffi.NULL
    windowed.c.network, windowed.c.score = windowed.network.struct, lib.sp_score_window
    return streaming, windowed


def sound(hops: int, seed: int) -> NDArray[np.int16]:
    """Noise whose level and colour change with every few hops."""
    random = np.random.default_rng(seed)
    parts = []
    for _ in range(0, hops, CHUNK):
        white = random.standard_normal(CHUNK * FRONTEND.hop)
        colour = np.convolve(white, random.standard_normal(5), "same")
        parts.append(10 ** random.uniform(1.5, 3.5) * colour)
    whole = np.concatenate(parts)[: hops * FRONTEND.hop]
    return np.clip(whole, -32768, 32767).astype(np.int16)


def push(sensor: Sensor, pcm: NDArray[np.int16]) -> bytes:
    return b"".join(sensor.lines(pcm))


def configure(sensor: Sensor, window_hop: int) -> None:
    state = ffi.addressof(sensor._runner, "sensor")
    assert lib.sp_sensor_configure(state, make_settings({"window_hop": window_hop})) == 0


def skip(sensor: Sensor, count: int) -> None:
    lib.sp_sensor_skip(ffi.addressof(sensor._runner, "sensor"), count)


def compile_sensor(folder: Path, options: list[str]) -> str:
    """The program of ports/common, with the model in a folder."""
    program = f"{folder}/sensor"
    sources = [*ROOT.glob("core/*/*.c"), *(ROOT / "ports/common").glob("*.c"), *folder.glob("*.c")]
    command = [
        *("cc", "-std=gnu11", "-O1", "-ffunction-sections", "-fdata-sections", *options),
        *(f"-I{path}" for path in (ROOT / "core/include", ROOT / "ports/common", folder)),
        *(str(source) for source in sources if not source.stem.endswith("_test")),
        *("-Wl,--gc-sections", "-o", program),
    ]
    subprocess.run(command, check=True)
    return program


HOPS = st.one_of(st.sampled_from([0, CHUNK, 2 * CHUNK, 3 * CHUNK]), st.integers(1, WINDOW + 5))
EVENTS = st.one_of(
    st.tuples(st.just("sound"), st.integers(1, 150)),
    # under the gate, so that windows are skipped
    st.tuples(st.just("silence"), st.integers(1, 150)),
    st.tuples(st.just("loss"), st.integers(1, 3 * WINDOW * FRONTEND.hop)),
    st.tuples(st.just("window_hop"), HOPS),
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(HOPS, st.lists(EVENTS, min_size=1, max_size=12), st.integers(0, 2**32 - 1))
def test_scores_are_those_of_whole_windows(
    models: tuple[Model, Model], window_hop: int, events: list[tuple[str, int]], seed: int
) -> None:
    one, other = (Sensor(model, {"window_hop": window_hop}) for model in models)
    first = sound(3 * WINDOW, seed)
    assert push(one, first) == push(other, first)
    for number, (kind, count) in enumerate(events):
        pcm = np.zeros(0, np.int16)
        if kind == "sound":
            pcm = sound(count, seed + number)
        if kind == "silence":
            pcm = np.zeros(count * FRONTEND.hop, np.int16)
        for sensor in (one, other):
            if kind == "loss":
                skip(sensor, count)
            if kind == "window_hop":
                configure(sensor, count)
        assert push(one, pcm) == push(other, pcm)


def test_after_a_long_loss_nothing_of_before_it_is_heard(models: tuple[Model, Model]) -> None:
    fresh, lossy = (Sensor(models[0], {"window_hop": CHUNK}) for _ in range(2))
    push(lossy, sound(3 * WINDOW, 1))
    skip(lossy, WINDOW * FRONTEND.hop + FRONTEND.fft_size)
    lossy.forget_scores()
    after = sound(3 * WINDOW, 2)
    push(fresh, after)
    push(lossy, after)
    assert np.array_equal(fresh.smoothed_q8, lossy.smoothed_q8)


@pytest.mark.parametrize("window_hop", [CHUNK, 2 * CHUNK, 3 * CHUNK])
def test_only_what_is_new_is_looked_at(models: tuple[Model, Model], window_hop: int) -> None:
    pcm = sound(400, 1)
    assert models[0].stream is not None
    taken = (WINDOW - models[0].stream.streamed.unused) * BANDS
    length = WINDOW + FRONTEND.fft_size // FRONTEND.hop - 1
    wanted, streamed, whole = (
        Sensor(model, {"window_hop": window_hop}) for model in (models[0], *models)
    )
    scores = push(wanted, pcm)
    # most windows differ from the one before, or nothing would be told
    lines = [json.loads(line) for line in scores.splitlines()]
    heard = [line["scores"] for line in lines if line["type"] == "scores"]
    assert len(set(map(tuple, heard))) > len(heard) // 2 > 3
    found = []
    for sensor in (streamed, whole):
        text = push(sensor, pcm[: length * FRONTEND.hop])
        # all that was taken of the first window
        ffi.memmove(sensor._columns, bytes(taken), taken)
        found.append(text + push(sensor, pcm[length * FRONTEND.hop :]))
    assert found[0] == scores != found[1]


def test_generated_c_streams_unless_it_is_told_not_to(
    models: tuple[Model, Model], tmp_path: Path
) -> None:
    if shutil.which("cc") is None or not (ROOT / "core/sensor/sensor.c").is_file():
        pytest.skip("no C compiler (apt-get install gcc), or not the whole repository")
    texts = generated_files(models[0])
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    pcm = sound(900, 2)
    soundfile.write(tmp_path / "in.wav", pcm, 16000, subtype="PCM_16")
    sensor = Sensor(models[0], {"window_hop": 2 * CHUNK})
    wanted = push(sensor, pcm) + sensor.finish()
    arenas = set()
    for form, kernel in (("", "sp_nn_stream_window"), ("-DSP_MODEL_WINDOWED", "sp_nn_invoke")):
        program = compile_sensor(tmp_path, form.split())
        arguments = [f"{tmp_path}/in.wav", f"{tmp_path}/out.jsonl", f"window_hop={2 * CHUNK}"]
        subprocess.run([program, *arguments], check=True)
        assert (tmp_path / "out.jsonl").read_bytes() == wanted
        symbols = subprocess.run(
            ["nm", "-S", program], check=True, capture_output=True, text=True
        ).stdout
        assert kernel in symbols
        # what the other form alone is made of is left out
        assert ("sp_nn_queue" in symbols) == (form == "")
        arenas.add(re.search(r" (\w+) [bB] arena$", symbols, re.M)[1])
    assert len(arenas) == 2


def test_instructions_are_those_of_what_is_computed(models: tuple[Model, Model]) -> None:
    model = models[0]
    assert model.stream is not None
    body, head = model.built_in
    assert model.window_instructions(CHUNK) == body.instructions + head.instructions
    assert model.window_instructions(2 * CHUNK) == 2 * body.instructions + head.instructions
    # ten chunks have all that is used of a window
    for hop in (1, CHUNK + 1, WINDOW, 11 * CHUNK):
        assert model.window_instructions(hop) == 10 * body.instructions + head.instructions


def test_what_is_kept_is_out_of_the_front_end_s_way(models: tuple[Model, Model]) -> None:
    model = models[0]
    assert model.stream is not None
    sizes = model.stream.streamed.sizes
    engine, arena = ffi.new("struct sp_engine *"), ffi.new("uint64_t[]", 8192)
    lib.sp_engine_compiled(engine, model.c, ffi.cast("int8_t *", arena))
    begin = int(ffi.cast("uintptr_t", engine.scratch)) - int(ffi.cast("uintptr_t", arena))
    total = lib.sp_engine_arena_bytes(model.c)
    assert sizes["kept_bytes"] <= begin
    assert begin + engine.scratch_bytes <= total
    assert total >= sizes["arena_bytes"]
    # of the samples of a column and its bins
    assert engine.scratch_bytes >= 2 * FRONTEND.fft_size + 8 * (FRONTEND.fft_size // 2 + 1)
    assert engine.input_bytes == WINDOW * BANDS
