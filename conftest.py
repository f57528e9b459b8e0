# SPDX-License-Identifier: Apache-2.0
"""What tests of several parts share."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def found_datasets() -> Path | None:
    """Folder of the real recordings: SOUNDPOST_DATASETS, or shared/datasets beside the clone."""
    folder = Path(os.environ.get("SOUNDPOST_DATASETS", ROOT.parent / "shared" / "datasets"))
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def datasets(found_datasets: Path | None) -> Path:
    """The same; a test that asks for it is skipped where there is none."""
    if found_datasets is None:
        pytest.skip("no recordings: set SOUNDPOST_DATASETS to a folder with esc10/urbansound8k")
    return found_datasets
