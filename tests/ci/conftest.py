# SPDX-License-Identifier: Apache-2.0
"""A repository of the tests' own, in which ci/presubmit's parts are tried."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from soundpost_ci.step import Context

Git = Callable[..., None]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Run git in the repository below."""
    who = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.org")

    def run(*arguments: str) -> None:
        folder = tmp_path / "clone"
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)

    return run


@pytest.fixture
def repository(tmp_path: Path, git: Git) -> Path:
    """A repository with a part of core/, committed on `main`."""
    root = tmp_path / "clone"
    part = root / "core" / "level"
    part.mkdir(parents=True)
    (part / "level.c").write_text('#include <stdint.h>\n\n#include "filters.h"\n')
    (part / "filters.h").write_text("#include <soundpost/fixed.h>\n")
    (root / "README.md").write_text("# Clone\n")
    git("init", "--initial-branch", "main")
    git("add", ".")
    git("commit", "-m", "level: Begin")
    return root


@pytest.fixture
def context(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    """What a step is given there."""
    tools = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    return Context(repository, io.StringIO())
