# SPDX-License-Identifier: Apache-2.0
"""The commands of soundpost that generate C, without what else the command line brings."""

import typer

from soundpost.frontend.command import tables
from soundpost.models.command import generate

app = typer.Typer()
app.command()(generate)
app.command()(tables)

if __name__ == "__main__":
    app()
