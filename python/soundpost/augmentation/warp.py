# SPDX-License-Identifier: Apache-2.0
"""Windows that last longer or shorter than others, or lie some bands higher or lower."""

import numpy as np

from soundpost.augmentation.config import AugmentationConfig
from soundpost.augmentation.corpus import Corpus, Places


def warp(
    corpus: Corpus, places: Places, config: AugmentationConfig, random: np.random.Generator
) -> Places:
    """Places with lengths and shifts, as `time_warp` and `band_shift` ask for.

    A longer window holds what was at its place, and a shorter one lies in it, so far as its
    rendering has as many columns.

    Args:
        corpus: what the windows are drawn from.
        places: n windows.
        config: says how far.
        random: two generators are spawned from it, and nothing is drawn.
    """
    in_time, in_bands = random.spawn(2)
    if config.time_warp:
        factors = np.exp(in_time.uniform(-config.time_warp, config.time_warp, len(places.clips)))
        counts = np.array(
            [len(corpus.variants[c][v]) for c, v in zip(places.clips, places.variants, strict=True)]
        )
        lengths = np.clip(np.rint(corpus.window * factors).astype(np.int64), 1, counts)
        free = counts - corpus.window
        # how far into its rendering, of how far it can be
        anywhere = in_time.uniform(size=len(free))
        depth = np.where(free > 0, places.starts / np.maximum(free, 1), anywhere)
        starts = np.rint(depth * (counts - lengths)).astype(np.int64)
        places = places._replace(starts=starts, lengths=lengths)
    if config.band_shift:
        most = config.band_shift
        places = places._replace(
            shifts=in_bands.integers(-most, most, len(places.clips), endpoint=True)
        )
    return places
