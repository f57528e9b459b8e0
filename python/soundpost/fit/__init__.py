# SPDX-License-Identifier: Apache-2.0
"""Whether the whole application fits a board: memories, CPU share, energy, battery life."""
