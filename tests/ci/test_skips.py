# SPDX-License-Identifier: Apache-2.0
"""A test that is skipped without a reason has failed."""

import subprocess
import sys
from pathlib import Path

from soundpost_ci.step import Counts
from soundpost_ci.steps.tests import count_pytest, skip_reasons

ROOT = Path(__file__).resolve().parents[2]


UNREASONED = """\
import pytest

def test_skips():
    pytest.skip()

@pytest.mark.skip
def test_is_marked():
    pass

@pytest.mark.skip("")
def test_is_marked_with_nothing():
    pass
"""

REASONED = """\
import pytest

def test_skips():
    pytest.skip("no board")

@pytest.mark.skip("no board")
def test_is_marked():
    pass

@pytest.mark.skipif(True, reason="no radio")
def test_is_marked_with_a_condition():
    pass

@pytest.mark.xfail
def test_is_expected_to_fail():
    assert False
"""

UNREASONED_FILE = "import pytest\n\npytest.skip(allow_module_level=True)\n"
REASONED_FILE = "import pytest\n\npytest.skip('no TensorFlow', allow_module_level=True)\n"


def _pytest(folder: Path, tests: str, module: str) -> str:
    (folder / "conftest.py").write_text((ROOT / "conftest.py").read_text(encoding="utf-8"))
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -ra\n")
    (folder / "test_some.py").write_text(tests)
    (folder / "test_file.py").write_text(module)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    command.append("--continue-on-collection-errors")
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_a_skip_without_a_reason_fails(tmp_path: Path) -> None:
    output = _pytest(tmp_path, UNREASONED, UNREASONED_FILE)

    assert count_pytest(output) == Counts(failed=4)
    assert output.count("skipped without a reason: pytest.skip('why')") >= 4


def test_a_skip_with_a_reason_is_counted(tmp_path: Path) -> None:
    output = _pytest(tmp_path, REASONED, REASONED_FILE)

    assert count_pytest(output) == Counts(skipped=4)
    assert skip_reasons(output) == {"no board": 2, "no radio": 1, "no TensorFlow": 1}
