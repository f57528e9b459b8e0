# SPDX-License-Identifier: Apache-2.0
"""`soundpost demo`: the main job, from a street to uplinks, on this machine and on a Cortex-M4F."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from soundpost.audio import open_audio, write_wav
from soundpost.files import check_outputs, write_text
from soundpost.listen.command import listen
from soundpost.models.model import DEFAULT_MODEL, check_shipped
from soundpost.ports import Port, run_sensor

# a summary of each half minute; and a budget that lets every event out at that pace
SETTINGS = {"interval_s": 30, "records_per_frame": 1, "airtime_budget_ds": 8640}


def demo(
    recording: Annotated[
        Path | None, typer.Argument(help="A recording.  [default: a synthesised street]")
    ] = None,
    seconds: Annotated[float, typer.Option(help="Length of the synthesised scene.")] = 120.0,
    seed: Annotated[int, typer.Option(help="Seed of the synthesised scene.")] = 1,
    model: Annotated[str, typer.Option(help="Name of a model in models/.")] = DEFAULT_MODEL,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for all files.")] = Path(
        "build/demo"
    ),
) -> None:
    """Hear a street with the sensor, on this machine and on an emulated Cortex-M4F."""
    check_shipped(model)
    console = Console(stderr=True, highlight=False)
    wav, jsonl, report = output / "scene.wav", output / "sensor.jsonl", output / "report.html"
    labels = output / "scene.txt" if recording is None else None
    check_outputs({"--output": wav}, [recording] if recording else [])
    with console.status("synthesising a street" if recording is None else "reading"):
        if recording is None:
            _synthesise(wav, seconds, seed)
        else:
            _convert(recording, wav)
    settings = [f"{name}={value}" for name, value in SETTINGS.items()]
    listen(str(wav), model=model, setting=settings, jsonl=jsonl, report=report, labels=labels)
    with console.status("the same on an emulated Cortex-M4F (QEMU mps2-an386)"):
        emulated = run_sensor(Port.CORTEX_M4F, model, wav, SETTINGS)
    if emulated != jsonl.read_bytes():
        write_text(output / "cortex-m4f.jsonl", emulated.decode())
        console.print(
            f"the Cortex-M4F disagrees: compare {jsonl} and cortex-m4f.jsonl beside it",
            markup=False,
            soft_wrap=True,
        )
        raise typer.Exit(1)
    lines = emulated.count(b"\n")
    Console(highlight=False).print(
        f"the emulated Cortex-M4F agrees: {lines} records, {len(emulated)} bytes, no difference",
        soft_wrap=True,
    )


def _synthesise(wav: Path, seconds: float, seed: int) -> None:
    from soundpost.synth.render import render_scene
    from soundpost.synth.schedule import street_scene

    pcm, timeline = render_scene(street_scene(seconds, seed))
    write_wav(wav, pcm)
    write_text(wav.with_suffix(".txt"), timeline.labels())


def _convert(recording: Path, wav: Path) -> None:
    import numpy as np

    with open_audio(recording) as source:
        write_wav(wav, np.concatenate(list(source)))
