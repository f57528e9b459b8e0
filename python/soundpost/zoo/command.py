# SPDX-License-Identifier: Apache-2.0
"""`soundpost zoo`."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from soundpost.models.recipe import Recipe
from soundpost.zoo.architectures import EXAMPLES, Architecture, ThesisNetwork
from soundpost.zoo.cost import Cost, layer_costs, multiplications, parameters
from soundpost.zoo.thesis import PUBLISHED, THESIS_INPUT
from soundpost.zoo.xcube import xcube_count

CLASSES = 10
TABLE_COLUMNS = 100
NOTES = """\
parameters: with batch normalisation folded in, as in the .tflite
by X-CUBE: our layers counted as X-CUBE-AI 3.4 counts, which the thesis's figures are: of a \
depthwise convolution one channel alone, but biases, ReLU, softmax and pooling too
accuracy: the thesis's, on UrbanSound8K's ten folds
stride_btln_ds: 3,000 more than the thesis's, for the ReLU that its code lost in the bottleneck
soundpost_ir, residual_convolution: examples; a recipe chooses their widths and depths"""


def zoo(
    recipe: Annotated[
        Path | None, typer.Argument(help="A recipe.yaml, to see its network layer by layer.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the networks that a recipe can name, and what they cost beside the thesis's figures."""
    found: Any
    if recipe is None:
        found = [_row(network) for network in (*map(ThesisNetwork, PUBLISHED), *EXAMPLES.values())]
        table, notes = _networks(found), NOTES
    else:
        found = _network(Recipe.from_file(recipe))
        table, notes = _layers(found), ""
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    console = Console(highlight=False)
    console.width = max(console.width, TABLE_COLUMNS)
    console.print(table)
    if notes:
        console.print(notes)


def _row(network: Architecture) -> dict[str, Any]:
    costs = layer_costs(network.layers(CLASSES, dropout=0.0), THESIS_INPUT)
    row: dict[str, Any] = {
        "architecture": network.architecture,
        "parameters": parameters(costs),
        "macs": multiplications(costs),
    }
    published = PUBLISHED.get(network.architecture)
    if published is None:
        return row
    return row | {
        "xcube_macs": xcube_count(costs),
        "thesis": {
            "title": published.title,
            "macs": published.macs,
            "flash_bytes": published.flash,
            "ram_bytes": published.ram,
            "accuracy": published.accuracy,
        },
        "macs_to_thesis": round(row["macs"] / published.macs, 3),
    }


def _networks(rows: list[dict[str, Any]]) -> Table:
    table = Table(
        "architecture",
        "parameters",
        "MAC",
        "by X-CUBE",
        "thesis's",
        "MAC to it",
        "accuracy",
        title="a window of 31 columns and 60 bands, 10 classes",
    )
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows:
        thesis = row.get("thesis")
        table.add_row(
            row["architecture"],
            f"{row['parameters']:,}",
            f"{row['macs']:,}",
            f"{row['xcube_macs']:,}" if thesis else "–",
            f"{thesis['macs']:,}" if thesis else "–",
            f"{row['macs_to_thesis']:.2f}" if thesis else "–",
            f"{thesis['accuracy']:.1%}" if thesis else "–",
        )
    return table


def _network(recipe: Recipe) -> dict[str, Any]:
    costs = recipe.costs
    return {
        "name": recipe.name,
        "architecture": recipe.network.architecture,
        "parameters": parameters(costs),
        "macs": multiplications(costs),
        "layers": [_layer(cost) for cost in costs],
    }


def _layer(cost: Cost) -> dict[str, Any]:
    return {
        "layer": type(cost.layer).__name__.lower(),
        "input_shape": list(cost.source),
        "output_shape": list(cost.output),
        "parameters": cost.parameters,
        "macs": cost.macs,
    }


def _layers(network: dict[str, Any]) -> Table:
    title = f"{network['name']}: {network['architecture']}"
    table = Table("layer", "input", "output", "parameters", "MAC", title=title, show_footer=True)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in network["layers"]:
        table.add_row(
            row["layer"],
            _shape(row["input_shape"]),
            _shape(row["output_shape"]),
            f"{row['parameters']:,}",
            f"{row['macs']:,}",
        )
    table.columns[3].footer = f"{network['parameters']:,}"
    table.columns[4].footer = f"{network['macs']:,}"
    return table


def _shape(shape: list[int]) -> str:
    return " x ".join(map(str, shape))
