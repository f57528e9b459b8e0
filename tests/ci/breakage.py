# SPDX-License-Identifier: Apache-2.0
"""Break a copy of the tree in each way that the presubmit must catch, and see which step does.

    .venv/bin/python tests/ci/breakage.py [CASE]...

It sets the copy up from nothing and runs the real steps, for minutes; exit code 1 where one of them
lets a fault through, or another one fails too. ci/README.md has the results.
"""

import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "ci"))

from soundpost_ci import tree  # noqa: E402
from soundpost_ci.budget import Budget  # noqa: E402
from soundpost_ci.run import LOGS  # noqa: E402

BUDGET = Budget.read(ROOT / "ci" / "budget.json").figures
SOFTMAX = "m4f.inference.stride_ds_24.compiled.5_softmax.instructions"
NOPS = round(0.05 * BUDGET[SOFTMAX])


@dataclass(frozen=True)
class Case:
    """A fault: in `file`, `new` in place of `old`; the step that names it, and how."""

    file: str
    old: str
    new: str
    presubmit: tuple[str, ...]
    step: str
    says: str


CASES = {
    "unformatted file": Case(
        "python/soundpost/errors.py",
        '"""\n',
        '"""\nx=1\n',
        ("--step", "format"),
        "format",
        r"errors\.py",
    ),
    "private header of another part, lint": Case(
        "core/level/level.c",
        "#include",
        '#include "../frontend/fft.h"\n#include',
        ("--step", "lint"),
        "lint",
        r"level\.c:\d+: includes \.\./frontend/fft\.h: a private header of another part",
    ),
    "private header of another part, bazel": Case(
        "core/level/level.c",
        "#include",
        '#include "../frontend/fft.h"\n#include',
        ("--step", "bazel"),
        "bazel",
        r"level\.c:\d+:\d+: fatal error: \.\./frontend/fft\.h: No such file",
    ),
    "stale generated table": Case(
        "models/stride_ds_24/recipe.yaml",
        "fmin: 60.0",
        "fmin: 80.0",
        ("quick",),
        "unit",
        r"FAILED tests/models/test_models\.py::test_generated_files_are_current",
    ),
    "smallest kernel 5 % slower": Case(
        "core/nn/softmax.c",
        "void sp_nn_softmax(const struct sp_nn_step *step, int8_t *arena)\n{\n",
        "void sp_nn_softmax(const struct sp_nn_step *step, int8_t *arena)\n{\n"
        f'\t__asm__ volatile(".rept {NOPS}\\n\\tnop\\n\\t.endr");\n',
        ("--step", "bench"),
        "bench",
        re.escape(SOFTMAX) + ": over",
    ),
    "broken README command": Case(
        "README.md",
        "make demo\n",
        "make dmeo\n",
        ("--step", "docs"),
        "docs",
        r"failed: README\.md:\d+: make dmeo",
    ),
    "test skipped without a reason": Case(
        "tests/models/test_models.py",
        "\n\n\ndef test_generated_files_are_current",
        "\n\n\n@pytest.mark.skip\ndef test_generated_files_are_current",
        ("quick",),
        "unit",
        r"test_models\.py:\d+: skipped without a reason",
    ),
}


def copy_of_the_tree(folder: Path) -> Path:
    """The tree as it is, set up."""
    root = folder / "soundpost"
    tree.copy(ROOT, root)
    subprocess.run(["make", "--quiet", "setup"], cwd=root, check=True)
    return root


def try_case(root: Path, case: Case) -> str:
    """Break, run, mend; gives what is wrong, empty if the step caught it."""
    path = root / case.file
    whole = path.read_text(encoding="utf-8")
    if case.old not in whole:
        return f"{case.old!r} is not in {case.file}"
    path.write_text(whole.replace(case.old, case.new, 1), encoding="utf-8")
    try:
        command = [str(root / "ci" / "presubmit"), *case.presubmit]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    finally:
        path.write_text(whole, encoding="utf-8")
    failed = re.findall(r"^(\w+): failed in", done.stdout, re.M)
    if failed != [case.step]:
        return f"failed: {failed or 'nothing'}, not {case.step}\n{done.stdout}{done.stderr}"
    if re.search(case.says, done.stdout) is None:
        return f"{LOGS}/{case.step}.log does not say {case.says}\n{done.stdout}"
    return ""


def main() -> int:
    """Try the cases that are named, or all."""
    unknown = [name for name in sys.argv[1:] if name not in CASES]
    if unknown:
        print(f"error: no case {unknown[0]!r}; there are {', '.join(CASES)}", file=sys.stderr)
        return 2
    let_through = 0
    with tempfile.TemporaryDirectory() as folder:
        root = copy_of_the_tree(Path(folder))
        for name in sys.argv[1:] or CASES:
            wrong = try_case(root, CASES[name])
            print(f"{name}: {wrong or f'caught by {CASES[name].step}'}", flush=True)
            let_through += bool(wrong)
        subprocess.run(["bazel", "clean", "--expunge"], cwd=root, capture_output=True, check=False)
    return 1 if let_through else 0


if __name__ == "__main__":
    sys.exit(main())
