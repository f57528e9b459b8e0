# SPDX-License-Identifier: Apache-2.0
"""What layers cost: shapes, parameters and multiply-accumulates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

from soundpost.errors import UserError
from soundpost.zoo.layers import (
    Convolution,
    Dense,
    Depthwise,
    Dropout,
    Flatten,
    GlobalMean,
    Layer,
    MaxPool,
    Pad,
    Padding,
    Pair,
    Residual,
    Separable,
)

Shape: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class Cost:
    """What one layer costs.

    Attributes:
        layer: the layer; of a Residual, each layer in it, then itself for the sum.
        source: shape of its input, without the batch.
        output: shape of its output.
        parameters: weights and biases once batch normalisation is folded in. The converter gives
            the bare depthwise convolution of a Separable a bias too.
        macs: multiply-accumulates of an inference; poolings and sums have none.
    """

    layer: Layer
    source: Shape
    output: Shape
    parameters: int = 0
    macs: int = 0


def layer_costs(layers: Sequence[Layer], source: Shape) -> list[Cost]:
    """The cost of each layer in turn.

    Args:
        layers: a network.
        source: shape of its input: columns, bands, channels.

    Raises:
        UserError: if a layer has nothing left to work on.
    """
    return list(_walk(layers, source))


def parameters(costs: Sequence[Cost]) -> int:
    """Parameters of all layers."""
    return sum(cost.parameters for cost in costs)


def multiplications(costs: Sequence[Cost]) -> int:
    """Multiply-accumulates of all layers."""
    return sum(cost.macs for cost in costs)


def _walk(layers: Sequence[Layer], source: Shape) -> Iterator[Cost]:
    for layer in layers:
        if isinstance(layer, Residual):
            inner = list(_walk(layer.layers, source))
            yield from inner
            cost = Cost(layer, source, inner[-1].output)
        else:
            cost = _cost(layer, source)
        if min(cost.output) < 1:
            shape = " x ".join(map(str, source))
            kind = type(layer).__name__.lower()
            raise UserError(f"its {kind} finds {shape} values left; it must be given more of them")
        yield cost
        source = cost.output


def _cost(layer: Layer, source: Shape) -> Cost:
    match layer:
        case Convolution():
            positions = _positions(source, layer.kernel, layer.strides, layer.padding)
            taps = prod(layer.kernel) * source[2]
            output = (*positions, layer.filters)
            weights = (taps + 1) * layer.filters
            return Cost(layer, source, output, weights, prod(output) * taps)
        case Depthwise():
            positions = _positions(source, layer.kernel, layer.strides, layer.padding)
            taps, output = prod(layer.kernel), (*positions, source[2])
            return Cost(layer, source, output, (taps + 1) * source[2], prod(output) * taps)
        case Separable():
            first = _cost(Depthwise(layer.kernel, layer.strides, layer.padding), source)
            second = _cost(Convolution(layer.filters, (1, 1)), first.output)
            weights = first.parameters + second.parameters
            return Cost(layer, source, second.output, weights, first.macs + second.macs)
        case Dense():
            weights = (source[0] + 1) * layer.units
            return Cost(layer, source, (layer.units,), weights, source[0] * layer.units)
        case MaxPool():
            positions = _positions(source, layer.size, layer.size, "valid")
            return Cost(layer, source, (*positions, source[2]))
        case Pad():
            sides = zip(source, layer.before, layer.after, strict=False)
            return Cost(layer, source, (*map(sum, sides), source[2]))
        case Flatten():
            return Cost(layer, source, (prod(source),))
        case GlobalMean():
            return Cost(layer, source, (source[2],))
        case Dropout() | Residual():
            return Cost(layer, source, source)


def _positions(source: Shape, kernel: Pair, strides: Pair, padding: Padding) -> Pair:
    def along(axis: int) -> int:
        lost = 1 if padding == "same" else kernel[axis]
        return (source[axis] - lost) // strides[axis] + 1

    return along(0), along(1)
