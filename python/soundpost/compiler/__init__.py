# SPDX-License-Identifier: Apache-2.0
"""The network compiler: from a .tflite file to C, or to a network that runs here."""

from soundpost.compiler.compile import Compiled, compile_network
from soundpost.compiler.network import Network, StreamingNetwork

__all__ = ["Compiled", "Network", "StreamingNetwork", "compile_network"]
