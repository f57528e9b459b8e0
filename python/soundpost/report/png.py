# SPDX-License-Identifier: Apache-2.0
"""A picture of a matrix, as a PNG of one palette: small, and the same bytes on every machine."""

import struct
import zlib

import numpy as np
import numpy.typing as npt


def png(pixels: npt.NDArray[np.uint8], palette: npt.NDArray[np.uint8]) -> bytes:
    """Encode a picture.

    Args:
        pixels: shape (height, width), indices into the palette; neither side may be 0.
        palette: shape (n, 3), n up to 256: red, green and blue.

    The format is W3C's PNG specification, third edition: colour type 3, filter type 0.
    """
    height, width = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    lines = np.zeros((height, width + 1), np.uint8)
    lines[:, 1:] = pixels
    chunks = [
        (b"IHDR", header),
        (b"PLTE", palette.tobytes()),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
