# SPDX-License-Identifier: Apache-2.0
"""What must hold before a change goes in: named steps, run by ci/presubmit."""
