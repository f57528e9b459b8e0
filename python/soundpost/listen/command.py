# SPDX-License-Identifier: Apache-2.0
"""`soundpost listen`."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.console import Console

from soundpost.audio import AudioSource, RawFormat, open_audio, open_microphone
from soundpost.decode import describe
from soundpost.errors import UserError
from soundpost.files import whole_file
from soundpost.frontend.mel import mel_corners
from soundpost.listen.labels import read_labels
from soundpost.listen.run import Listener
from soundpost.models.model import DEFAULT_MODEL, Model
from soundpost.report import Report, Timeline
from soundpost.sensor import Sensor
from soundpost.settings import known_settings
from soundpost.uplink import decode


def parse_settings(texts: list[str]) -> dict[str, int]:
    """Read `name=value` options.

    Raises:
        UserError: if one is not of that form.
    """
    settings = {}
    for text in texts:
        name, _, value = text.partition("=")
        try:
            settings[name] = int(value)
        except ValueError as error:
            raise UserError(f"--set {text}: write NAME=NUMBER, as interval_s=60") from error
    return settings


def _open(source: str | None, mic: str | None, channel: int | None, raw: str | None) -> AudioSource:
    if (source is None) == (mic is None):
        raise UserError("give a FILE, - for standard input, or --mic; one of them")
    if mic is not None:
        return open_microphone(None if mic == "default" else mic)
    assert source is not None
    return open_audio(source, channel=channel, raw=RawFormat.parse(raw) if raw else None)


def _report(source: AudioSource, model: Model, settings: dict[str, int]) -> Report:
    config = model.recipe.frontend
    corners = mel_corners(config.bands, config.fmin, config.fmax, config.mel_scale)
    in_force = {info.name: settings.get(info.name, info.default) for info in known_settings()}
    return Report(
        source.name,
        model.recipe.name,
        model.recipe.classes,
        band_hz=list(corners[1:-1]),
        calibrated="full_scale_cdb" in settings,
        settings=in_force,
    )


def listen(
    source: Annotated[
        str | None, typer.Argument(metavar="FILE|-", help="A recording, or - for a stream.")
    ] = None,
    mic: Annotated[
        str | None, typer.Option(help="Listen to a microphone: its name, or default.")
    ] = None,
    model: Annotated[str, typer.Option(help="Folder of a model, or a name in models/.")] = (
        DEFAULT_MODEL
    ),
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A setting; `soundpost settings`."),
    ] = None,
    region: Annotated[str, typer.Option(help="Region of the LoRaWAN network.")] = "EU868",
    data_rate: Annotated[int, typer.Option("--dr", help="Data rate of the uplinks.")] = 5,
    channel: Annotated[int | None, typer.Option(help="Channel, from 1.  [default: mean]")] = None,
    raw: Annotated[
        str | None, typer.Option(metavar="SAMPLE:RATE[:CHANNELS]", help="A stream with no header.")
    ] = None,
    jsonl: Annotated[
        Path | None, typer.Option(help="Write every record as a line of JSON; - for stdout.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report.")] = None,
    labels: Annotated[
        Path | None, typer.Option(help="Audacity label track of what is truly heard.")
    ] = None,
) -> None:
    """Run the sensor on a recording, a stream or a microphone."""
    settings = parse_settings(setting or [])
    chosen = Model.find(model)
    sensor = Sensor(chosen, settings, region, data_rate)
    truth = read_labels(labels) if labels else []
    classes = chosen.recipe.classes

    def in_words(port: int, payload: bytes) -> str:
        return "\n".join(describe(decode(port, payload), list(classes)))

    to_stdout = jsonl is not None and str(jsonl) == "-"
    console = Console(stderr=to_stdout, highlight=False)
    with ExitStack() as stack:
        audio = stack.enter_context(_open(source, mic, channel, raw))
        lines: BinaryIO | None = None
        if to_stdout:
            lines = sys.stdout.buffer
        elif jsonl is not None:
            lines = stack.enter_context(stack.enter_context(whole_file(jsonl)).open("wb"))
        page = _report(audio, chosen, settings) if report else None
        timeline = stack.enter_context(Timeline(console, classes, decode=in_words))
        Listener(sensor, timeline, page, lines).run(audio)
    for warning in audio.warnings:
        Console(stderr=True, highlight=False).print(f"warning: {warning}", markup=False)
    if page is not None and report is not None:
        page.write(report, decode=in_words, labels=truth)
        console.print(f"report: {report}", markup=False, soft_wrap=True)
