# SPDX-License-Identifier: Apache-2.0
"""How all C is compiled, on every platform; CMakeLists.txt has the same flags."""

COPTS = [
    "-std=gnu11",
    "-O2",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-ffp-contract=off",
    "-ffunction-sections",
    "-fdata-sections",
]
