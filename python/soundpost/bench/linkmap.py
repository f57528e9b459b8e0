# SPDX-License-Identifier: Apache-2.0
"""What the linker put where, from its map file."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# of .ARM, the attributes stay in the object file
FLASH_SECTIONS = (".text", ".rodata", ".data", ".vectors", ".ARM.ex")

# " .text.name   0x00000000   0x1c  folder/libsp_nn.a(conv.c.obj)"
_SECTION = re.compile(
    r"^ (\.[\w.$]+)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+\S*?lib(\w+)\.a\((\S+?)\.obj\)$", re.M
)


class Section(NamedTuple):
    """An input section: its name, size in bytes, and the library and object it came from."""

    name: str
    size: int
    library: str
    object: str

    @property
    def in_flash(self) -> bool:
        """Whether it takes flash (initialised data does, beside its RAM)."""
        return self.name.startswith(FLASH_SECTIONS)


def read_map(path: Path) -> Iterator[Section]:
    """The sections of libraries that a program holds, from GNU ld's map."""
    text = path.read_text(encoding="utf-8")
    linked = text[text.index("Linker script and memory map") :]
    # a long name stands on a line of its own
    joined = re.sub(r"^( \.[\w.$]+)\n +", r"\1 ", linked, flags=re.M)
    for name, _, size, library, source in _SECTION.findall(joined):
        yield Section(name, int(size, 16), library, source)
