# SPDX-License-Identifier: Apache-2.0
"""What a compiled network costs, layer by layer."""

from typing import Any

from rich import box
from rich.table import Table

from soundpost.compiler.compile import Compiled
from soundpost.compiler.estimate import estimate
from soundpost.compiler.graph import Tensor
from soundpost.compiler.stream.compile import Streamed

NAME_COLUMNS = 12
# what it takes to show every number whole
TABLE_COLUMNS = 128


def report(compiled: Compiled) -> dict[str, Any]:
    """The costs, for JSON: bytes, multiply-accumulates, instructions as estimated for a Cortex-M4F,
    shapes with their batch.
    """
    plan, steps = compiled.plan, compiled.steps
    layers = [
        {
            "layer": step.output.name,
            "operator": step.operator_names,
            "kernel": step.kernel,
            "input_shape": list(step.inputs[0].shape),
            "output_shape": list(step.output.shape),
            "macs": step.macs,
            "instructions": estimate(step),
            "weight_bytes": step.table_bytes,
            "ram_bytes": ram,
        }
        for step, ram in zip(steps, plan.step_bytes, strict=True)
    ]
    return {
        "sha256": compiled.graph.sha256,
        "layers": layers,
        "macs": compiled.macs,
        "instructions": compiled.instructions,
        "weight_bytes": sum(step.table_bytes for step in steps),
        "arena_bytes": plan.arena_bytes,
        "peak_bytes": plan.peak_bytes,
        "peak_layer": steps[plan.peak_step].output.name,
    }


def report_streamed(streamed: Streamed) -> dict[str, Any]:
    """The costs of a streaming form, for JSON: those of its body, for a chunk of columns, and of
    its head; and what a hop of about half a window takes, beside the whole window.
    """
    return {
        "sha256": streamed.windowed.graph.sha256,
        "body": report(streamed.body),
        "head": report(streamed.head),
        **streamed.sizes,
        "hop": streamed.hop,
        "hop_instructions": streamed.hop_instructions,
        "windowed_instructions": streamed.windowed.instructions,
        "windowed_arena_bytes": streamed.windowed.plan.arena_bytes,
    }


def report_table(compiled: Compiled, what: str = "") -> Table:
    """The same, to be read; `what` names the part of a network."""
    costs = report(compiled)
    peak = compiled.plan.peak_step + 1
    table = Table(
        title=what or None,
        title_justify="left",
        box=box.SIMPLE,
        show_footer=True,
        caption=f"instructions of a Cortex-M4F, estimated; weights and RAM in bytes; arena"
        f" {costs['arena_bytes']:,} bytes, fullest in layer {peak}",
        caption_justify="left",
    )
    table.add_column("layer", "total", no_wrap=True)
    for column in ("operator", "kernel", "input", "output"):
        table.add_column(column, no_wrap=True)
    for column, total in (
        ("MACs", "macs"),
        ("instr.", "instructions"),
        ("weights", "weight_bytes"),
    ):
        table.add_column(column, f"{costs[total]:,}", justify="right", no_wrap=True)
    table.add_column("RAM", f"{costs['arena_bytes']:,}", justify="right", no_wrap=True)
    for number, (step, layer) in enumerate(zip(compiled.steps, costs["layers"], strict=True), 1):
        table.add_row(
            f"{number} {_short(step.output)}",
            step.operator_names.replace(" + ", "\n+ "),
            step.kernel.removeprefix("sp_nn_"),
            _shape(step.inputs[0]),
            _shape(step.output),
            *(f"{layer[key]:,}" for key in ("macs", "instructions", "weight_bytes", "ram_bytes")),
        )
    return table


def hop_text(streamed: Streamed) -> str:
    """What a hop of a streaming form takes, in a sentence."""
    windowed = streamed.windowed
    share = streamed.hop_instructions / windowed.instructions
    return (
        f"a hop of {streamed.hop} of {streamed.window} columns: {streamed.hop_instructions:,}"
        f" instructions, {share:.2f} of the whole window's {windowed.instructions:,}; arena"
        f" {streamed.arena_bytes:,} bytes, of which {streamed.kept_bytes:,} are kept from hop to"
        f" hop, beside {windowed.plan.arena_bytes:,}"
    )


def _short(tensor: Tensor) -> str:
    # TensorFlow joins the names of everything it fused, and the last path element says the most
    name = tensor.name.split(";")[0].rstrip("/").split("/")[-1]
    return name if len(name) <= NAME_COLUMNS else name[: NAME_COLUMNS - 1] + "…"


def _shape(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape[1:] or tensor.shape))
