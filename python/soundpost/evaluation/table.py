# SPDX-License-Identifier: Apache-2.0
"""An evaluation on a terminal."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

TABLE_COLUMNS = 100
"""What it takes to show every row whole."""
HOW = {
    "float": "float network",
    "int8": "int8 network on TFLM",
    "compiled": "int8 network in compiled C",
    "sensor": "the sensor's pipeline in C",
}


def percent(share: float | None) -> str:
    """A share as people read it."""
    return "–" if share is None else f"{100 * share:.1f} %"


def interval(ends: list[float]) -> str:
    """A confidence interval."""
    return f"{percent(ends[0])} to {percent(ends[1])}"


def words(name: str) -> str:
    """The name of a class as people write it."""
    return name.replace("_", " ")


def render_table(document: Mapping[str, Any]) -> Group:
    """What a document tells, in tables."""
    dataset, costs = document["dataset"], document["costs"]
    folds = ", ".join(str(fold["fold"]) for fold in document["by_fold"]["folds"])
    title = (
        f"{document['name']}: {HOW[document['scorer']]}, on fold {folds} of {dataset['title']}, "
        f"windows overlap by {document['overlap_pct']} %"
    )
    notes = (
        f"{costs['parameters']:,} parameters, {costs['macs']:,} multiply-accumulates a window "
        f"({costs['macs_per_second']:,} a second), about {costs['instructions']:,} instructions of "
        f"a Cortex-M4F; {costs['flash_bytes']:,} bytes of flash, {costs['ram_bytes']:,} of RAM "
        f"(arena {costs['arena_bytes']:,})"
    )
    said = [Text(text) for text in (notes, told_seeds(document), told_agreement(document)) if text]
    return Group(Text(title), _parts(document), _classes(document), *said)


def points(difference: float) -> str:
    """A difference of shares as people read it."""
    return f"{100 * difference:+.1f}"


def told_seeds(document: Mapping[str, Any]) -> str:
    """What seeds do to the accuracy; empty if there is one."""
    seeds = document["by_seed"]
    if seeds is None:
        return ""
    return (
        f"mean of {len(seeds['seeds'])} seeds {percent(seeds['mean'])}, standard deviation "
        f"{100 * seeds['standard_deviation']:.1f} points; every clip counts once a seed"
    )


def told_agreement(document: Mapping[str, Any]) -> str:
    """How another way of running the networks compares; empty if none was asked for."""
    found = document["agreement"]
    if found is None:
        return ""
    return (
        f"against the {HOW[found['scorer']].removeprefix('the ')} ({percent(found['accuracy'])}, "
        f"this way {points(found['difference'])} points): of {found['clips']:,} clips "
        f"{found['chosen_differ']:,} get another class, and {found['scores_differ']:,} other scores"
    )


def _parts(document: Mapping[str, Any]) -> Table:
    table = _table("clips", "clips", "recordings", "accuracy", "95 % interval")
    _row(table, "all", document["overlaps"][0])
    for name, part in document["by_salience"].items():
        _row(table, name, part)
    if document["by_group"] is not None:
        _row(table, f"in {len(document['by_group']['groups'])} groups", document["by_group"])
    for part in document["by_seed"]["seeds"] if document["by_seed"] else []:
        _row(table, f"seed {part['seed']}", part)
    if len(document["by_fold"]["folds"]) > 1:
        for part in document["by_fold"]["folds"]:
            _row(table, f"fold {part['fold']}", part)
    for part in document["overlaps"][1:]:
        _row(table, f"all, overlap {part['overlap_pct']} %", part)
    return table


def _row(table: Table, name: str, part: Mapping[str, Any]) -> None:
    table.add_row(
        name,
        f"{part['clips']:,}",
        f"{part['recordings']:,}",
        percent(part["accuracy"]),
        interval(part["interval_95"]),
    )


def _classes(document: Mapping[str, Any]) -> Table:
    table = _table("class", "clips", "precision", "recall", "F1", "taken for")
    table.columns[-1].justify = "left"
    names = document["classes"]
    for n, row in enumerate(document["by_class"]):
        others = [
            (count, words(names[other]))
            for other, count in enumerate(document["test"]["confusion"][n])
            if other != n and count
        ]
        others.sort(key=lambda found: -found[0])
        table.add_row(
            words(row["name"]),
            f"{row['clips']:,}",
            *(percent(row[key]) for key in ("precision", "recall", "f1")),
            ", ".join(f"{name} {count}" for count, name in others[:2]),
        )
    return table


def _table(*columns: str) -> Table:
    table = Table(*columns, box=box.SIMPLE)
    for column in table.columns[1:]:
        column.justify = "right"
    return table
