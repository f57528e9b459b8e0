# SPDX-License-Identifier: Apache-2.0
"""Cycles on a real Cortex-M4, from instructions counted under QEMU, which knows no pipeline.

Arm's Cortex-M4 Technical Reference Manual (100166, 3.3.1 Cortex-M4 instructions) gives one cycle to
arithmetic and multiplications (SMLAD too), two to a load, of which one is hidden behind a load or
store before it, one to a store, 1 + N to a load or store of N registers (LDM, LDRD, PUSH), 1 + P to
a branch that is taken, with P from 1 to 3, and 2 to 12 to a division.

By these, block by block under Unicorn (tests/bench/mix.py), instructions of Stride-DS-24 take 1.61
to 1.74 cycles each (one in eight moves several registers), of the front end 1.54 to 1.65, of the
levels 1.33 to 1.46, and of the whole pipeline 1.5 to 1.6.

Flash adds a little with its cache on: ST states the same 3.42 CoreMark/MHz for the STM32L476 at
80 MHz and 4 wait states (DS10198, Features) as Arm does for the core alone. Weights, read once an
inference, miss it: 50 KiB in lines of 8 bytes are 26,000 cycles of Stride-DS-24's 1.2 million.

So an instruction is taken for 1.6 cycles, for as few as the levels have at least, and for 2.0 at
most, which leaves a seventh of the time to code that misses the cache.

TensorFlow Lite Micro spends fewer cycles an instruction, though more instructions: by the same
count 1.33 to 1.70 in its reference kernels and 1.17 to 1.44 in CMSIS-NN's, on two networks.
So an instruction of it is taken for 1.4 cycles, for 1.15 at least, and for 1.9 at most.
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


CYCLES_PER_INSTRUCTION = Estimate(1.3, 1.6, 2.0)

CYCLES_PER_TFLM_INSTRUCTION = Estimate(1.15, 1.4, 1.9)


def cycles(instructions: float) -> Estimate:
    """Cycles of so many instructions of ours on a Cortex-M4 with its flash cached."""
    return CYCLES_PER_INSTRUCTION * instructions
