# SPDX-License-Identifier: Apache-2.0
"""Who may include whom in core/: the arrows of the design, without a build."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

SHARED = frozenset({"types", "fixed", "settings"})
"""Public headers that every part may include."""

FREESTANDING = frozenset(
    f"{name}.h" for name in ("errno", "limits", "stdbool", "stddef", "stdint", "string")
)
"""What core/ may take of the C library: no heap, stdio or libm."""

_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def _part(path: PurePosixPath) -> str:
    """Part that a file of core/ belongs to, be it a source or a public header."""
    return path.stem if path.parts[1] == "include" else path.parts[1]


def _fault(path: PurePosixPath, bracket: str, name: str) -> str | None:
    part = _part(path)
    test = path.name.endswith("_test.c")
    if name.startswith("soundpost/"):
        header = PurePosixPath(name).stem
        # the sensor joins the others
        if part == "sensor" or header in SHARED | {part}:
            return None
        return f"{part} may not know {header}"
    if bracket == '"':
        if "/" in name:
            return "a private header of another part"
        return None
    if test or name in FREESTANDING:
        return None
    return "core/ does without it"


def violations(root: Path, names: Iterable[str]) -> Iterator[str]:
    """A line for each include in core/ that breaks the layering.

    Args:
        root: of the repository.
        names: paths of C files below core/, from the root.
    """
    for name in names:
        path = PurePosixPath(name)
        text = (root / name).read_text(encoding="utf-8")
        for found in _INCLUDE.finditer(text):
            bracket, header = found.groups()
            fault = _fault(path, bracket, header)
            if fault is None and bracket == '"' and not (root / path.parent / header).is_file():
                fault = "no header of this part"
            if fault is not None:
                line = text.count("\n", 0, found.start(1)) + 1
                yield f"{name}:{line}: includes {header}: {fault}"
