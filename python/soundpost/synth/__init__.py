# SPDX-License-Identifier: Apache-2.0
"""Synthesised street scenes with a known timeline, at stated levels; see README.md.

Nothing is imported here, so that the command line starts quickly: `scene` has Scene and Event,
`schedule` the scenes that need no writing, `render` makes the sound, `timeline` says what is in it.
"""
