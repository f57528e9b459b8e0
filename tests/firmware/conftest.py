# SPDX-License-Identifier: Apache-2.0
"""Firmware on the three simulators; skipped where there is no Zephyr."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

# pytest's importlib mode leaves the helpers beside the tests out of the path
sys.path.insert(0, str(Path(__file__).parent))
import zephyr
from street import Street


@pytest.fixture(scope="session")
def firmware() -> zephyr.Firmware:
    """`firmware(board, conf)` builds, once a session: see zephyr.build."""
    missing = zephyr.why_not()
    if missing is not None:
        pytest.skip(missing)
    built: dict[tuple[str, ...], zephyr.Executable] = {}

    def build(board: str, conf: Mapping[str, str] | None = None) -> zephyr.Executable:
        key = (board, *(f"{name}={value}" for name, value in sorted((conf or {}).items())))
        if key not in built:
            built[key] = zephyr.build(board, conf)
        return built[key]

    return build


@pytest.fixture(params=zephyr.BOARDS)
def board(request: pytest.FixtureRequest) -> str:
    """Each of the simulators."""
    return str(request.param)


@pytest.fixture
def street(
    firmware: zephyr.Firmware, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Street]:
    """A sensor on native_sim, or on the board that a test names by indirect parametrisation."""
    street = Street(firmware(getattr(request, "param", "native_sim")), tmp_path)
    with street.air:
        yield street
