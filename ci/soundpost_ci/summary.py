# SPDX-License-Identifier: Apache-2.0
"""What the steps found: a line each, a table, and a line of numbers."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from soundpost_ci.step import Result, Status

_STYLE = {Status.PASSED: "green", Status.FAILED: "red", Status.SKIPPED: "yellow"}


def line(result: Result) -> str:
    """One line for a step that has ended."""
    return f"{result.name}: {result.status} in {result.seconds:.1f} s"


def table(results: Sequence[Result]) -> Table:
    """How each step ended; a failed one with the command that runs it again."""
    shown = Table("step", "result")
    shown.add_column("seconds", justify="right")
    shown.add_column("")
    for result in results:
        style = _STYLE[result.status]
        outcome = f"[{style}]{result.status}[/{style}]"
        shown.add_row(result.name, outcome, f"{result.seconds:.1f}", escape(result.note))
    return shown


def markdown(shown: Table) -> str:
    """A table of rich as one of Markdown."""
    columns = [
        [Text.from_markup(str(cell)).plain.replace("|", "\\|") for cell in column.cells]
        for column in shown.columns
    ]
    rows = [
        [str(column.header) for column in shown.columns],
        ["--:" if column.justify == "right" else "---" for column in shown.columns],
        *zip(*columns, strict=True),
    ]
    title = f"**{shown.title}**\n\n" if shown.title else ""
    return title + "".join(f"| {' | '.join(row)} |\n" for row in rows) + "\n"


def count_line(results: Sequence[Result]) -> str:
    """All checks by outcome: each test of the steps that run tests, and each other step."""
    passed, failed, skipped = (
        sum(getattr(result.counts, outcome) for result in results)
        for outcome in ("passed", "failed", "skipped")
    )
    return f"{passed} passed, {failed} failed, {skipped} skipped"
