# SPDX-License-Identifier: Apache-2.0
"""Scalars in TensorBoard's event files, which TensorBoard itself is not needed to write."""

from pathlib import Path
from typing import Any

from soundpost.tf import load_tensorflow


class Log:
    """Writes scalars, a step at a time."""

    def __init__(self, folder: Path) -> None:
        """Begin another event file in `folder`; TensorBoard reads all of a folder as one run."""
        self._tf: Any = load_tensorflow()
        metadata = self._tf.compat.v1.SummaryMetadata
        self._kind = metadata(plugin_data=metadata.PluginData(plugin_name="scalars"))
        self._writer = self._tf.summary.create_file_writer(str(folder))

    def write(self, step: int, scalars: dict[str, float]) -> None:
        """Write what is known after `step`."""
        with self._writer.as_default():
            for name, value in scalars.items():
                tensor = self._tf.constant(value, self._tf.float32)
                self._tf.summary.write(name, tensor, step, self._kind)
        self._writer.flush()

    def close(self) -> None:
        """End the file."""
        self._writer.close()
