# SPDX-License-Identifier: Apache-2.0
"""What a network of models/ is made from: its recipe."""

from soundpost.models.recipe import Recipe

__all__ = ["Recipe"]
