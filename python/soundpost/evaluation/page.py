# SPDX-License-Identifier: Apache-2.0
"""Evaluations as HTML pages that need nothing else."""

from collections.abc import Mapping
from typing import Any

import jinja2

from soundpost.evaluation.comparison import how, told_by_seed, told_spread
from soundpost.evaluation.plots import plot_calibration, plot_classes, plot_unknown, to_svg
from soundpost.evaluation.scatter import plot_networks
from soundpost.evaluation.table import (
    HOW,
    interval,
    percent,
    points,
    told_agreement,
    told_seeds,
    words,
)
from soundpost.report.units import NONE, size

MISTAKES = 20
"""The surest ones that a page lists."""


def environment() -> jinja2.Environment:
    """What pages are made in: their templates, and the style of the sensor's report."""
    made = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [
                jinja2.PackageLoader("soundpost.evaluation", "templates"),
                jinja2.PackageLoader("soundpost.report", "."),
            ]
        ),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"percent": percent, "interval": interval, "words": words, "folds": _folds}
    made.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
    return made


def render_evaluation(document: Mapping[str, Any]) -> str:
    """The page of a document that document.describe made."""
    wrong = [clip for clip in document["clips"] if clip["class"] != clip["chosen"]]
    return (
        environment()
        .get_template("evaluation.html.j2")
        .render(
            **document,
            how=HOW[document["scorer"]],
            headline=_headline(document),
            seeds_told=told_seeds(document),
            agreement_told=told_agreement(document),
            costs_listed=_costs(document["costs"]),
            surest=sorted(wrong, key=lambda clip: -clip["confidence"])[:MISTAKES],
            plots={
                "classes": to_svg(plot_classes(document["by_class"])),
                "unknown": to_svg(plot_unknown(document["unknown"])),
                "calibration": to_svg(plot_calibration(document["calibration"])),
            },
        )
    )


def render_comparison(document: Mapping[str, Any]) -> str:
    """The page of a document that comparison.compare made."""
    drawn = to_svg(plot_networks(document["networks"], document["references"]))
    made = environment()
    made.filters |= {"points": points, "how": how}
    made.filters |= {"spread": told_spread, "of_seeds": told_by_seed}
    return made.get_template("comparison.html.j2").render(**document, plot=drawn)


def _folds(folds: list[int] | None) -> str:
    if folds is None:
        return "not known"
    return ", ".join(map(str, folds)) or "none of this dataset"


def _headline(document: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Name, value and unit of the figures at the top."""
    test, costs, sides = document["test"], document["costs"], document["by_salience"]
    low, high = (f"{100 * end:.1f}" for end in test["interval_95"])
    group = document["by_group"]

    def figure(part: Mapping[str, Any] | None) -> tuple[str, str]:
        return (f"{100 * part['accuracy']:.1f}", "%") if part else (NONE, "")

    return [
        ("Accuracy", f"{100 * test['accuracy']:.1f}", f"%, {low} to {high}"),
        ("Foreground", *figure(sides.get("foreground"))),
        ("Background", *figure(sides.get("background"))),
        ("Kinds of noise", *figure(group)),
        ("Mean F1", f"{100 * document['macro']['f1']:.1f}", "%"),
        ("Work", f"{costs['macs_per_second'] / 1e6:.2f}", "M MAC/s"),
        ("Flash", f"{costs['flash_bytes'] / 1000:.1f}", "kB"),
        ("RAM", f"{costs['ram_bytes'] / 1000:.1f}", "kB"),
    ]


def _costs(costs: Mapping[str, int]) -> list[tuple[str, str]]:
    counts = [
        ("Parameters", "parameters"),
        ("MAC a window", "macs"),
        ("MAC a second", "macs_per_second"),
        ("Instructions a window", "instructions"),
        ("Instructions a second", "instructions_per_second"),
    ]
    sizes = [
        (".tflite", "model_bytes"),
        ("Flash", "flash_bytes"),
        ("Arena", "arena_bytes"),
        ("RAM", "ram_bytes"),
    ]
    return [(label, f"{costs[key]:,}") for label, key in counts] + [
        (label, size(costs[key])) for label, key in sizes
    ]
