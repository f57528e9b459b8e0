# SPDX-License-Identifier: Apache-2.0
"""Where the records go as lines of JSON."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from soundpost.files import is_special, pending_file, writing


@contextmanager
def open_lines(path: Path, endless: bool) -> Iterator[Callable[[bytes], None]]:
    """Give a function that writes lines at once.

    Args:
        path: the file, or "-" for standard output.
        endless: append to the file as lines come, for nobody knows when they end; else the file
            appears whole when all has gone well.

    Raises:
        UserError: if the file cannot be written, now or later.
    """
    to_stdout = str(path) == "-"
    file: BinaryIO | FileIO
    with ExitStack() as stack:
        if to_stdout:
            file = sys.stdout.buffer
        else:
            at_once = endless or is_special(path)
            place = stack.enter_context(nullcontext(path) if at_once else pending_file(path))
            with writing(path):
                place.parent.mkdir(parents=True, exist_ok=True)
                # unbuffered, so that nothing is left that could fail when it is closed
                file = stack.enter_context(place.open("ab", buffering=0))

        def write(text: bytes) -> None:
            with nullcontext() if to_stdout else writing(path):
                while text:
                    text = text[file.write(text) :]
                file.flush()

        yield write
