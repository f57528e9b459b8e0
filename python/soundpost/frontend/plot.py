# SPDX-License-Identifier: Apache-2.0
"""Pictures of a front end."""

from pathlib import Path

import numpy as np

from soundpost.errors import UserError
from soundpost.files import whole_file
from soundpost.frontend.config import SAMPLE_RATE
from soundpost.frontend.tables import FrontendTables


def filter_matrix(tables: FrontendTables) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """The triangular filters as the tables hold them, shape (bands, fft_size / 2 + 1)."""
    bands = tables.config.bands
    matrix = np.zeros((bands, tables.config.fft_size // 2 + 1))
    edges = np.concatenate([[0], np.cumsum(tables.segments)]).astype(int)
    rising = tables.weights / 2.0**15
    for segment in range(bands + 1):
        inside = slice(edges[segment], edges[segment + 1])
        bins = np.arange(inside.start, inside.stop) + tables.first_bin
        if segment < bands:
            matrix[segment, bins] += rising[inside]
        if segment > 0:
            matrix[segment - 1, bins] += 1.0 - rising[inside]
    return matrix * 10.0 ** (tables.gains_q8[:, None] / (256 * 20.0))


def plot_format(path: Path) -> str:
    """The format that a picture's suffix asks for, as matplotlib names it.

    Raises:
        UserError: if there is none, with those there are.
    """
    from matplotlib.backend_bases import FigureCanvasBase

    known = FigureCanvasBase.get_supported_filetypes()
    suffix = path.suffix.lower().removeprefix(".")
    if suffix not in known:
        raise UserError(f"{path} is no picture's name; end it in .{', .'.join(sorted(known))}")
    return suffix


def plot_filters(tables: FrontendTables, path: Path) -> None:
    """Draw the mel filters over frequency into `path`, in the format of its suffix.

    Raises:
        UserError: if the suffix is unknown, or the file cannot be written.
    """
    kind = plot_format(path)
    from matplotlib.figure import Figure

    config = tables.config
    figure = Figure(figsize=(10, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(
        np.arange(config.fft_size // 2 + 1) * SAMPLE_RATE / config.fft_size,
        filter_matrix(tables).T,
        linewidth=0.8,
    )
    axes.set(
        xlabel="frequency / Hz",
        ylabel="weight of power",
        title=f"{config.bands} mel filters, {config.mel_scale}, FFT of {config.fft_size}",
    )
    with whole_file(path) as temporary:
        figure.savefig(temporary, format=kind)
