# SPDX-License-Identifier: Apache-2.0
"""The command line. Results go to stdout, everything else to stderr.

Exit codes: 0 all went well, or whoever read our output has gone; 1 the work was done and found a
fault; 2 a user's mistake; 130 interrupted (Ctrl-C), but for `listen`, which ends its run well.
"""

import errno
import os
import sys
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from soundpost import __version__
from soundpost.augmentation.command import augment
from soundpost.bench.command import bench
from soundpost.compiler.command import compile_command
from soundpost.datasets.command import dataset_app
from soundpost.decode import decode_command
from soundpost.demo import demo
from soundpost.errors import UserError
from soundpost.evaluation.command import evaluate
from soundpost.evaluation.compare_command import compare_command
from soundpost.features.command import features_app
from soundpost.fit.command import fit
from soundpost.frontend.command import tables
from soundpost.listen.command import listen
from soundpost.models.command import generate
from soundpost.provision.command import provision
from soundpost.settings import settings_command
from soundpost.synth.command import synth
from soundpost.training.command import train
from soundpost.zoo.command import zoo

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Tooling of the Soundpost noise sensor.",
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"soundpost {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Tell the version.")
    ] = False,
) -> None:
    pass


app.command()(tables)
app.command()(listen)
app.command()(synth)
app.command("decode")(decode_command)
app.command("settings")(settings_command)
app.command("compile")(compile_command)
app.command()(generate)
app.command()(bench)
app.command()(fit)
app.command()(demo)
app.command()(augment)
app.command()(zoo)
app.command()(train)
app.command()(evaluate)
app.command("compare")(compare_command)
app.add_typer(features_app, name="features")
app.command()(provision)
app.add_typer(dataset_app, name="dataset")


def main() -> None:
    """Run the command line; what goes wrong outside of us is one line and exit code 2."""
    try:
        app()
    except SystemExit as end:
        # Typer and rich both turn a closed pipe into exit code 1
        if isinstance(end.__context__, BrokenPipeError):
            _leave(0)
        raise
    except BrokenPipeError:
        _leave(0)
    except UserError as error:
        _leave(2, str(error))
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        what = error.filename or ("standard output" if full else "input or output")
        _leave(2, f"{what}: {error.strerror or error}; mend that and run it again")


def _leave(code: int, message: str | None = None) -> NoReturn:
    if message:
        console = Console(stderr=True, highlight=False)
        console.print(f"error: {message}", markup=False, soft_wrap=True)
    try:
        sys.stdout.flush()
    except OSError:
        # what Python still holds for the reader cannot be written when it exits either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


if __name__ == "__main__":
    main()
