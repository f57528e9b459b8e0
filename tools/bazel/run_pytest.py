# SPDX-License-Identifier: Apache-2.0
"""Run pytest on the declared files: run_pytest.py [--place=FILE=PATH]… TEST…

Bazel lays links to the files of the repository; what follows a link would find there what it did
not declare. So the tests run in a copy.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PLACE = "--place="


def main() -> int:
    """Copy, put files in their places, and run pytest; gives back its exit code."""
    runfiles = Path(os.environ["TEST_SRCDIR"]) / os.environ["TEST_WORKSPACE"]
    home = Path(os.environ["TEST_TMPDIR"])
    tree = home / "soundpost"
    shutil.copytree(runfiles, tree)
    tests = []
    for argument in sys.argv[1:]:
        if argument.startswith(PLACE):
            source, target = argument.removeprefix(PLACE).split("=")
            (tree / target).parent.mkdir(parents=True, exist_ok=True)
            (tree / source).rename(tree / target)
        else:
            tests.append(argument)
    environment = {
        **os.environ,
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(tree / "python"),
    }
    if (tree / "programs").is_dir():
        environment["SOUNDPOST_PROGRAMS"] = str(tree / "programs")
    options = ["-p", "no:cacheprovider", f"--junitxml={os.environ['XML_OUTPUT_FILE']}"]
    command = [sys.executable, "-m", "pytest", *options, *tests]
    return subprocess.run(command, cwd=tree, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
