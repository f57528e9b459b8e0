# SPDX-License-Identifier: Apache-2.0
"""The command line. Results go to stdout, everything else to stderr.

Exit codes: 0 all went well, 1 the work was done and found a fault, 2 a user's mistake.
"""

import os
import sys

import typer
from rich.console import Console

from soundpost.bench.command import bench
from soundpost.compiler.command import compile_command
from soundpost.decode import decode_command
from soundpost.demo import demo
from soundpost.errors import UserError
from soundpost.frontend.command import tables
from soundpost.listen.command import listen
from soundpost.models.command import generate
from soundpost.settings import settings_command
from soundpost.synth.command import synth
from soundpost.training.command import train

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Tooling of the Soundpost noise sensor.",
)
app.command()(tables)
app.command()(listen)
app.command()(synth)
app.command("decode")(decode_command)
app.command("settings")(settings_command)
app.command("compile")(compile_command)
app.command()(generate)
app.command()(bench)
app.command()(demo)
app.command()(train)


def main() -> None:
    """Run the command line; a user's mistake is one line and exit code 2."""
    try:
        app()
    except UserError as error:
        Console(stderr=True, highlight=False).print(f"error: {error}", markup=False, soft_wrap=True)
        sys.exit(2)
    except BrokenPipeError:
        # whoever read our output has gone, which is no error of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


if __name__ == "__main__":
    main()
