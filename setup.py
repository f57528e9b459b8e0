# SPDX-License-Identifier: Apache-2.0
"""Builds the C binding on install; everything else is in pyproject.toml."""

from setuptools import setup

setup(cffi_modules=["ports/host/binding.py:ffibuilder"])
