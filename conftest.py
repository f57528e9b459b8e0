# SPDX-License-Identifier: Apache-2.0
"""What tests of several parts share."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def datasets() -> Path:
    """Folder of the real recordings; a test that asks for it is skipped where there is none."""
    folder = Path(os.environ.get("SOUNDPOST_DATASETS", ROOT.parent / "shared" / "datasets"))
    if not folder.is_dir():
        pytest.skip("no recordings: set SOUNDPOST_DATASETS to a folder with esc10/urbansound8k")
    return folder
