# SPDX-License-Identifier: Apache-2.0
"""Cycles on a real Cortex-M4, from instructions counted under QEMU, which knows no pipeline.

Arm's Cortex-M4 Technical Reference Manual (100166, 3.3.1 Cortex-M4 instructions) gives one cycle to
arithmetic and multiplications (SMLAD too), two to a load that no other access of memory precedes,
one to those that follow it, 1 + P to a branch that is taken, with P from 1 to 3, and 2 to 12 to a
division. What flash adds with its cache on is little: ST states the same 3.42 CoreMark/MHz for the
STM32L476 at 80 MHz and 4 wait states (DS10198, Features) as Arm does for the core alone. Weights,
each read once an inference, are what misses the cache.

So an instruction takes at least one cycle; the typical and the greatest figure are those of loops
like ours, of every third instruction a load or store and every tenth a branch.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """A figure that is not measured: what is likely, and between what it lies."""

    low: float
    likely: float
    high: float

    def __mul__(self, factor: float) -> "Estimate":
        """All three, in another unit."""
        return Estimate(self.low * factor, self.likely * factor, self.high * factor)

    def __add__(self, amount: float) -> "Estimate":
        """All three, and what is known beside."""
        return Estimate(self.low + amount, self.likely + amount, self.high + amount)


CYCLES_PER_INSTRUCTION = Estimate(1.0, 1.3, 1.7)


def cycles(instructions: float) -> Estimate:
    """Cycles of so many instructions on a Cortex-M4 with its flash cached."""
    return CYCLES_PER_INSTRUCTION * instructions
