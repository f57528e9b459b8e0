# SPDX-License-Identifier: Apache-2.0
"""A network as its .tflite file tells it: tensors and operators, already checked for soundness."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from soundpost.errors import UserError

# every size in core/nn is a uint16_t
SIZE_MAX = 65535
ARENA_MAX = 65536  # SP_NN_ARENA_MAX

# rows above and below an input, and columns left and right of it
Margins: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
NO_MARGINS: Margins = ((0, 0), (0, 0))


@dataclass(frozen=True)
class Quantization:
    """Affine quantisation, real = scale (q - zero point); one value, or one a channel."""

    scales: NDArray[np.float32]
    zero_points: NDArray[np.int64]
    dimension: int


@dataclass(frozen=True)
class Tensor:
    """One tensor; `data` has the bytes of a constant, little endian, and is None otherwise."""

    index: int
    name: str
    shape: tuple[int, ...]
    type: str
    quantization: Quantization | None = None
    data: memoryview | None = None

    @property
    def size(self) -> int:
        """Number of values."""
        return math.prod(self.shape)

    @property
    def scale(self) -> float:
        """Scale of a tensor that is quantised as a whole: a float, widened as C widens it."""
        assert self.quantization is not None
        return float(self.quantization.scales[0])

    @property
    def zero_point(self) -> int:
        """Zero point of a tensor that is quantised as a whole, -128 to 127."""
        assert self.quantization is not None
        return int(self.quantization.zero_points[0])

    def values(self) -> NDArray[np.int64]:
        """The values of a constant, in its shape."""
        assert self.data is not None
        width = {"INT8": "<i1", "INT32": "<i4"}[self.type]
        return np.frombuffer(self.data, width).reshape(self.shape).astype(np.int64)


@dataclass(frozen=True)
class Operator:
    """One operator; a missing optional input is None.

    `margins` are what a convolution has around its input before its own padding, each value the
    zero point.
    """

    source: str
    name: str
    inputs: tuple[Tensor | None, ...]
    output: Tensor
    options: Mapping[str, float] = field(default_factory=dict)
    margins: Margins = NO_MARGINS

    def fault(self, what: str) -> UserError:
        """An error that names the file, the operator and the layer."""
        layer = f"layer {self.output.name!r}, tensor {self.output.index}"
        return UserError(f"{self.source}: {self.name} ({layer}): {what}")

    def option(self, name: str) -> int:
        """An option that is an integer."""
        return int(self.options[name])

    def input(self, position: int) -> Tensor:
        """An input that must be there.

        Raises:
            UserError: if it is not.
        """
        tensor = self.optional(position)
        if tensor is None:
            raise self.fault(f"input {position} is missing; the file is corrupt")
        return tensor

    def optional(self, position: int) -> Tensor | None:
        """An input that may be left out."""
        return self.inputs[position] if position < len(self.inputs) else None


@dataclass(frozen=True)
class Graph:
    """A network with one input and one output, its operators in order of execution.

    `state` are tensors that hold their values from one run to the next.
    """

    source: str
    sha256: str
    operators: tuple[Operator, ...]
    input: Tensor
    output: Tensor
    state: tuple[Tensor, ...] = ()
