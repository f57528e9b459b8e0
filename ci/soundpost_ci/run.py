# SPDX-License-Identifier: Apache-2.0
"""Running steps, and remembering what they found about which tree."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from rich.console import Console

from soundpost_ci import tree
from soundpost_ci.step import Context, Counts, FaultError, Result, Status, Step, UnavailableError

LOGS = "build/presubmit"


def run_step(step: Step, template: Context, console: Console) -> Result:
    """Run one step, with a context like `template`; log it, and show what it found."""
    start = time.monotonic()

    def result(status: Status, note: str, counts: Counts | None) -> Result:
        outcome = {status.value: 1}
        return Result(
            step.name, status, time.monotonic() - start, note, counts or Counts(**outcome)
        )

    if template.changes is not None and not tree.matching(template.changes, step.watches):
        return result(Status.SKIPPED, f"nothing it watches differs from {template.base}", None)
    path = template.root / LOGS / f"{step.name}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as log, console.status(step.name):
        context = replace(template, step=step.name, log=log, tables=[])
        try:
            step.run(context)
        except UnavailableError as reason:
            return result(Status.SKIPPED, str(reason), None)
        except FaultError as fault:
            console.rule(f"{step.name} failed", style="red")
            console.print(str(fault), markup=False, highlight=False, soft_wrap=True)
            return result(Status.FAILED, f"ci/presubmit --step {step.name}", context.counts)
        finally:
            for table in context.tables:
                console.print(table)
            template.tables.extend(context.tables)
    return result(Status.PASSED, context.note, context.counts)


class Memory:
    """What steps found about the tree as it is now; forgotten once the tree changes."""

    def __init__(self, root: Path) -> None:
        """Of the tree at `root`."""
        self._path = root / LOGS / "results.json"
        self._root = root

    def recall(self) -> dict[str, Result]:
        """What steps found that ran on this very tree."""
        if not self._path.exists():
            return {}
        content = json.loads(self._path.read_text(encoding="utf-8"))
        if content["tree"] != tree.digest(self._root):
            return {}
        return {name: _result(fields) for name, fields in content["results"].items()}

    def keep(self, results: Sequence[Result]) -> None:
        """Remember which steps passed and which failed; one that could not run may run later."""
        found = {r.name: asdict(r) for r in results if r.status is not Status.SKIPPED}
        before = {name: asdict(result) for name, result in self.recall().items()}
        content = {"tree": tree.digest(self._root), "results": {**before, **found}}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _result(fields: Mapping[str, object]) -> Result:
    result = Result(**fields)  # type: ignore[arg-type]  # what keep() wrote
    return replace(
        result,
        status=Status(result.status),
        counts=Counts(**result.counts),  # type: ignore[arg-type]
    )
