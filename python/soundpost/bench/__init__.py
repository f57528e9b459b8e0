# SPDX-License-Identifier: Apache-2.0
"""What the sensor costs: instructions, bytes, and seconds on a PC."""
