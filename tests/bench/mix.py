# SPDX-License-Identifier: Apache-2.0
"""Cycles an instruction takes by Arm's table, part by part: the figures of hardware/cycles.py.

    python tests/bench/mix.py stride_ds_24 build/cortex-m4/stride_ds_24/ports/bench.elf
    python tests/bench/mix.py stride_ds_24 build/tflm/cortex-m4/tflm-cmsis-nn_stride_ds_24.elf

Runs that program under Unicorn with a window of that model, counts how often each block of code
runs, and adds up the timings of the Cortex-M4 Technical Reference Manual (100166, 3.3.1). Loads and
taken branches have a least and a most. Needs unicorn, capstone and pyelftools, which the tests'
environment has.
"""

import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from capstone import CS_ARCH_ARM, CS_MODE_MCLASS, CS_MODE_THUMB, Cs
from elftools.elf.elffile import ELFFile
from unicorn import UC_ARCH_ARM, UC_HOOK_BLOCK, UC_HOOK_INTR, UC_MODE_MCLASS, UC_MODE_THUMB, Uc
from unicorn.arm_const import (
    UC_ARM_REG_PC,
    UC_ARM_REG_R0,
    UC_ARM_REG_R1,
    UC_ARM_REG_SP,
    UC_CPU_ARM_CORTEX_M4,
)

from soundpost.models.model import models_folder

MIB = 1 << 20
SYS_OPEN, SYS_READ, SYS_ISTTY, SYS_SEEK, SYS_COMMAND_LINE = 0x01, 0x06, 0x09, 0x0A, 0x15
EXITS = (0x18, 0x20)
_CODE = re.compile(r"^ \.text\S*\s+0x(\w+)\s+0x(\w+)\s+\S*?lib(\w+)\.a\(\S+\.obj\)$", re.M)


def run(machine: Any, window: bytes) -> tuple[Counter[tuple[int, int]], Counter[int]]:
    """How often each block (address, size) ran, and how often a branch left one (address).

    The one file that there is holds one window.
    """
    blocks: Counter[tuple[int, int]] = Counter()
    taken: Counter[int] = Counter()
    last, end, place = 0, 0, 0

    def enter(_: Any, address: int, size: int, __: Any) -> None:
        nonlocal last, end
        blocks[address, size] += 1
        taken[last] += end != address
        last, end = address, address + size

    def word(address: int) -> int:
        return int.from_bytes(machine.mem_read(address, 4), "little")

    def semihost(_: Any, __: int, ___: Any) -> None:
        nonlocal place
        operation, argument = (machine.reg_read(r) for r in (UC_ARM_REG_R0, UC_ARM_REG_R1))
        if operation in EXITS:
            machine.emu_stop()
            return
        if operation == SYS_COMMAND_LINE:
            machine.mem_write(word(argument), b"bench\0")
        answer = int(operation in (SYS_OPEN, SYS_ISTTY))
        if operation == SYS_READ:
            wanted = word(argument + 8)
            data = window[place : place + wanted]
            machine.mem_write(word(argument + 4), data)
            place += len(data)
            answer = wanted - len(data)
        elif operation == SYS_SEEK:
            place = word(argument + 4)
        machine.reg_write(UC_ARM_REG_R0, answer)
        machine.reg_write(UC_ARM_REG_PC, (machine.reg_read(UC_ARM_REG_PC) + 2) | 1)

    machine.hook_add(UC_HOOK_BLOCK, enter)
    machine.hook_add(UC_HOOK_INTR, semihost)
    machine.reg_write(UC_ARM_REG_SP, word(0))
    machine.emu_start(word(4) | 1, MIB - 2)
    return blocks, taken


def timing(name: str, operands: str, after_access: bool) -> tuple[int, int, bool]:
    """Least and most cycles of an instruction, and whether it is an access that hides the next."""
    if name.startswith(("ldm", "stm", "push", "pop", "vldm", "vstm", "vpush", "vpop")):
        count = 2 + operands[operands.index("{") :].count(",")
        return count, count, False
    if name.startswith(("ldrd", "strd")):
        return 3, 3, False
    if name.startswith(("ldr", "vldr")):
        return (1 if after_access else 2), 2, True
    if name.startswith(("str", "vstr")):
        return 1, 2, True
    if name in ("udiv", "sdiv"):
        return 2, 12, False
    return 1, 1, False


def main(model: str, program: Path) -> None:
    """Print cycles an instruction of each library of the program."""
    machine = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
    machine.ctl_set_cpu_model(UC_CPU_ARM_CORTEX_M4)
    for start in (0, 0x20000000, 0xE0000000):
        machine.mem_map(start, MIB)
    with program.open("rb") as file:
        for segment in ELFFile(file).iter_segments("PT_LOAD"):
            for start in {segment["p_vaddr"], segment["p_paddr"]}:
                machine.mem_write(start, segment.data())
    with np.load(models_folder() / model / "golden.npz") as arrays:
        window = arrays["windows"][0].tobytes()
    blocks, taken = run(machine, window)

    text = program.with_suffix(".map").read_text()
    text = text[text.index("Linker script and memory map") :]
    joined = re.sub(r"^( \.[\w.$]+)\n +", r"\1 ", text, flags=re.M)
    code = [(int(a, 16), int(size, 16), library) for a, size, library in _CODE.findall(joined)]
    disassembler = Cs(CS_ARCH_ARM, CS_MODE_THUMB | CS_MODE_MCLASS)
    totals: dict[str, Counter[str]] = {}
    for (address, size), count in blocks.items():
        places = (library for start, room, library in code if start <= address < start + room)
        total = totals.setdefault(next(places, "other"), Counter())
        after_access = False
        for instruction in disassembler.disasm(bytes(machine.mem_read(address, size)), address):
            name = instruction.mnemonic.partition(".")[0]
            least, most, after_access = timing(name, instruction.op_str, after_access)
            total.update(instructions=count, least=count * least, most=count * most)
        # a block may be counted by two sizes, what left it by one
        left = taken.pop(address, 0)
        total.update(least=left, most=3 * left)
    for library, total in sorted(totals.items()):
        counted = total["instructions"]
        cycles = " to ".join(f"{total[side] / counted:.2f}" for side in ("least", "most"))
        print(f"{library}: {counted:,} instructions of {cycles} cycles")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
