# SPDX-License-Identifier: Apache-2.0
"""Compares compiled networks with TFLM's interpreter, byte by byte, on windows by the hundred
thousand: `python tests/compiler/parity.py --help`.

The windows are the same on every machine: noise of every loudness, half of it smooth as sound is.
"""

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import tflm
import typer
from image import Image
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from soundpost.compiler import Network, compile_network
from soundpost.errors import UserError
from soundpost.models.model import DEFAULT_MODEL
from soundpost.ports import Port, build, emulate

CHUNK = 100
# of networks.c's 16 MB
IMAGE_BYTES_MAX = 12 << 20


def windows_of(shape: Sequence[int], count: int, seed: Sequence[int]) -> NDArray[np.int8]:
    """Noise of every loudness, every other window smooth along its first two axes."""
    rng = np.random.default_rng(seed)
    noise = rng.integers(-128, 128, (count, *shape)).astype(np.float32)
    smooth = noise[::2]
    for axis in (1, 2):
        for _ in range(3):
            smooth = smooth + np.roll(smooth, 1, axis)
    noise[::2] = smooth * (100 / max(float(smooth.std()), 1.0))
    loudness = np.exp2(-rng.uniform(0, 6, (count, *[1] * len(shape))))
    return np.clip(np.rint(noise * loudness), -128, 127).astype(np.int8)


@dataclass(frozen=True)
class Share:
    """Some windows of a network."""

    path: Path
    number: int
    count: int

    def windows(self) -> NDArray[np.int8]:
        """The windows themselves."""
        shape = compile_network(self.path).input_shape
        return windows_of(shape, self.count, [len(self.path.read_bytes()), self.number])


def compare(share: Share) -> tuple[Share, int, int]:
    """The share, how many bytes came out, and how many of them differ."""
    windows = share.windows()
    outputs = Network.from_tflite(share.path).run(windows).reshape(len(windows), -1)
    expected = tflm.run(share.path.read_bytes(), windows)
    return share, outputs.size, int(np.count_nonzero(outputs != expected))


def shares(paths: Sequence[Path], windows: int, chunk: int) -> list[Share]:
    """`windows` in all, as many of each network but for one."""
    found = []
    for i, path in enumerate(paths):
        left, number = windows // len(paths) + (i < windows % len(paths)), 0
        while left > 0:
            found.append(Share(path, number, min(left, chunk)))
            left -= chunk
            number += 1
    return found


def on_this_machine(paths: Sequence[Path], windows: int) -> int:
    """Compare the kernels of this machine; how many bytes differ."""
    start, parts = time.monotonic(), shares(paths, windows, CHUNK)
    values, differing = 0, 0
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        done = pool.map(compare, parts)
        for share, size, wrong in track(done, "windows", len(parts), console=Console(stderr=True)):
            values, differing = values + size, differing + wrong
            if wrong:
                print(f"{share.path}, windows {share.number}: {wrong} of {size} bytes differ")
    seconds = time.monotonic() - start
    print(
        f"{windows} windows of {len(paths)} networks: {values} bytes, {differing} differ;"
        f" {seconds:.0f} s"
    )
    return differing


def under_qemu(paths: Sequence[Path], windows: int, port: Port) -> int:
    """The same of a board's kernels; in how many images of networks some windows differ."""
    start, failures = time.monotonic(), 0
    program = build(port, DEFAULT_MODEL, "networks")
    with tempfile.TemporaryDirectory() as name:
        for image in track(images(paths, windows), port.value, console=Console(stderr=True)):
            path = Path(name) / "image"
            image.save(path, counted=0)
            try:
                said = emulate(port, program, [path.name], path.parent)
            except UserError as error:
                said = str(error)
            if said.rstrip().rpartition("\n")[2] != f"tests {len(image.tests)} failures 0":
                print(said)
                failures += 1
    seconds = time.monotonic() - start
    print(
        f"{windows} windows of {len(paths)} networks on {port.value}:"
        f" {'some differ' if failures else 'none differs'}; {seconds:.0f} s"
    )
    return failures


def images(paths: Sequence[Path], windows: int) -> list[Image]:
    """Networks, windows and what TFLM makes of them, as few images as hold them."""
    found = [Image()]
    for share in shares(paths, windows, windows):
        if len(found[-1].data) + len(share.path.read_bytes()) > IMAGE_BYTES_MAX:
            found.append(Image())
        heard = share.windows()
        expected = tflm.run(share.path.read_bytes(), heard)
        found[-1].add(compile_network(share.path), heard, expected)
    return found


def main(
    models: Annotated[list[Path], typer.Argument(help="Files .tflite, or folders of them.")],
    windows: Annotated[int, typer.Option(min=1, help="How many, of all together.")] = 100_000,
    qemu: Annotated[int, typer.Option(min=0, help="How many under QEMU, of each core.")] = 1000,
) -> None:
    """Compare compiled networks with TFLM's interpreter."""
    paths = [
        path
        for model in models
        for path in (sorted(model.glob("*.tflite")) if model.is_dir() else [model])
    ]
    wrong = on_this_machine(paths, windows)
    for port in (Port.CORTEX_M4F, Port.CORTEX_M3) if qemu else ():
        wrong += under_qemu(paths, qemu, port)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    typer.run(main)
