# SPDX-License-Identifier: Apache-2.0
"""What it costs on this machine, on one core, to vary what a network learns from."""

import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from soundpost.augmentation.corpus import Corpus
from soundpost.augmentation.effects import apply_effects, random_effects
from soundpost.augmentation.epoch import batches
from soundpost.augmentation.examples import SHOWN
from soundpost.features.rendering import random_rendering, render
from soundpost.frontend import FrontendConfig, FrontendTables, recording_columns
from soundpost.frontend.config import SAMPLE_RATE
from soundpost.training.config import TrainingConfig

FRONTEND = FrontendConfig(hop=320, bands=64)
WINDOW = 100
CLIP_S = 4
RUNS = 3


def measure_augmentation(pcm: NDArray[np.int16], training: TrainingConfig) -> dict[str, float]:
    """Seconds of audio rendered a second, each with half of all effects; windows drawn a second.

    Args:
        pcm: sound to vary, 16 kHz.
        training: how many windows an epoch and a batch have.
    """
    tables = FrontendTables.from_config(FRONTEND)
    count = CLIP_S * SAMPLE_RATE
    whole = pcm[: len(pcm) // count * count].astype(np.float32) / np.float32(32768)
    clips = whole.reshape(-1, count)
    random = np.random.default_rng(0)
    start = time.process_time()
    renderings = []
    for clip, other in zip(clips, np.roll(clips, 1, axis=0), strict=True):
        changed = apply_effects(clip, random_effects(SHOWN, random), random, other)
        how = random_rendering(SHOWN, FRONTEND.hop, random)
        renderings.append([recording_columns(tables, render(changed, count, how, random))])
    realtime = len(clips) * CLIP_S / (time.process_time() - start)

    labels = np.arange(len(renderings)) % 10
    corpus = Corpus(renderings, labels, 10, WINDOW, FRONTEND)
    config = replace(training, augmentation=SHOWN)
    best = float("inf")
    for _ in range(RUNS):
        start = time.process_time()
        windows = sum(len(inputs) for inputs, _ in batches(corpus, config, random))
        best = min(best, (time.process_time() - start) / windows)
    return {"host.renderings.realtime": realtime, "host.augmentation.windows_per_s": 1.0 / best}
