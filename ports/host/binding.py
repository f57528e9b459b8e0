# SPDX-License-Identifier: Apache-2.0
"""Builds soundpost._core, the Python binding of core/, with cffi in API mode.

The public headers are the only declaration: they are run through the C preprocessor, and their
integer macros are declared from their #define lines.
"""

import re
import subprocess
import sysconfig
from pathlib import Path

from cffi import FFI

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "core" / "include"
PORTS = ROOT / "ports" / "common"
# of the ports where they are: Bazel makes bindings of single parts
HEADERS = [
    *sorted((INCLUDE / "soundpost").glob("*.h")),
    *(path for path in (PORTS / "jsonl.h", PORTS / "runner.h") if path.is_file()),
]
# what takes a FILE is no business of Python's
SOURCES = [*sorted(ROOT.glob("core/*/*.c")), PORTS / "jsonl.c", PORTS / "runner.c"]


def sources() -> list[str]:
    """C files of the binding, relative to the repository."""
    return [str(f.relative_to(ROOT)) for f in SOURCES if not f.stem.endswith("_test")]


def declarations() -> str:
    """Everything the public headers declare, as cffi wants it."""
    macros = []
    for header in HEADERS:
        for name, value in re.findall(r"^#define (SP_\w+)[ \t]+(\S+)", header.read_text(), re.M):
            if not re.search(r'[("]', value) or value.startswith(("INT", "UINT")):
                macros.append(f"#define {name} ...")
    includes = "".join(f'#include "{header}"\n' for header in HEADERS)
    # Empty system headers keep the C library's declarations out; cffi knows stdint's types.
    system = ROOT / "build" / "binding-include"
    system.mkdir(parents=True, exist_ok=True)
    for name in ("errno", "stdbool", "stddef", "stdint"):
        (system / f"{name}.h").write_text("")
    compiler = sysconfig.get_config_var("CC").split()[0]
    text = subprocess.run(
        [compiler, "-E", "-P", "-nostdinc", "-I", system, "-I", INCLUDE, "-I", PORTS, "-"],
        input=includes,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    text = re.sub(r"static inline .*?\n}\n", "", text, flags=re.S)
    return "\n".join(macros) + "\n" + text


ffibuilder = FFI()
ffibuilder.cdef(declarations())
ffibuilder.set_source(
    "soundpost._core",
    "".join(f'#include "{header.name}"\n' for header in HEADERS),
    sources=sources(),
    include_dirs=[str(INCLUDE), str(INCLUDE / "soundpost"), str(PORTS)],
    # -O3 lets the PC's vector units work; the arithmetic is integer, so the bytes stay the same.
    extra_compile_args=["-std=gnu11", "-O3", "-ffp-contract=off", "-Wno-unused-function"],
)

if __name__ == "__main__":
    ffibuilder.compile(verbose=True)
