# SPDX-License-Identifier: Apache-2.0
"""The firmware's shell, typed at."""

import os
import re
import selectors
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

#: the firmware on QEMU, to be typed at and to crash; its stacks told of
QEMU_CONF = {
    "CONFIG_SOUNDPOST_SHELL": "y",
    "CONFIG_KERNEL_SHELL": "y",
    "CONFIG_SOUNDPOST_TEST_CRASH": "y",
    # simulations halt else
    "CONFIG_SOUNDPOST_FAULT_REBOOT": "y",
    "CONFIG_SOUNDPOST_WATCHDOG_S": "15",
    "CONFIG_OUTPUT_SYMBOLS": "y",
}
PROMPT = "uart:~$ "
ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Shell:
    """A firmware that one types at, from its start to the end of the block."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._said = ""
        self._selector = selectors.DefaultSelector()
        assert self.process.stdout is not None
        self._selector.register(self.process.stdout, selectors.EVENT_READ)

    def __enter__(self) -> Self:
        self._until_prompt()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.communicate()

    def _until_prompt(self, timeout_s: float = 60) -> str:
        """What is said before the next prompt; the log may go on behind it."""
        assert self.process.stdout is not None
        until = time.monotonic() + timeout_s
        while PROMPT not in self._said:
            waited = self._selector.select(until - time.monotonic())
            assert waited, f"no prompt after {self._said[-2000:]!r}"
            more = os.read(self.process.stdout.fileno(), 4096)
            assert more, f"the firmware has ended: {self._said}"
            # an erase of the rest of the line goes before each prompt
            self._said = ESCAPE.sub("", self._said + more.decode(errors="replace"))
        before, _, self._said = self._said.partition(PROMPT)
        return before

    def _write(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def paste(self, lines: Sequence[str]) -> None:
        """Type lines without a look at what is answered."""
        self._write("".join(f"{line}\n" for line in lines))
        for _ in lines:
            self._until_prompt()

    def type(self, line: str) -> list[str]:
        """What the firmware answers, without the echo and without the lines of the trace."""
        self._write(f"{line}\n")
        said = self._until_prompt().replace("\r", "").splitlines()
        answers = [answer for answer in said if answer and answer[0] != "{"]
        return answers[answers.index(line) + 1 :] if line in answers else answers
