# SPDX-License-Identifier: Apache-2.0
"""Soundpost: the tooling of an open noise sensor."""

__version__ = "0.1.0"
