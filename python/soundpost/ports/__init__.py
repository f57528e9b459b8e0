# SPDX-License-Identifier: Apache-2.0
"""The C ports of the sensor, built and run from Python; they need the repository around us."""

from soundpost.ports.build import Port, build, configure_and_build, find_tool, repository
from soundpost.ports.run import emulate, run_sensor

__all__ = [
    "Port",
    "build",
    "configure_and_build",
    "emulate",
    "find_tool",
    "repository",
    "run_sensor",
]
