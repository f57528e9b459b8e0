# SPDX-License-Identifier: Apache-2.0
"""The streaming form of a network: from window to window, it computes only what is new."""
