# SPDX-License-Identifier: Apache-2.0
"""`soundpost tables`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from soundpost.files import check_outputs, write_text
from soundpost.frontend.config import FrontendConfig
from soundpost.frontend.emit import emit_header, emit_source
from soundpost.frontend.plot import plot_filters, plot_format
from soundpost.frontend.tables import FrontendTables
from soundpost.generated import check_c_name
from soundpost.models.recipe import Recipe

DEFAULTS = FrontendConfig()


def tables(
    recipe: Annotated[
        Path | None, typer.Argument(help="Recipe whose front end is wanted; else the options.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")] = Path(),
    name: Annotated[str | None, typer.Option(help="Name in C.  [default: the recipe's]")] = None,
    fft_size: Annotated[int, typer.Option(help="Samples of a column.")] = DEFAULTS.fft_size,
    hop: Annotated[int, typer.Option(help="Samples between columns.")] = DEFAULTS.hop,
    bands: Annotated[int, typer.Option(help="Mel bands.")] = DEFAULTS.bands,
    fmin: Annotated[float, typer.Option(help="Lower edge in Hz.")] = DEFAULTS.fmin,
    fmax: Annotated[float, typer.Option(help="Upper edge in Hz.")] = DEFAULTS.fmax,
    mel_scale: Annotated[str, typer.Option(help="slaney or htk.")] = DEFAULTS.mel_scale,
    norm: Annotated[str, typer.Option(help="none or slaney.")] = DEFAULTS.norm,
    plot: Annotated[Path | None, typer.Option(help="Picture of the filters to write.")] = None,
) -> None:
    """Generate a front end's window, twiddles and mel filters as C."""
    if recipe is None:
        config = FrontendConfig(fft_size, hop, bands, fmin, fmax, mel_scale, norm)
        name = check_c_name(name or "frontend")
    else:
        read = Recipe.from_file(recipe)
        config, name = read.frontend, check_c_name(name or read.name)
    made = FrontendTables.from_config(config)
    console = Console(stderr=True)
    texts = {
        output / f"{name}_tables{suffix}": emit(made, name)
        for suffix, emit in ((".h", emit_header), (".c", emit_source))
    }
    outputs = {f"--output ({path.name})": path for path in texts}
    if plot is not None:
        plot_format(plot)
        outputs["--plot"] = plot
    check_outputs(outputs, [recipe] if recipe is not None else [])
    for path, text in texts.items():
        write_text(path, text)
        console.print(f"wrote {path}", markup=False)
    if plot is not None:
        plot_filters(made, plot)
        console.print(f"wrote {plot}", markup=False)
