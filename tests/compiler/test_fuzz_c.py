# SPDX-License-Identifier: Apache-2.0
"""The C of hostile files that compile does nothing undefined, and gives what Network gives."""

import subprocess
from pathlib import Path

import numpy as np
from fuzz import mutant
from seeds import seeds
from verdict import compiled_or_refused, random_windows, run

from soundpost.compiler.compile import Compiled, compile_network
from soundpost.compiler.emit import emit_header, emit_source

ROOT = Path(__file__).parents[2]
NETWORKS = 100
WINDOWS = 4
SANITIZE = ("-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")

# Reads each network's windows from stdin in turn, and writes its outputs to stdout.
MAIN = """
#include <stdio.h>
#include <stdlib.h>
#include "all.h"

int main(void)
{
	for (size_t n = 0; n < sizeof(networks) / sizeof(networks[0]); n++) {
		const struct sp_nn_network *network = networks[n];
		int8_t *arena = malloc(network->arena_bytes);

		for (int window = 0; window < WINDOWS; window++) {
			if (fread(arena + network->input_offset, network->input_bytes, 1, stdin) != 1) {
				return 1;
			}
			sp_nn_invoke(network, arena);
			fwrite(arena + network->output_offset, network->output_bytes, 1, stdout);
		}
		free(arena);
	}

	return 0;
}
"""


def different_networks() -> dict[str, Compiled]:
    """Mutants that compile, each to other C than the rest and the seeds."""
    seen = {body(compile_network(data)) for data in seeds().values()}
    found: dict[str, Compiled] = {}
    number = 0
    while len(found) < NETWORKS:
        number += 1
        compiled = compiled_or_refused(mutant(number))
        if compiled is not None and body(compiled) not in seen:
            seen.add(body(compiled))
            found[f"n{number}"] = compiled
    return found


def body(compiled: Compiled) -> str:
    """The C without its banner, which has the file's hash."""
    return emit_source(compiled, "some").partition("#include")[2]


def test_c_of_hostile_files_is_clean_under_sanitizers(tmp_path: Path) -> None:
    networks = different_networks()
    for name, compiled in networks.items():
        (tmp_path / f"{name}.h").write_text(emit_header(compiled, name))
        (tmp_path / f"{name}.c").write_text(emit_source(compiled, name))
    includes = [f'#include "{name}.h"' for name in networks]
    addresses = ", ".join(f"&sp_network_{name}" for name in networks)
    table = f"static const struct sp_nn_network *const networks[] = {{{addresses}}};"
    (tmp_path / "all.h").write_text("\n".join([*includes, table, ""]))
    (tmp_path / "main.c").write_text(MAIN)
    kernels = [path for path in (ROOT / "core/nn").glob("*.c") if path.stem != "nn_test"]
    subprocess.run(
        [
            *("gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", *SANITIZE),
            *(f"-DWINDOWS={WINDOWS}", "-I", ROOT / "core/include", "-I", tmp_path),
            *(*tmp_path.glob("*.c"), *kernels, "-o", tmp_path / "program"),
        ],
        check=True,
    )
    windows = {name: random_windows(compiled, WINDOWS, 1) for name, compiled in networks.items()}
    given = b"".join(found.tobytes() for found in windows.values())
    done = subprocess.run([tmp_path / "program"], input=given, capture_output=True, check=True)
    expected = [run(networks[name], found) for name, found in windows.items()]
    assert done.stdout == b"".join(outputs.tobytes() for outputs in expected)
    assert len(np.unique(np.concatenate([outputs.ravel() for outputs in expected]))) > 100
