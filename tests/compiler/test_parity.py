# SPDX-License-Identifier: Apache-2.0
"""parity.py compares what it says, and sees a byte that differs."""

from pathlib import Path

import numpy as np
import parity
import pytest
import tflm
import typer
from typer.testing import CliRunner

from soundpost.ports import Port

NETWORKS = sorted((Path(__file__).parent / "networks").glob("*.tflite"))
real_run = tflm.run


def one_byte_off(model: bytes, windows: np.ndarray) -> np.ndarray:
    outputs = real_run(model, windows)
    outputs[-1, -1] ^= 1
    return outputs


@pytest.mark.parametrize("windows", [1, 5, 6, 1000, 1003])
def test_all_windows_are_shared_out(windows):
    found = parity.shares(NETWORKS, windows, 70)
    assert sum(share.count for share in found) == windows
    assert len({(share.path, share.number) for share in found}) == len(found)
    counts = [sum(s.count for s in found if s.path == path) for path in NETWORKS]
    assert max(counts) - min(counts) <= 1


def test_windows_are_of_every_loudness_and_differ():
    windows = parity.windows_of((31, 60, 1), 200, [1, 2])
    np.testing.assert_array_equal(windows, parity.windows_of((31, 60, 1), 200, [1, 2]))
    assert not np.array_equal(windows, parity.windows_of((31, 60, 1), 200, [1, 3]))
    loudness = windows.reshape(200, -1).astype(float).std(axis=1)
    assert loudness.min() < 5
    assert loudness.max() > 60
    assert len(np.unique(windows)) == 256
    # every other one is smooth
    steps = np.abs(np.diff(windows.astype(float), axis=1)).mean(axis=(1, 2, 3)) / loudness
    assert steps[::2].max() < steps[1::2].min()


def test_a_byte_that_differs_is_counted(monkeypatch):
    share = parity.Share(NETWORKS[0], 3, 7)
    assert parity.compare(share)[2] == 0
    monkeypatch.setattr(tflm, "run", one_byte_off)
    assert parity.compare(share)[2] == 1


def test_networks_agree(capsys):
    assert parity.on_this_machine(NETWORKS, 90) == 0
    assert f"90 windows of {len(NETWORKS)} networks" in capsys.readouterr().out


def test_a_window_that_differs_on_a_board_is_told(monkeypatch, capsys):
    assert parity.under_qemu(NETWORKS, 12, Port.CORTEX_M4F) == 0
    assert "none differs" in capsys.readouterr().out
    monkeypatch.setattr(tflm, "run", one_byte_off)
    assert parity.under_qemu(NETWORKS[:1], 3, Port.CORTEX_M4F) == 1
    assert "test 0 window 2 output" in capsys.readouterr().out


def test_faults_fail_the_command(monkeypatch):
    application = typer.Typer()
    application.command()(parity.main)
    paths = [str(path) for path in NETWORKS[:2]]
    run = ["--windows", "4", "--qemu", "0"]
    assert CliRunner().invoke(application, [*paths, *run]).exit_code == 0
    monkeypatch.setattr(tflm, "run", one_byte_off)
    assert CliRunner().invoke(application, [*paths, *run]).exit_code == 1
