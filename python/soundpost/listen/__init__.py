# SPDX-License-Identifier: Apache-2.0
"""`soundpost listen`: the sensor on a recording or a stream."""
