# SPDX-License-Identifier: Apache-2.0
"""ci/presubmit."""

from soundpost_ci.cli import main

main()
