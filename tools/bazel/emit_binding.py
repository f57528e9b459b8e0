# SPDX-License-Identifier: Apache-2.0
"""Write the C of a Python binding: emit_binding.py OUT.c binding.py HEADER…

The files are copied first, so that binding.py finds those that are given and no others.
"""

import os
import runpy
import shutil
import sys
import tempfile
from pathlib import Path


def main() -> None:
    """Copy the files to a folder of their own and run binding.py there."""
    out, *sources = (Path(argument) for argument in sys.argv[1:])
    out = out.absolute()
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name).resolve()
        for source in sources:
            (tree / source).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, tree / source)
        binding = runpy.run_path(str(tree / "ports" / "host" / "binding.py"))
        os.chdir(tree)
        binding["ffibuilder"].emit_c_code(str(out))


if __name__ == "__main__":
    main()
