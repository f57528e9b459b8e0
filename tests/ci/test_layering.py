# SPDX-License-Identifier: Apache-2.0
"""Arrows of core/ are held without a build."""

from pathlib import Path

import pytest

from soundpost_ci import tree
from soundpost_ci.layering import violations

ROOT = Path(__file__).resolve().parents[2]


def _core(root: Path) -> list[str]:
    return tree.matching(tree.files(root), ("core/*.c", "core/*.h"))


def test_the_tree_keeps_to_the_arrows() -> None:
    assert list(violations(ROOT, _core(ROOT))) == []


def test_a_part_may_use_what_all_share(repository: Path) -> None:
    assert list(violations(repository, _core(repository))) == []


@pytest.mark.parametrize(
    ("include", "fault"),
    [
        ('"../level/filters.h"', "a private header of another part"),
        ('"core/level/filters.h"', "a private header of another part"),
        ('"filters.h"', "no header of this part"),
        ("<soundpost/level.h>", "nn may not know level"),
        ('"soundpost/sensor.h"', "nn may not know sensor"),
        ("<stdio.h>", "core/ does without it"),
        ("<math.h>", "core/ does without it"),
        ("<zephyr/kernel.h>", "core/ does without it"),
    ],
)
def test_a_forbidden_include_is_named(repository: Path, include: str, fault: str) -> None:
    file = repository / "core" / "nn" / "dense.c"
    file.parent.mkdir()
    file.write_text(f"#include <stdint.h>\n#  include {include}\n")

    said = list(violations(repository, _core(repository)))

    assert said == [f"core/nn/dense.c:2: includes {include[1:-1]}: {fault}"]


def test_the_sensor_joins_the_parts_and_a_test_may_print(repository: Path) -> None:
    for name, text in {
        "core/sensor/sensor.c": "#include <soundpost/level.h>\n#include <soundpost/nn.h>\n",
        "core/level/level_test.c": "#include <stdio.h>\n#include <cmocka.h>\n",
        "core/include/soundpost/sensor.h": "#include <soundpost/level.h>\n",
    }.items():
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text(text)

    assert list(violations(repository, _core(repository))) == []
