# SPDX-License-Identifier: Apache-2.0
"""The front end of core/, from Python: its tables, and the columns it makes of samples."""

from soundpost.frontend.config import NORMALISATIONS, FrontendConfig, Normalisation
from soundpost.frontend.features import (
    Frontend,
    kept_columns,
    normalised_window,
    normalised_windows,
    recording_columns,
    running_mean,
)
from soundpost.frontend.tables import FrontendTables

__all__ = [
    "NORMALISATIONS",
    "Frontend",
    "FrontendConfig",
    "FrontendTables",
    "Normalisation",
    "kept_columns",
    "normalised_window",
    "normalised_windows",
    "recording_columns",
    "running_mean",
]
