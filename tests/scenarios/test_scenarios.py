# SPDX-License-Identifier: Apache-2.0
"""The firmware in scenes of a sensor's life, each a folder; see README.md."""

import os
from pathlib import Path

import pytest
import zephyr
from scenario import Scenario, scenarios
from stage import heard, play

ACCEPT = "SOUNDPOST_ACCEPT"
CASES = [
    pytest.param(scenario, board, id=f"{scenario.folder.name}-{board}")
    for scenario in scenarios()
    for board in scenario.boards
]


@pytest.mark.parametrize(("scenario", "board"), CASES)
def test_scenario(scenario: Scenario, board: str, tmp_path: Path) -> None:
    missing = zephyr.why_not()
    if missing is not None:
        pytest.skip(missing)
    played = play(scenario, zephyr.build(board), tmp_path)
    lines = "".join(f"{line}\n" for line in played.lines)

    if os.environ.get(ACCEPT) == "1":
        scenario.snapshot.write_text(lines, encoding="utf-8")
    for wanted in scenario.log:
        assert any(wanted in line for line in played.log), (wanted, played.log)
    if scenario.listen:
        assert sorted(played.frames) == sorted(heard(scenario))
    assert lines == scenario.snapshot.read_text(encoding="utf-8")


def test_every_folder_is_a_scenario() -> None:
    folders = {path.name for path in Path(__file__).parent.iterdir() if path.is_dir()}
    assert {case.folder.name for case in scenarios()} == folders - {"__pycache__"}
    assert len(scenarios()) >= 10
