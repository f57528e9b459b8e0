# SPDX-License-Identifier: Apache-2.0
"""Boards and parts as their documents have them: clocks, memory, currents, cycles."""
