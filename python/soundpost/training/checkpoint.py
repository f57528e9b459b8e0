# SPDX-License-Identifier: Apache-2.0
"""What a run has come to, on disk: enough to go on from as if it had never stopped."""

import json
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from soundpost.errors import UserError
from soundpost.files import whole_file

_VALUES = "values"
# what numpy, zipfile and json say of files that are none of theirs
_BROKEN = (
    *(OSError, EOFError, BadZipFile, struct.error, zlib.error),
    *(ValueError, KeyError, TypeError, AttributeError, NotImplementedError, RuntimeError),
)


@dataclass(frozen=True)
class Checkpoint:
    """A state of a run.

    Attributes:
        values: JSON's plain values.
        arrays: weights and all other numbers, by group.
    """

    values: dict[str, Any]
    arrays: dict[str, list[NDArray[Any]]]

    def save(self, path: Path) -> None:
        """Write it, whole or not at all.

        Raises:
            UserError: if `path` cannot be written.
        """
        text = json.dumps({**self.values, "counts": {k: len(v) for k, v in self.arrays.items()}})
        named: dict[str, NDArray[Any]] = {
            f"{group}_{n}": array
            for group, arrays in self.arrays.items()
            for n, array in enumerate(arrays)
        }
        named[_VALUES] = np.frombuffer(text.encode(), np.uint8)
        with whole_file(path) as temporary, temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, **named)

    @classmethod
    def load(cls, path: Path) -> "Checkpoint | None":
        """Read one; None if there is no file.

        Raises:
            UserError: if it is broken.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
                values = json.loads(found[_VALUES].tobytes())
                arrays = {
                    group: [found[f"{group}_{n}"] for n in range(count)]
                    for group, count in values.pop("counts").items()
                }
        except FileNotFoundError:
            return None
        except _BROKEN as error:
            raise broken(path, error) from error
        return cls(values, arrays)


def broken(path: Path, error: Exception) -> UserError:
    """What to say of a checkpoint that cannot be gone on from."""
    return UserError(f"{path} cannot be used ({error}); train anew with --restart")
