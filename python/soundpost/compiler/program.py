# SPDX-License-Identifier: Apache-2.0
"""What a network is lowered to: the structs of soundpost/nn.h, not yet as C nor in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from soundpost.compiler.graph import Operator, Tensor


@dataclass(frozen=True)
class Table:
    """A constant array: int8_t values, or rows (bias, multiplier, shift) of sp_nn_channel."""

    ctype: str
    values: NDArray[np.int8] | NDArray[np.int32]

    @property
    def bytes(self) -> int:
        """Flash that it takes."""
        return int(self.values.nbytes)


# A field of a parameter struct: a number, an array of them, a table, NULL, or a struct.
Field: TypeAlias = "int | Sequence[int] | Table | Mapping[str, Field] | None"


@dataclass(frozen=True)
class Step:
    """One call of a kernel; struct sp_nn_step without its place in the arena."""

    operator: Operator
    kernel: str
    params: Mapping[str, Field]
    inputs: tuple[Tensor, ...]
    scratch: int = 0
    macs: int = 0
    # whether the output may lie on an input of the same shape
    in_place: bool = False

    @property
    def output(self) -> Tensor:
        """The tensor that it writes."""
        return self.operator.output

    @property
    def params_type(self) -> str:
        """The C type of `params`."""
        shared = {"sp_nn_average_pool": "sp_nn_pool", "sp_nn_max_pool": "sp_nn_pool"}
        return f"struct {shared.get(self.kernel, self.kernel)}_params"

    @property
    def tables(self) -> dict[str, Table]:
        """The tables among the parameters, by the name of their field."""
        return dict(_tables(self.params))

    @property
    def table_bytes(self) -> int:
        """Flash that the tables take: weights, biases, scales, constants."""
        return sum(table.bytes for table in self.tables.values())


def _tables(fields: Mapping[str, Field]) -> list[tuple[str, Table]]:
    found: list[tuple[str, Table]] = []
    for name, value in fields.items():
        if isinstance(value, Table):
            found.append((name, value))
        elif isinstance(value, Mapping):
            found.extend(_tables(value))
    return found
