# SPDX-License-Identifier: Apache-2.0
"""What a sensor's records look like to people: a live timeline and an HTML report."""

from soundpost.report.document import Report
from soundpost.report.timeline import Timeline

__all__ = ["Report", "Timeline"]
