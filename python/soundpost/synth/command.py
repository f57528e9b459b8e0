# SPDX-License-Identifier: Apache-2.0
"""`soundpost synth`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from soundpost.errors import UserError
from soundpost.files import check_outputs, write_text


def synth(
    out: Annotated[Path, typer.Argument(metavar="OUT.wav", help="16 kHz mono WAV to write.")],
    seconds: Annotated[float, typer.Option(help="Length, s.")] = 120.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    scene: Annotated[str, typer.Option(help="One of street, construction, night.")] = "street",
    events: Annotated[
        str | None,
        typer.Option(
            help="Own timeline, as siren@10-20:75,dog@30-34:70: class, start and end in s, LAeq."
        ),
    ] = None,
    background: Annotated[
        float | None, typer.Option(help="LAeq of the background, dB.", show_default="scene's own")
    ] = None,
    full_scale: Annotated[
        float, typer.Option(help="Sound pressure level of a sine at digital full scale, dB.")
    ] = 120.0,
    labels: Annotated[
        Path | None, typer.Option(help="Label track for Audacity.", show_default="OUT.txt")
    ] = None,
) -> None:
    """Synthesise a street scene with a known timeline, at stated levels.

    Writes the sound, its label track for Audacity, and beside them OUT.json for machines.
    """
    # scipy takes a second to load, which no other command should wait for
    from soundpost.audio import write_wav
    from soundpost.synth.render import render_scene
    from soundpost.synth.scene import parse_events
    from soundpost.synth.schedule import SCENES

    if scene not in SCENES:
        raise UserError(f"unknown --scene {scene}; there are {', '.join(SCENES)}")
    if out.suffix.lower() != ".wav":
        raise UserError(f"{out} is to be a WAV file; call it {out.with_suffix('.wav')}")
    track, mapping = labels or out.with_suffix(".txt"), out.with_suffix(".json")
    check_outputs({"OUT.wav": out, "--labels": track, "OUT.json": mapping})
    chosen = SCENES[scene](seconds, seed, full_scale)
    if events is not None:
        chosen = replace(chosen, events=parse_events(events), name="own")
    if background is not None:
        chosen = replace(chosen, background_db=background)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("synthesising", total=len(chosen.events) + 1)
        pcm, timeline = render_scene(chosen, lambda name: progress.advance(task))
    write_wav(out, pcm)
    write_text(track, timeline.labels())
    write_text(mapping, timeline.json())
    table = Table("start s", "end s", "class", "LAeq dB")
    for event in sorted(chosen.events, key=lambda e: e.start_s):
        start, end, level = (f"{v:.1f}" for v in (event.start_s, event.end_s, event.level_db))
        table.add_row(start, end, event.class_name, level)
    console = Console()
    console.print(table)
    console.print(
        f"{out}: {seconds:g} s, LAeq {timeline.laeq_db:.1f} dB, "
        f"{timeline.headroom_db:.1f} dB under full scale; labels in {track}",
        soft_wrap=True,
        highlight=False,
    )
