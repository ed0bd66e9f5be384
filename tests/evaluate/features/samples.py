"""Small samples for tests of features and distances."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cellsim.sample import Sample


def disks(seed: int, objects: int = 6, radius: float = 7.0, side: int = 64, channels: int = 1) -> Sample:
    """Disks that may touch, brighter than a noisy background."""
    rng = np.random.default_rng(seed)
    labels = np.zeros((side, side), np.uint16)
    y, x = np.mgrid[:side, :side]
    for i in range(objects):
        centre, size = rng.uniform(0, side, 2), radius * rng.uniform(0.8, 1.2)
        labels[((y - centre[0]) ** 2 + (x - centre[1]) ** 2 < size**2) & (labels == 0)] = i + 1
    labels = np.unique(labels, return_inverse=True)[1].reshape(labels.shape).astype(np.uint16)
    level = 0.2 + 0.5 * (labels > 0) * rng.uniform(0.8, 1.2)
    image = np.clip(level + 0.03 * rng.standard_normal((channels, side, side)), 0, 1)
    return Sample(labels[np.newaxis], (1.0, 1.0), image.astype(np.float32), structures=("cells",))


def many(count: int, start: int = 0, **keywords: float) -> list[Sample]:
    """Several such samples."""
    return [disks(seed, **keywords) for seed in range(start, start + count)]  # type: ignore[arg-type]


def turned(sample: Sample, flip: bool, quarters: int) -> Sample:
    """The same sample, flipped and turned."""

    def turn(array: NDArray[np.generic]) -> NDArray[np.generic]:
        found = array[..., ::-1] if flip else array
        return np.ascontiguousarray(np.rot90(found, quarters, (-2, -1)))

    assert sample.image is not None
    return replace(sample, labels=turn(sample.labels), image=turn(sample.image))  # type: ignore[arg-type]
