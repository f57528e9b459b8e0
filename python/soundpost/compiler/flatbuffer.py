# SPDX-License-Identifier: Apache-2.0
"""Reads tables, vectors and numbers of a flatbuffer, and nothing outside of it.

The layout is that of https://flatbuffers.dev/internals: a table starts with the distance back to
its vtable, which has the place of each field in the table, or 0 for one that has its default.
"""

import struct
from functools import cache

_OFFSET = struct.Struct("<I")
_DISTANCE = struct.Struct("<i")
_SLOT = struct.Struct("<H")

# Parts of a sound file are read about once; in a hostile one many may be the same bytes.
READINGS_MAX = 4
SPARE_BYTES = 4096
# of a table and its vtable, at least
TABLE_BYTES = 8

# what leads out of a file raises one of these
CORRUPTION = (struct.error, ValueError)


class Flatbuffer:
    """A file, and how much of it may still be read."""

    def __init__(self, data: bytes) -> None:
        """The flatbuffer in `data`."""
        self.data = data
        self._left = READINGS_MAX * len(data) + SPARE_BYTES

    def root(self) -> "Table":
        """The table that holds all others."""
        return Table(self, _OFFSET.unpack_from(self.data)[0])

    def spend(self, count: int) -> None:
        """Count bytes that are read.

        Raises:
            ValueError: if a file of this size should not have so many.
        """
        self._left -= count
        if self._left < 0:
            raise ValueError("parts of the file overlap")


class Table:
    """One table. Its methods raise one of CORRUPTION for what leads out of the file."""

    __slots__ = ("_at", "_data", "_file", "_slots", "_vtable")

    def __init__(self, file: Flatbuffer, at: int) -> None:
        """The table that starts at byte `at`."""
        file.spend(TABLE_BYTES)
        self._file = file
        self._data = file.data
        self._at = at
        self._vtable = at - _DISTANCE.unpack_from(file.data, at)[0]
        if self._vtable < 0:
            raise ValueError("a vtable lies before the file")
        # a slot counts from its first byte on, as for flatbuffers' own readers
        self._slots = (_SLOT.unpack_from(file.data, self._vtable)[0] - 3) // 2

    def has(self, slot: int) -> bool:
        """Whether a field is there."""
        return self._place(slot) is not None

    def number(self, slot: int, kind: str, default: float = 0) -> float:
        """A number; `kind` is its letter of the struct module."""
        at = self._place(slot)
        return default if at is None else _numbers(kind, 1).unpack_from(self._data, at)[0]

    def integer(self, slot: int, kind: str, default: int = 0) -> int:
        """The same of an integer."""
        return int(self.number(slot, kind, default))

    def table(self, slot: int) -> "Table | None":
        """A table, or None if the field is not there."""
        at = self._place(slot)
        return None if at is None else Table(self._file, self._follow(at))

    def length(self, slot: int) -> int:
        """How many elements a vector says that it has; 0 if it is not there."""
        at = self._place(slot)
        return 0 if at is None else int(_OFFSET.unpack_from(self._data, self._follow(at))[0])

    def element(self, slot: int, index: int) -> "Table":
        """A table of a vector of tables."""
        at = self._place(slot)
        if at is None or not 0 <= index < self.length(slot):
            raise ValueError("an index is out of range")
        return Table(self._file, self._follow(self._follow(at) + 4 * (index + 1)))

    def numbers(self, slot: int, kind: str) -> tuple[float, ...]:
        """All numbers of a vector."""
        at = self._place(slot)
        if at is None:
            return ()
        start, length = self._follow(at), self.length(slot)
        size = length * struct.calcsize(f"<{kind}")
        if start + 4 + size > len(self._data):
            raise ValueError("a vector ends behind the file")
        self._file.spend(size)
        return _numbers(kind, length).unpack_from(self._data, start + 4)

    def integers(self, slot: int, kind: str = "i") -> tuple[int, ...]:
        """The same of integers."""
        return self.numbers(slot, kind)  # type: ignore[return-value]  # of an integer's letter

    def view(self, slot: int) -> memoryview:
        """All bytes of a vector of bytes, not copied."""
        at = self._place(slot)
        if at is None:
            return memoryview(b"")
        start, length = self._follow(at) + 4, self.length(slot)
        if start + length > len(self._data):
            raise ValueError("a vector ends behind the file")
        return memoryview(self._data)[start : start + length]

    def _place(self, slot: int) -> int | None:
        """Where a field is."""
        if slot >= self._slots:
            return None
        distance = _SLOT.unpack_from(self._data, self._vtable + 4 + 2 * slot)[0]
        return self._at + distance if distance else None

    def _follow(self, at: int) -> int:
        """What the offset at `at` leads to."""
        return at + int(_OFFSET.unpack_from(self._data, at)[0])


@cache
def _kind(kind: str) -> struct.Struct:
    return struct.Struct(f"<{kind}")


def _numbers(kind: str, count: int) -> struct.Struct:
    return _kind(kind) if count == 1 else struct.Struct(f"<{count}{kind}")
