# SPDX-License-Identifier: Apache-2.0
"""From a .tflite file to steps with a memory plan."""

from dataclasses import dataclass
from pathlib import Path

from soundpost.compiler.choose import choose
from soundpost.compiler.estimate import estimate
from soundpost.compiler.fold import fold_padding
from soundpost.compiler.fuse import fuse
from soundpost.compiler.graph import Graph
from soundpost.compiler.lowering import lower
from soundpost.compiler.plan import Plan
from soundpost.compiler.program import Step
from soundpost.compiler.reader import parse, read_file


@dataclass(frozen=True)
class Compiled:
    """A network, ready to be written as C or built in memory."""

    graph: Graph
    steps: tuple[Step, ...]
    plan: Plan

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of the input, without the batch."""
        return self.graph.input.shape[1:]

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the output, without the batch."""
        return self.graph.output.shape[1:]

    @property
    def macs(self) -> int:
        """Multiply-accumulates of a run."""
        return sum(step.macs for step in self.steps)

    @property
    def instructions(self) -> int:
        """Instructions of a run, as estimated for a Cortex-M4F."""
        return sum(estimate(step) for step in self.steps)

    @property
    def sizes(self) -> dict[str, int]:
        """The fields of struct sp_nn_network, but for its steps."""
        graph, plan = self.graph, self.plan
        return {
            "step_count": len(self.steps),
            "arena_bytes": plan.arena_bytes,
            "input_offset": plan.tensors[graph.input.index],
            "input_bytes": graph.input.size,
            "output_offset": plan.tensors[graph.output.index],
            "output_bytes": graph.output.size,
        }

    def offsets(self, index: int) -> tuple[int, int, int, int]:
        """Where step `index` has its inputs, its output and its scratch in the arena."""
        step = self.steps[index]
        inputs = [self.plan.tensors[tensor.index] for tensor in step.inputs]
        output = self.plan.tensors[step.output.index]
        second = inputs[1] if len(inputs) > 1 else 0
        return inputs[0], second, output, self.plan.scratch[index]


def compile_network(model: Path | str | bytes, source: str = "model") -> Compiled:
    """Compile a .tflite file, or its bytes (which errors call `source`).

    Raises:
        UserError: if the file cannot be read, is corrupt or holds what is not supported.
    """
    if isinstance(model, bytes):
        data = model
    else:
        data, source = read_file(Path(model)), str(model)
    graph = parse(data, source)
    steps, plan = compile_graph(fold_padding(graph))
    return Compiled(graph, steps, plan)


def compile_graph(graph: Graph) -> tuple[tuple[Step, ...], Plan]:
    """The steps of a network, and their places in the arena.

    Raises:
        UserError: if something of it is not supported.
    """
    lowered, views = lower(graph)
    steps, plan = choose(graph, fuse(graph, lowered, views), views)
    return tuple(steps), plan
