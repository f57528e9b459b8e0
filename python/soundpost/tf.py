# SPDX-License-Identifier: Apache-2.0
"""TensorFlow, set up to give the same numbers on every run; loaded when it is asked for.

What can be said in Keras is: its layers, losses, optimisers and ops. TensorFlow itself sets up
threads and determinism, converts to .tflite and writes TensorBoard's files.
"""

import importlib
import importlib.util
import os
import random
import sys
from dataclasses import dataclass
from typing import Any

from soundpost.errors import UserError

MISSING = "training needs TensorFlow ({}); pip install -e '.[train]'"


def check_tensorflow() -> None:
    """Find TensorFlow without the seconds that it takes to load.

    Raises:
        UserError: if it is not installed.
    """
    if importlib.util.find_spec("tensorflow") is None:
        raise UserError(MISSING.format("there is no module named tensorflow"))


@dataclass(frozen=True)
class Setup:
    """How TensorFlow computes; weights depend on both to the last bit.

    Attributes:
        threads: of an operation; sums are split by thread.
        onednn: whether oneDNN computes convolutions, whose sums depend on the instruction set.
    """

    threads: int = 2
    onednn: bool = False


_setup = Setup()


def set_up(setup: Setup) -> None:
    """Choose how TensorFlow computes, before this process loads it.

    Raises:
        RuntimeError: if it is loaded already and was set up otherwise.
    """
    global _setup
    if setup != _setup and "tensorflow" in sys.modules:
        raise RuntimeError(f"TensorFlow is loaded with {_setup}; {setup} needs another process")
    _setup = setup


def load_tensorflow() -> Any:
    """The tensorflow module.

    Raises:
        UserError: if it is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = str(int(_setup.onednn))
    try:
        tf = importlib.import_module("tensorflow")
    except ImportError as error:
        raise UserError(MISSING.format(error)) from error
    tf.get_logger().setLevel("ERROR")
    tf.config.experimental.enable_op_determinism()
    if tf.config.threading.get_intra_op_parallelism_threads() != _setup.threads:
        tf.config.threading.set_intra_op_parallelism_threads(_setup.threads)
        if _setup.threads == 1:
            tf.config.threading.set_inter_op_parallelism_threads(1)
    return tf


def load_keras() -> Any:
    """Keras 3 upon that TensorFlow.

    Raises:
        UserError: if TensorFlow is not installed.
    """
    return load_tensorflow().keras


def seed_everything(seed: int) -> None:
    """Seed Python, numpy and Keras."""
    random.seed(seed)
    load_keras().utils.set_random_seed(seed)
