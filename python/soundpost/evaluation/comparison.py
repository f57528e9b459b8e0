# SPDX-License-Identifier: Apache-2.0
"""Networks side by side, as one JSON document; schema.md lists its keys."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from soundpost import __version__
from soundpost.evaluation.metrics import by_group, by_salience, by_seed, in_short, macro, share
from soundpost.evaluation.outcome import Outcome
from soundpost.evaluation.significance import difference, holm
from soundpost.evaluation.table import HOW, interval, percent, points
from soundpost.zoo.thesis import PUBLISHED

FORMAT = "soundpost-comparison/1"

REFERENCED = "urbansound8k"
"""The dataset that the thesis's figures are of."""

TABLE_COLUMNS = 150
"""What it takes to show every row whole."""


def compare(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The document.

    Raises:
        UserError: if two outcomes do not agree on what a clip is.
    """
    first = outcomes[0]
    return {
        "format": FORMAT,
        "generator": f"soundpost compare {__version__}",
        "dataset": {"layout": first.layout, "title": first.title},
        "networks": [_network(outcome) for outcome in outcomes],
        "pairs": _pairs(outcomes),
        "references": _references() if first.layout == REFERENCED else [],
    }


def _network(outcome: Outcome) -> dict[str, Any]:
    verdict = outcome.verdict
    return {
        "label": outcome.label,
        "name": outcome.name,
        "scorer": outcome.scorer,
        "overlap_pct": outcome.overlap_pct,
        "folds": sorted({clip.fold for clip in verdict.clips}),
        **in_short(verdict),
        "macro": macro(verdict.confusion(len(outcome.classes))),
        "by_seed": by_seed(verdict),
        "by_salience": by_salience(verdict),
        "by_group": by_group(verdict, outcome.classes),
        "costs": outcome.costs,
    }


def _pairs(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    found = []
    for first, second in combinations(outcomes, 2):
        apart = difference(first.verdict, second.verdict)
        if apart is not None:
            found.append((first.label, second.label, apart))
    adjusted = holm([apart.p for _, _, apart in found])
    return [
        {
            "first": first,
            "second": second,
            "clips": apart.clips,
            "recordings": apart.recordings,
            "first_only": apart.first_only,
            "second_only": apart.second_only,
            "difference": share(apart.accuracy),
            "interval_95": [share(end) for end in apart.interval],
            "p": _significant(apart.p),
            "p_holm": _significant(p),
            "by_seed": [
                {"seed": seed, "difference": share(value)} for seed, value in apart.by_seed.items()
            ],
        }
        for (first, second, apart), p in zip(found, adjusted, strict=True)
    ]


def _significant(p: float) -> float:
    """A p value with three digits that mean something."""
    return float(f"{p:.3g}")


def _references() -> list[dict[str, Any]]:
    return [
        {
            "label": network.title,
            "macs": network.macs,
            "macs_per_second": round(network.macs_per_second),
            "accuracy": network.accuracy,
            "standard_deviation": network.spread,
            "foreground": network.foreground,
        }
        for network in PUBLISHED.values()
    ]


def render_table(document: Mapping[str, Any]) -> Group:
    """What a comparison tells, in tables."""
    networks = _table(
        *("network", "clips", "accuracy", "95 % interval", "of seeds", "foreground", "kinds"),
        *("M MAC/s", "flash kB", "RAM kB"),
    )
    for row in document["networks"]:
        costs, group = row["costs"], row["by_group"]
        networks.add_row(
            Text(row["label"]),
            f"{row['clips']:,}",
            percent(row["accuracy"]),
            interval(row["interval_95"]),
            told_spread(row),
            percent(row["by_salience"].get("foreground", {}).get("accuracy")),
            percent(group["accuracy"] if group else None),
            f"{costs['macs_per_second'] / 1e6:.2f}",
            *(f"{costs[key] / 1000:.1f}" for key in ("flash_bytes", "ram_bytes")),
        )
    parts: list[Text | Table] = [Text(f"on {document['dataset']['title']}"), networks]
    if document["pairs"]:
        parts.append(_pairs_table(document["pairs"]))
    return Group(*parts)


def told_spread(network: Mapping[str, Any]) -> str:
    """Number of seeds, and standard deviation of their accuracies in points."""
    seeds = network["by_seed"]
    return f"{len(seeds['seeds'])}, ±{100 * seeds['standard_deviation']:.1f}" if seeds else "–"


def told_by_seed(pair: Mapping[str, Any]) -> str:
    """The difference of each seed in points."""
    return " ".join(points(row["difference"]) for row in pair["by_seed"]) or "–"


def _pairs_table(pairs: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(
        *("network", "clips", "points", "95 % interval", "only it", "only the other"),
        *("p", "p, Holm", "by seed"),
    )
    table.add_column("against")
    for pair in pairs:
        low, high = pair["interval_95"]
        table.add_row(
            Text(pair["second"]),
            f"{pair['clips']:,}",
            points(pair["difference"]),
            f"{points(low)} to {points(high)}",
            f"{pair['second_only']:,}",
            f"{pair['first_only']:,}",
            f"{pair['p']:g}",
            f"{pair['p_holm']:g}",
            told_by_seed(pair),
            Text(pair["first"]),
        )
    return table


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE)
    for n, column in enumerate(columns):
        table.add_column(column, justify="right" if n else "left", no_wrap=n > 0)
    return table


def how(network: Mapping[str, Any]) -> str:
    """What ran a network, and how."""
    return f"{HOW[network['scorer']]}, windows overlap by {network['overlap_pct']} %"
