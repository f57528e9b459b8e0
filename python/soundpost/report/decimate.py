# SPDX-License-Identifier: Apache-2.0
"""A long run in constant memory: rows are pooled, by more and more as the run grows."""

from typing import Any

import numpy as np
import numpy.typing as npt


class Decimated:
    """At most `CAPACITY` rows, each of them `factor` rows of the input under one ufunc.

    All rows are kept until there are `CAPACITY` of them; then neighbours are pooled in pairs and
    `factor` doubles. What comes out depends on the rows alone, not on how they were handed in.
    """

    CAPACITY = 4096

    def __init__(self, width: int, dtype: npt.DTypeLike, pool: np.ufunc) -> None:
        """Begin with nothing.

        Args:
            width: values of a row.
            dtype: their type.
            pool: how rows are pooled: `np.maximum`, `np.fmax`, `np.add`, …
        """
        self._body = np.zeros((self.CAPACITY, width), dtype)
        self._pool = pool
        self._whole = 0
        self._begun = 0
        self.factor = 1

    def extend(self, rows: npt.NDArray[Any]) -> None:
        """Take rows of shape (n, width)."""
        at = 0
        while at < len(rows):
            taken = rows[at : at + self.factor - self._begun]
            pooled = self._pool.reduce(taken, axis=0)
            if self._begun:
                pooled = self._pool(self._body[self._whole], pooled)
            self._body[self._whole] = pooled
            self._begun += len(taken)
            at += len(taken)
            if self._begun == self.factor:
                self._begun = 0
                self._whole += 1
            if self._whole == self.CAPACITY:
                self._whole //= 2
                self._body[: self._whole] = self._pool(self._body[0::2], self._body[1::2])
                self.factor *= 2

    def __len__(self) -> int:
        """Rows taken so far."""
        return self._whole * self.factor + self._begun

    def rows(self) -> npt.NDArray[Any]:
        """The pooled rows; the last may stand for fewer than `factor` rows of the input."""
        return self._body[: self._whole + (self._begun > 0)]
