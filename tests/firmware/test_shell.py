# SPDX-License-Identifier: Apache-2.0
"""The shell of the firmware, typed at on native_sim in real time."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import zephyr
from shell import Shell

from soundpost.audio import write_wav
from soundpost.models.model import DEFAULT_MODEL

CONF = {
    "CONFIG_SOUNDPOST_SHELL": "y",
    "CONFIG_NATIVE_UART_0_ON_STDINOUT": "y",
    "CONFIG_SOUNDPOST_SHELL_CAL_S": "1",
}
RATE = 16000
#: test key: no network has it
APP_KEY = "000102030405060708090a0b0c0d0e0f"


def start(program: Path, folder: Path) -> Shell:
    """The firmware hears a tone, and keeps its settings in the folder."""
    arguments = ["--wav=tone.wav", "--wav-loop", "--flash=flash.bin"]
    return Shell([str(program), "--rt", *arguments], folder)


@pytest.fixture(scope="module")
def program(firmware: zephyr.Firmware) -> Path:
    return firmware("native_sim", CONF).path


@pytest.fixture
def shell(program: Path, tmp_path: Path) -> Iterator[Shell]:
    """Hears a tone of 1 kHz, 20 dB under full scale: 100 dB before calibration."""
    wav = tmp_path / "tone.wav"
    tone = 3276.8 * np.sin(2 * np.pi * 1000 * np.arange(2 * RATE) / RATE)
    write_wav(wav, np.rint(tone).astype(np.int16))
    with start(program, tmp_path) as typed:
        yield typed


def test_a_calibrator_sets_the_level(shell: Shell) -> None:
    time.sleep(1)
    assert re.match(r"LAF 100\.0 dB", shell.type("audio level")[0])
    assert shell.type("cal set 93.97") == ["Measured 100.0 dB; full scale is 113.97 dB now"]
    assert shell.type("cal show") == ["full scale 113.97 dB"]
    time.sleep(0.5)
    assert re.match(r"LAF 94\.0 dB", shell.type("audio level")[0])
    # it outlives the settings
    assert "calibration is kept" in shell.type("settings reset")[0]
    assert shell.type("cal show") == ["full scale 113.97 dB"]


def test_mistakes_are_one_line_with_the_range(shell: Shell) -> None:
    for typed, answer in {
        "cal set loud": "loud is no level; give the calibrator's in dB, such as 94.0",
        "cal set 94.123": "94.123 is no level; give the calibrator's in dB, such as 94.0",
        "settings set interval_s 5": "interval_s is 10 to 3600 s",
        "settings set interval_s soon": "soon is no whole number; interval_s is 10 to 3600 s",
        "settings set volume 1": "There is no setting volume; see `settings list`",
        "detector set interval_s 60": "The detector has no setting interval_s; see `detector show`",
        "detector set hysteresis_pct 50": "hysteresis_pct 50 does not go with the others: "
        "hysteresis_pct must be under unknown_pct",
        "lora keys app-key 0g": "app-key is 32 hex digits, most significant first",
    }.items():
        assert shell.type(typed) == [answer]


def test_settings_are_kept(shell: Shell, program: Path, tmp_path: Path) -> None:
    assert shell.type("settings set interval_s 60") == ["interval_s             60  s"]
    assert shell.type("detector set gate_cdb 5000") == ["gate_cdb             5000  0.01 dB"]
    shell.process.kill()
    shell.process.wait()
    with start(program, tmp_path) as again:
        assert again.type("settings get interval_s")[0] == "interval_s             60  s"
        assert "gate_cdb             5000  0.01 dB" in again.type("settings list")


def test_a_key_never_comes_out(shell: Shell) -> None:
    assert shell.type("lora status")[0] == "not provisioned, region EU868"
    assert shell.type(f"lora keys app-key {APP_KEY}") == ["app-key is set"]
    assert shell.type("lora keys dev-eui 70b3d57ed0000001") == ["dev-eui is set"]
    shown = ["dev-eui  70b3d57ed0000001", "join-eui missing", "app-key  set"]
    assert shell.type("lora keys show") == shown
    shell.type("lora keys join-eui 0000000000000002")
    # all parts are there: the sensor begins to join
    for _ in range(50):
        if shell.type("lora status")[0] == "joining, region EU868":
            break
        time.sleep(0.1)
    else:
        pytest.fail("the sensor does not join")
    said = "\n".join(shell.type(line)[0] for line in ("lora keys show", "settings list", "stats"))
    assert APP_KEY not in said


def test_what_is_pasted_arrives(shell: Shell) -> None:
    shell.paste(
        [
            "lora keys dev-eui 70b3d57ed0000001",
            "lora keys join-eui 0000000000000001",
            f"lora keys app-key {APP_KEY}",
            "settings set interval_s 600",
        ]
    )
    shown = ["dev-eui  70b3d57ed0000001", "join-eui 0000000000000001", "app-key  set"]
    assert shell.type("lora keys show") == shown
    assert "interval_s            600  s" in shell.type("settings list")


def test_stats_and_model(shell: Shell) -> None:
    time.sleep(1)
    stats = "\n".join(shell.type("stats"))
    blocks = re.search(r"audio: (\d+) blocks, (\d+) lost", stats)
    assert blocks is not None
    assert int(blocks[1]) > 0
    assert blocks[2] == "0"
    assert "reset: 1, fault 0" in stats
    for thread in ("audio", "sensing", "main", "idle"):
        assert re.search(rf"^{thread} +stack +\d+ of +\d+, CPU", stats, re.MULTILINE)
    assert f"Model {DEFAULT_MODEL}, engine compiled" in shell.type("model info")
