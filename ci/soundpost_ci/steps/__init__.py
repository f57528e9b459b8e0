# SPDX-License-Identifier: Apache-2.0
"""All steps, in the order in which they run: what fails soonest is first."""

from soundpost_ci.step import Step
from soundpost_ci.steps import code, docs, firmware, ledger, tests

STEPS: dict[str, Step] = {
    step.name: step
    for step in (*code.STEPS, *tests.STEPS, *ledger.STEPS, *docs.STEPS, *firmware.STEPS)
}

PROGRAMS: dict[str, tuple[str, ...]] = {
    "quick": ("format", "lint", "types", "unit", "sanitize"),
    "test": ("format", "lint", "types", "unit", "sanitize", "fuzz"),
    "full": tuple(STEPS),
}
"""Steps by program. `quick` runs only those tests that take seconds."""
