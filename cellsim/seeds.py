"""Where every random number comes from: a stream named by (seed, sample index, stage)."""

from __future__ import annotations

from zlib import crc32

import numpy as np

Rng = np.random.Generator


def stream(seed: int, index: int, stage: str) -> Rng:
    """Return the random stream of one stage of one sample.

    The same address gives the same numbers whatever the worker, order or batch. Stages are keyed by name,
    so that adding a stage to a recipe changes no other stage.

    Parameters
    ----------
    seed : int
        Seed of the recipe, >= 0.
    index : int
        Index of the sample, >= 0.
    stage : str
        Name of the stage or of the parameter, such as ``"generator"``.

    Returns
    -------
    numpy.random.Generator
        A fresh PCG64 generator.

    Raises
    ------
    ValueError
        If `seed` or `index` is negative.
    """
    if seed < 0 or index < 0:
        raise ValueError(f"seed and index must be >= 0, got seed {seed} and index {index}")
    words = [crc32(stage.encode()), index, seed]
    small = max(index, seed) < 2**32  # then an array seeds the same generator as the list, in half the time
    return np.random.default_rng(np.array(words, np.uint32) if small else words)
