# SPDX-License-Identifier: Apache-2.0
"""The C ports of the sensor, built and run from Python; they need the repository around us."""

from soundpost.ports.build import Port, build, repository
from soundpost.ports.run import emulate, run_sensor

__all__ = ["Port", "build", "emulate", "repository", "run_sensor"]
