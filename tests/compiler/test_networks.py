# SPDX-License-Identifier: Apache-2.0
"""Whole networks give TFLM's bytes, in memory and as compiled C."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
import tflm
from cffi import FFI
from numpy.typing import NDArray
from soundpost._core import ffi, lib

from soundpost.compiler import Network, compile_network
from soundpost.compiler.compile import Compiled
from soundpost.compiler.emit import emit_header, emit_source
from soundpost.compiler.lowering import SUPPORTED
from soundpost.compiler.stream.compile import Streamed, compile_streaming

RANDOM_WINDOWS = 10_000
REAL_WINDOWS = 1_000
ROOT = Path(__file__).parents[2]

SANITIZE = ("-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")

# in one process, which synthesises each street once
STREETS = pytest.mark.xdist_group("streets")


def random_windows(shape: tuple[int, ...], count: int) -> NDArray[np.int8]:
    """Noise of every loudness, so that neither zeros nor saturation hide an error."""
    rng = np.random.default_rng(1)
    noise = rng.integers(-128, 128, (count, *shape), np.int8)
    return noise >> rng.integers(0, 7, (count, *[1] * len(shape)), np.int8)


# Reads windows from stdin and writes outputs to stdout, on an arena of just the bytes it needs.
MAIN = """
#include <stdio.h>
#include <stdlib.h>
#include "network.h"

int main(void)
{
	const struct sp_nn_network *network = &sp_network_network;
	int8_t *arena = malloc(network->arena_bytes);

	while (fread(arena + network->input_offset, network->input_bytes, 1, stdin) == 1) {
		sp_nn_invoke(network, arena);
		fwrite(arena + network->output_offset, network->output_bytes, 1, stdout);
	}
	free(arena);

	return 0;
}
"""


# Reads how many columns are new, and these, and writes the scores of the window that they end.
STREAM_MAIN = """
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include "network.h"

int main(void)
{
	const struct sp_nn_stream *stream = &sp_stream_network;
	int8_t *arena = malloc(stream->arena_bytes);
	int8_t *ring = malloc(stream->window * stream->column_bytes);
	uint16_t next = 0;
	uint16_t fresh;

	while (fread(&fresh, sizeof(fresh), 1, stdin) == 1) {
		for (uint16_t i = 0; i < fresh; i++) {
			fread(ring + next * stream->column_bytes, stream->column_bytes, 1, stdin);
			next = (uint16_t)((next + 1) % stream->window);
		}
		sp_nn_stream_window(stream, arena, ring, next, fresh);
		fwrite(arena + stream->head.output_offset, stream->head.output_bytes, 1, stdout);
	}
	free(ring);
	free(arena);

	return 0;
}
"""


def build_c(
    compiled: Compiled | Streamed, folder: Path, *flags: str, files: tuple[Path, ...] = ()
) -> Path:
    """The generated C, built with core/nn and `files`."""
    (folder / "network.h").write_text(emit_header(compiled, "network"))
    (folder / "network.c").write_text(emit_source(compiled, "network"))
    kernels = [path for path in (ROOT / "core/nn").glob("*.c") if path.stem != "nn_test"]
    warnings = ["-std=c11", "-Wall", "-Wextra", "-Werror"]
    include = ["-I", ROOT / "core/include", "-I", folder]
    sources = [folder / "network.c", *kernels, *files]
    built = folder / "built"
    subprocess.run(["gcc", *warnings, *flags, *include, *sources, "-o", built], check=True)
    return built


class CompiledC:
    """Runs the library as Network runs its structs."""

    def __init__(self, library: Path) -> None:
        declarations = FFI()
        declarations.cdef("extern const char sp_network_network[];")
        self.library = declarations.dlopen(str(library))
        address = int(declarations.cast("uintptr_t", self.library.sp_network_network))
        self.struct = ffi.cast("struct sp_nn_network *", address)

    def run(self, windows: NDArray[np.int8]) -> NDArray[np.int8]:
        network = self.struct
        arena = np.zeros(-(-network.arena_bytes // 4), np.int32).view(np.int8)
        pointer = ffi.from_buffer("int8_t[]", arena)
        outputs = []
        for window in windows:
            arena[network.input_offset :][: network.input_bytes] = window.ravel()
            assert lib.sp_nn_invoke(network, pointer) == 0
            outputs.append(arena[network.output_offset :][: network.output_bytes].copy())
        return np.array(outputs)


def check_parity(network_path, inputs, tmp_path):
    """Compare TFLM, our kernels and the compiled C; gives what TFLM says."""
    network = Network.from_tflite(network_path)
    expected = tflm.run_many(network_path.read_bytes(), inputs)
    actual = network.run(inputs).reshape(expected.shape)
    assert np.count_nonzero(actual != expected) == 0
    compiled = CompiledC(build_c(network.compiled, tmp_path, "-O2", "-shared", "-fPIC"))
    assert np.count_nonzero(compiled.run(inputs) != expected) == 0
    return expected


def test_parity_on_random_windows(network_path, tmp_path):
    shape = Network.from_tflite(network_path).input_shape
    expected = check_parity(network_path, random_windows(shape, RANDOM_WINDOWS), tmp_path)
    # a network whose outputs hardly change would prove nothing
    assert len(np.unique(expected)) > 30
    assert (expected.std(axis=0) > 4).all()


@STREETS
def test_parity_on_windows_of_sound(network_path, windows, tmp_path):
    shape = Network.from_tflite(network_path).input_shape
    expected = check_parity(network_path, windows(shape, REAL_WINDOWS), tmp_path)
    assert len(np.unique(expected)) > 30


@STREETS
def test_generated_c_is_clean_under_sanitizers(network_path, street_windows, tmp_path):
    (tmp_path / "main.c").write_text(MAIN)
    network = Network.from_tflite(network_path)
    program = build_c(network.compiled, tmp_path, *SANITIZE, files=(tmp_path / "main.c",))
    shape = network.input_shape
    inputs = np.concatenate([random_windows(shape, 10), street_windows(shape, 10)])
    done = subprocess.run([program], input=inputs.tobytes(), capture_output=True, check=True)
    assert done.stdout == network.run(inputs).tobytes()


@STREETS
def test_generated_c_of_a_stream_is_clean_under_sanitizers(street_windows, tmp_path):
    (tmp_path / "main.c").write_text(STREAM_MAIN)
    streamed = compile_streaming(Path(__file__).parent / "networks/hops.tflite")
    program = build_c(streamed, tmp_path, *SANITIZE, files=(tmp_path / "main.c",))
    size, bands, _ = streamed.windowed.input_shape
    columns = street_windows((400, bands, 1), 1)[0]
    fresh = [size, 24, 24, 8, 16, 7, 40, 48, 60]
    stdin, windows, end = b"", [], 0
    for count in fresh:
        stdin += np.uint16(count).tobytes() + columns[end : end + count].tobytes()
        end += count
        windows.append(columns[end - size : end])
    done = subprocess.run([program], input=stdin, capture_output=True, check=True)
    assert done.stdout == Network(streamed.windowed).run(np.array(windows)).tobytes()


def test_networks_use_every_operator():
    found = set()
    for path in (Path(__file__).parent / "networks").glob("*.tflite"):
        found |= {operator.name for operator in compile_network(path).graph.operators}
    assert found == set(SUPPORTED)


def test_thesis_network_fits_its_budget():
    compiled = compile_network(Path(__file__).parent / "networks/stride_ds_24.tflite")
    assert sum(step.macs for step in compiled.steps) == 539_920
    # 0.6 of what TFLM needs for the same network
    assert compiled.plan.arena_bytes <= 11_128


def test_result_does_not_depend_on_what_the_arena_held(network_path):
    network = Network.from_tflite(network_path)
    windows = random_windows(network.input_shape, 2)
    first, second = network.run(windows)
    both = network.run(windows[::-1])
    np.testing.assert_array_equal(both, np.stack([second, first]))


@pytest.mark.parametrize("shape", [(2, 31, 60), (2, 60, 31, 1)])
def test_wrong_shape_is_named(shape):
    network = Network.from_tflite(Path(__file__).parent / "networks/stride_ds_24.tflite")
    with pytest.raises(Exception, match=r"give int8 of shape \(n, 31, 60, 1\)"):
        network.run(np.zeros(shape, np.int8))
