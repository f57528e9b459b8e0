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


@dataclass(frozen=True)
class Symbol:
    """The address of a function of core/nn."""

    name: str


# A field of a parameter struct: a number, an array of them, a table, a function, NULL, or a struct.
Field: TypeAlias = "int | Sequence[int] | Table | Symbol | Mapping[str, Field] | None"


@dataclass(frozen=True)
class View:
    """Where a tensor lies that has no memory of its own: in another, some bytes from its start."""

    tensor: Tensor
    offset: int = 0


# such tensors, by index
Views: TypeAlias = Mapping[int, View]


@dataclass(frozen=True)
class Overlay:
    """A step that writes over what it has read: its output starts `shift` bytes from its input or
    lower, or higher if it works `backward`.
    """

    shift: int
    backward: bool = False


@dataclass(frozen=True)
class Step:
    """One call of a kernel; struct sp_nn_step without its place in the arena."""

    # what it runs, most often one
    operators: tuple[Operator, ...]
    kernel: str
    params: Mapping[str, Field]
    inputs: tuple[Tensor, ...]
    scratch: int = 0
    macs: int = 0
    # whether the output may lie on an input of the same shape
    in_place: bool = False
    # whether the input may lie at the start of the scratch, if nobody else needs it
    spreads: bool = False
    # bytes behind its tensors that it may touch
    margin: int = 0
    # how the output may lie on the input, if nobody else needs that
    overlay: Overlay | None = None
    # other ways to the same result
    others: tuple["Step", ...] = ()

    @property
    def operator(self) -> Operator:
        """The last operator that it runs, whose output it writes."""
        return self.operators[-1]

    @property
    def output(self) -> Tensor:
        """The tensor that it writes."""
        return self.operator.output

    @property
    def operator_names(self) -> str:
        """What it runs, to be read."""
        return " + ".join(operator.name for operator in self.operators)

    @property
    def params_type(self) -> str:
        """The C type of `params`."""
        shared = {
            "sp_nn_add_tables": "sp_nn_add",
            "sp_nn_average_pool": "sp_nn_pool",
            "sp_nn_max_pool": "sp_nn_pool",
            "sp_nn_queue": "sp_nn_keep",
        }
        return f"struct {shared.get(self.kernel, self.kernel)}_params"

    @property
    def tables(self) -> dict[str, Table]:
        """The tables among the parameters, by the names of their fields."""
        return dict(_tables(self.params, ""))

    @property
    def table_bytes(self) -> int:
        """Flash that the tables take: weights, biases, scales, constants."""
        return sum(table.bytes for table in self.tables.values())


def prefix_within(prefix: str, name: str, value: Mapping[str, Field]) -> str:
    """What comes before the names of the tables in field `name`: weights.weights is weights."""
    return prefix if name in value else f"{prefix}{name}_"


def _tables(fields: Mapping[str, Field], prefix: str) -> list[tuple[str, Table]]:
    found: list[tuple[str, Table]] = []
    for name, value in fields.items():
        if isinstance(value, Table):
            found.append((f"{prefix}{name}", value))
        elif isinstance(value, Mapping):
            found.extend(_tables(value, prefix_within(prefix, name, value)))
    return found
