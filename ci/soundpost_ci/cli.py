# SPDX-License-Identifier: Apache-2.0
"""The command line of ci/presubmit.

Exit codes: 0 nothing failed, 1 a step failed, 2 a user's mistake.
"""

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from soundpost_ci import summary, tree
from soundpost_ci.run import Memory, run_step
from soundpost_ci.step import Context, Result, Status
from soundpost_ci.steps import PROGRAMS, STEPS

ROOT = Path(__file__).resolve().parents[2]
WIDTH = 110


def _mistake(text: str) -> NoReturn:
    Console(stderr=True, highlight=False).print(f"error: {text}", markup=False, soft_wrap=True)
    sys.exit(2)


def _chosen(program: str | None, steps: list[str]) -> list[str]:
    """Names of the steps to run, in their order."""
    unknown = [name for name in steps if name not in STEPS]
    if unknown:
        _mistake(f"--step {unknown[0]}: there are {', '.join(STEPS)}")
    if program is None and not steps:
        program = "quick"
    if program is not None and program not in PROGRAMS:
        _mistake(f"{program}: there are the programs {', '.join(PROGRAMS)}")
    wanted = {*steps, *(PROGRAMS[program] if program else ())}
    return [name for name in STEPS if name in wanted]


def _list(console: Console) -> None:
    table = Table("step", "what it runs", "programs")
    for step in STEPS.values():
        programs = [name for name, steps in PROGRAMS.items() if step.name in steps]
        table.add_row(step.name, step.about, ", ".join(programs))
    console.print(table)


def presubmit(
    program: Annotated[str | None, typer.Argument(help=" | ".join(PROGRAMS))] = None,
    step: Annotated[list[str] | None, typer.Option(help="A step; may be repeated.")] = None,
    base: Annotated[
        str | None, typer.Option(help="Check only what changed since this revision.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Take over what steps found on this very tree.")
    ] = False,
    update_budget: Annotated[
        bool, typer.Option("--update-budget", help="Write what is measured to ci/budget.json.")
    ] = False,
    markdown: Annotated[
        Path | None, typer.Option(help="File to append the tables to, as Markdown.")
    ] = None,
    list_steps: Annotated[bool, typer.Option("--list", help="List the steps and end.")] = False,
) -> None:
    """Check whether a change is good. Without a program or steps: quick."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False, emoji=False)
    if list_steps:
        _list(console)
        return
    names = _chosen(program, step or [])
    try:
        changes = None if base is None else tree.changed(ROOT, base)
    except tree.UnknownRevisionError:
        _mistake(f"--base {base}: git knows no such revision")
    os.chdir(ROOT)
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    context = Context(
        ROOT,
        sys.stderr,
        base=base,
        changes=changes,
        quick=program == "quick",
        update_budget=update_budget,
    )
    memory = Memory(ROOT)
    known = memory.recall() if resume else {}
    results: list[Result] = []
    for name in names:
        result = known.get(name) or run_step(STEPS[name], context, console)
        results.append(result)
        console.print(summary.line(result), markup=False, soft_wrap=True)
    # a part of the tests or of the files says nothing about the tree
    if not context.quick and changes is None:
        memory.keep(results)

    table = summary.table(results)
    console.print(table)
    if markdown is not None:
        with markdown.open("a", encoding="utf-8") as file:
            for shown in (table, *context.tables):
                file.write(summary.markdown(shown))
    console.print(summary.count_line(results))
    sys.exit(1 if any(result.status is Status.FAILED for result in results) else 0)


def main() -> None:
    """Run the command line."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command("presubmit")(presubmit)
    app(prog_name="ci/presubmit")
