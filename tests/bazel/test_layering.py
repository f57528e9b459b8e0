# SPDX-License-Identifier: Apache-2.0
"""The arrows of ARCHITECTURE.md hold: an include or a dependency against them does not build.

Each case is tried with Bazel itself, in a copy of the repository.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("core", "models", "platforms", "ports", "python", "tools")
FILES = (
    *("WORKSPACE", "BUILD.bazel", ".bazelrc", ".bazelignore", "platform_mappings"),
    *("pyproject.toml", "constraints.txt", "conftest.py"),
)

INCLUDES = {
    "a part's public header": ("frontend/frontend.c", "soundpost/level.h"),
    "the sensor's public header": ("level/level.c", "soundpost/sensor.h"),
    "fixed, which a part does not name": ("uplink/frames.c", "soundpost/fixed.h"),
    "a part's private header": ("level/level.c", "../frontend/fft.h"),
    "a private header, by the part above": ("sensor/sensor.c", "../frontend/fft.h"),
    "a header of a port": ("sensor/sensor.c", "../../ports/common/jsonl.h"),
}


class Workspace:
    """A copy of the repository with a Bazel server of its own."""

    def __init__(self, bazel: str, folder: Path) -> None:
        self.root = folder / "soundpost"
        self._command = [bazel, f"--output_base={folder / 'base'}"]
        for name in COPIED:
            ignore = shutil.ignore_patterns("__pycache__", "*.so", "*.egg-info")
            shutil.copytree(ROOT / name, self.root / name, ignore=ignore)
        for name in FILES:
            shutil.copyfile(ROOT / name, self.root / name)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*self._command, *arguments]
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False)

    def build(self, target: str) -> subprocess.CompletedProcess[str]:
        return self.run("build", "--jobs=2", "--symlink_prefix=/", "--keep_going", target)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    bazel = shutil.which("bazel")
    if bazel is None:
        pytest.skip("no Bazel: apt-get install bazel-bootstrap")
    made = Workspace(bazel, tmp_path_factory.mktemp("bazel"))
    yield made
    made.run("shutdown")
    made.run("clean", "--expunge")


def test_the_repository_builds_as_it_is(workspace: Workspace) -> None:
    done = workspace.build("//core/sensor")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", INCLUDES)
def test_a_forbidden_include_does_not_build(workspace: Workspace, name: str) -> None:
    place, header = INCLUDES[name]
    path = workspace.root / "core" / place
    text = path.read_text(encoding="utf-8")
    path.write_text(f'#include "{header}"\n{text}', encoding="utf-8")
    try:
        done = workspace.build(f"//core/{path.parent.name}")
    finally:
        path.write_text(text, encoding="utf-8")
    assert done.returncode != 0
    assert f"{header}: No such file" in done.stderr


def test_a_forbidden_dependency_does_not_build(workspace: Workspace) -> None:
    path = workspace.root / "core" / "level" / "BUILD.bazel"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"//core/fixed"', '"//core/frontend"'), encoding="utf-8")
    try:
        done = workspace.build("//core/level")
    finally:
        path.write_text(text, encoding="utf-8")
    assert done.returncode != 0
    assert "'//core/frontend:frontend' is not visible from" in done.stderr
