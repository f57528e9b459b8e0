# SPDX-License-Identifier: Apache-2.0
"""Compiles hostile .tflite files by the hundred thousand: `python tests/compiler/fuzz.py --help`.

Each is refused in one clear line, or compiles to a network that keeps to its arena and gives the
bytes of TFLM's interpreter wherever that one gives any. The n-th file is the same on every machine.
"""

import multiprocessing
import os
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import tflm
import typer
from mutants import Mutator
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from seeds import seeds
from verdict import check

HERE = Path(__file__).parent
NETWORKS = sorted(HERE.glob("networks/*.tflite"))
# one mutant in so many is of a whole network, which takes tens of times as long
NETWORK_EVERY = 50
CHUNK = 1000
WINDOWS = 3
# what one file may take
SECONDS = 10.0
MEMORY_BYTES = 512 << 20
# of faults, that are printed
SHOWN = 10


@dataclass
class Findings:
    """What came of some mutants: counts by outcome, and faults by number."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: dict[int, str] = field(default_factory=dict)

    def add(self, other: "Findings") -> None:
        """Count what others found too."""
        self.counts += other.counts
        self.faults |= other.faults


@cache
def _mutators() -> tuple[list[Mutator], list[Mutator]]:
    small = [Mutator(data) for data in seeds().values()]
    return small, [Mutator(path.read_bytes()) for path in NETWORKS]


def mutant(number: int) -> bytes:
    """The n-th hostile file."""
    small, networks = _mutators()
    rest, kind = divmod(number, NETWORK_EVERY)
    if kind == 0:
        return networks[rest % len(networks)].mutant(number)
    return small[number % len(small)].mutant(number)


_now: Any = None


def _start(now: Any) -> None:
    """Limit this process; `now` is where it notes what it is at."""
    global _now
    _now = now
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    signal.signal(signal.SIGVTALRM, _hang)


def _hang(*_: object) -> None:
    raise TimeoutError(f"takes more than {SECONDS} s")


def _tried(numbers: range) -> Findings:
    """What came of the mutants of these numbers."""
    found = Findings()
    compiled: dict[int, tuple[NDArray[np.int8], ...]] = {}
    for number in numbers:
        _now[numbers.start // CHUNK] = number
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            result = check(mutant(number), WINDOWS, number)
        except Exception:  # any but the compiler's own is what we look for
            found.faults[number] = traceback.format_exc()
            result = None
        else:
            found.counts["refused" if result is None else "compiled"] += 1
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if result is not None:
            compiled[number] = result
    _now[numbers.start // CHUNK] = -1
    cases = [(mutant(number), windows) for number, (windows, _) in compiled.items()]
    answers = tflm.run_hostile(cases)
    for (number, (_, outputs)), answer in zip(compiled.items(), answers, strict=True):
        if isinstance(answer, str):
            # its interpreter trusts a file more than it should, but what it names counts
            found.counts[f"TFLM {answer.partition(':')[0]}"] += 1
            if answer == tflm.REFUSAL:
                found.faults[number] = "compiles, but TFLM refuses it"
        elif np.array_equal(answer, outputs):
            found.counts["same as TFLM"] += 1
        else:
            found.faults[number] = f"differs from TFLM: {outputs.tolist()}, not {answer.tolist()}"
    return found


def fuzz(count: int, first: int = 0) -> Findings:
    """What comes of `count` mutants."""
    chunks = [
        range(at, min(at + CHUNK, first + count)) for at in range(first, first + count, CHUNK)
    ]
    found = Findings()
    now = multiprocessing.Array("q", [-1] * (chunks[-1].start // CHUNK + 1), lock=False)
    with ProcessPoolExecutor(os.cpu_count(), initializer=_start, initargs=(now,)) as pool:
        try:
            for findings in track(
                pool.map(_tried, chunks), "files", len(chunks), console=Console(stderr=True)
            ):
                found.add(findings)
        except BrokenProcessPool:
            at = [number for number in now if number != -1]
            found.faults |= dict.fromkeys(at, "one of these crashed the process")
    return found


def main(
    count: Annotated[int, typer.Option(min=1, help="How many files.")] = 200_000,
    first: Annotated[int, typer.Option(min=0, help="Number of the first one.")] = 0,
    out: Annotated[Path, typer.Option(help="Folder for those with a fault.")] = Path("build/fuzz"),
) -> None:
    """Compile hostile .tflite files, and hold the compiler to what it promises."""
    start, used = time.monotonic(), _processor_seconds()
    found = fuzz(count, first)
    for outcome, number in sorted(found.counts.items()):
        print(f"{number:8} {outcome}")
    for number, fault in sorted(found.faults.items()):
        out.mkdir(parents=True, exist_ok=True)
        path = out / f"{number}.tflite"
        path.write_bytes(mutant(number))
        print(f"{path}: {fault}")
    seconds, used = time.monotonic() - start, _processor_seconds() - used
    print(f"{count} files, {len(found.faults)} faults, {seconds:.0f} s, {used:.0f} s of processor")
    sys.exit(1 if found.faults else 0)


def _processor_seconds() -> float:
    kinds = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return sum(sum(resource.getrusage(kind)[:2]) for kind in kinds)


if __name__ == "__main__":
    typer.run(main)
