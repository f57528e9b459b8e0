# SPDX-License-Identifier: Apache-2.0
import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[2]
DATASETS = Path(os.environ.get("SOUNDPOST_DATASETS", ROOT.parent / "shared" / "datasets"))

settings.register_profile("training", derandomize=True, deadline=None, database=None)
settings.load_profile("training")


@pytest.fixture(scope="session")
def folder() -> Path:
    """Folder of the shipped network."""
    return ROOT / "models" / "stride_ds_24"


@pytest.fixture(scope="session")
def urbansound8k() -> Path:
    """The real dataset."""
    path = DATASETS / "urbansound8k"
    if not path.is_dir():
        pytest.skip(f"{path} is not there; set SOUNDPOST_DATASETS to the folder of datasets")
    return path
