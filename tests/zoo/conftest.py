# SPDX-License-Identifier: Apache-2.0
import sys
from pathlib import Path

from hypothesis import settings

# pytest's importlib mode leaves the helpers beside the tests out of the path
sys.path.insert(0, str(Path(__file__).parent))

settings.register_profile("zoo", derandomize=True, deadline=None, database=None)
settings.load_profile("zoo")
