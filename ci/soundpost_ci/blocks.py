# SPDX-License-Identifier: Apache-2.0
"""Commands in documents: the fenced blocks below a mark, `<!-- run -->` or another."""

import re
from dataclasses import dataclass

from soundpost_ci.step import FaultError

_FENCED = re.compile(r"\n\n?```sh\n(.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """Shell commands, and the line of the document that the first stands on."""

    document: str
    line: int
    commands: str

    @property
    def script(self) -> str:
        """The commands for bash: stopping at the first that fails, and naming it."""
        said = f"failed: {self.document}:$((LINENO + {self.line - 1})): $BASH_COMMAND"
        return f"set -euo pipefail; trap 'echo \"{said}\" >&2' ERR; {self.commands}"


def runnable(document: str, text: str, mark: str = "run") -> list[Block]:
    """The blocks of a document below `<!-- mark -->`, in order.

    Raises:
        FaultError: if no block follows a mark.
    """
    blocks = []
    for found in re.finditer(rf"^<!-- {re.escape(mark)} -->$", text, re.M):
        fenced = _FENCED.match(text, found.end())
        if fenced is None:
            line = text.count("\n", 0, found.start()) + 1
            raise FaultError(f"{document}:{line}: no ```sh block follows the mark")
        blocks.append(Block(document, text.count("\n", 0, fenced.start(1)) + 1, fenced.group(1)))
    return blocks
