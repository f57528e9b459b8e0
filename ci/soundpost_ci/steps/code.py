# SPDX-License-Identifier: Apache-2.0
"""Steps that read the code: format, lint, types."""

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from soundpost_ci import layering
from soundpost_ci.step import Context, FaultError, Step

C_FILES = ("*.c", "*.h")
PYTHON_FILES = ("*.py", "ci/presubmit")
SHELL_FILES = ("*.sh", ".ci/run", "tools/system-packages")
YAML_FILES = ("*.yml", "*.yaml")
SPELLED_FILES = ("*.py", "*.c", "*.h", "*.md", "*.cmake", "*.sh", "*.yml", "*.txt", "Makefile")

# text of others, and what a program wrote
NOT_SPELLED = ("constraints.txt", "LICENSE")


def _all_of(checks: Sequence[Callable[[], object]]) -> None:
    """Run every check, so that one run names all faults.

    Raises:
        FaultError: with what all of them said.
    """
    said = []
    for check in checks:
        try:
            check()
        except FaultError as fault:
            said.append(str(fault))
    if said:
        raise FaultError("\n\n".join(said))


def _check_format(context: Context) -> None:
    checks: list[Callable[[], object]] = []
    python = context.files(*PYTHON_FILES)
    if python:
        checks.append(lambda: context.call("ruff", "format", "--check", "--force-exclude", *python))
    c = context.files(*C_FILES)
    if c:
        checks.append(lambda: context.call("clang-format", "--dry-run", "--Werror", *c))
    _all_of(checks)
    context.note = f"{len(python)} Python, {len(c)} C files"


def _compiled(context: Context) -> list[str]:
    """C files that CMake knows how to compile on this machine, of those to look at."""
    folder = context.root / "build" / "lint"
    context.call(
        *("cmake", "-S", ".", "-B", str(folder), "-G", "Ninja", "-DSOUNDPOST_TESTS=ON"),
        "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
    )
    commands = json.loads((folder / "compile_commands.json").read_text(encoding="utf-8"))
    known = {str(Path(command["file"]).relative_to(context.root)) for command in commands}
    return [name for name in context.files("core/*.c", "ports/*.c") if name in known]


def _tidy(context: Context) -> None:
    names = _compiled(context)
    jobs = os.cpu_count() or 1
    shares = [share for share in (names[start::jobs] for start in range(jobs)) if share]

    # the analyzer takes thirty times as long as all the rest
    checks = ("--checks=-clang-analyzer-*",) if context.quick else ()

    def tidy(share: list[str]) -> None:
        # pragmas of GCC, which compiles it
        flags = ("--quiet", "--extra-arg=-Wno-unknown-pragmas", *checks)
        context.call("clang-tidy", "-p", "build/lint", *flags, *share)

    with ThreadPoolExecutor(jobs) as pool:
        _all_of([pool.submit(tidy, share).result for share in shares])


def _check_layers(context: Context) -> None:
    broken = list(layering.violations(context.root, context.files("core/*.c", "core/*.h")))
    if broken:
        raise FaultError("\n".join(broken))


def _lint(context: Context) -> None:
    def on(patterns: Sequence[str], *command: str) -> Callable[[], object]:
        names = [name for name in context.files(*patterns) if name not in NOT_SPELLED]
        return lambda: context.call(*command, *names) if names else None

    _all_of(
        [
            on(PYTHON_FILES, "ruff", "check", "--force-exclude"),
            on(SHELL_FILES, "shellcheck"),
            on(YAML_FILES, "yamllint", "--strict"),
            on(SPELLED_FILES, "codespell"),
            lambda: _check_layers(context),
            lambda: _tidy(context) if context.files(*C_FILES) else None,
        ]
    )


def _check_types(context: Context) -> None:
    context.call("mypy")


STEPS = (
    Step(
        "format",
        "ruff format, clang-format",
        (*PYTHON_FILES, *C_FILES, ".clang-format", "pyproject.toml", "constraints.txt"),
        _check_format,
    ),
    Step(
        "lint",
        "ruff, clang-tidy, shellcheck, yamllint, codespell, includes of core/",
        (*PYTHON_FILES, *C_FILES, *SHELL_FILES, *YAML_FILES, *SPELLED_FILES, ".clang-tidy"),
        _lint,
    ),
    Step("types", "mypy --strict", ("*.py", "pyproject.toml", "constraints.txt"), _check_types),
)
