# SPDX-License-Identifier: Apache-2.0
"""From a recipe and labelled clips to a tested int8 network.

Only soundpost.training.network needs TensorFlow, and it loads it when one of its functions is
called; everything else works without.
"""
