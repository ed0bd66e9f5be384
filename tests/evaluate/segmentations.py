"""Pairs of label images to score: random ones, cells with neighbours, and hand-made cases."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Labels = NDArray[np.uint16]


def cells(seed: int, shape: tuple[int, ...] = (128, 128), n: int = 60, reach: float = 9.0) -> Labels:
    """Voronoi cells of random points, cut to disks or balls, with neighbours that touch; ids 1..N without holes."""
    rng = np.random.default_rng(seed)
    centres = rng.random((n, len(shape))) * shape
    pixels = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1).reshape(-1, len(shape))
    far, nearest = cKDTree(centres).query(pixels)
    labels = np.where(far < reach, nearest + 1, 0)
    return np.unique(labels, return_inverse=True)[1].reshape(shape).astype(np.uint16)


def segmented(truth: Labels, seed: int) -> Labels:
    """What a poor segmentation makes of cells: shifted, some lost, some merged, some split, some invented."""
    rng = np.random.default_rng(seed)
    n = int(truth.max())
    names = rng.permutation(n + 1)
    names[rng.random(n + 1) < 0.1] = 0  # lost
    names[rng.random(n + 1) < 0.2] = max(1, n // 2)  # merged
    names[0] = 0
    found = names[np.roll(truth, tuple(rng.integers(-2, 3, truth.ndim)), tuple(range(truth.ndim)))]
    found[: truth.shape[0] // 2][found[: truth.shape[0] // 2] > 0.8 * n] += n  # split
    found[-4:, :9] = 3 * n  # invented
    return np.unique(found, return_inverse=True)[1].reshape(truth.shape).astype(np.uint16)


def pair(seed: int, shape: tuple[int, ...] = (128, 128)) -> tuple[Labels, Labels]:
    """True cells, and what was found of them."""
    truth = cells(seed, shape, n=60 if len(shape) == 2 else 30)
    return truth, segmented(truth, seed)


def label_pairs(most: int = 6) -> st.SearchStrategy[tuple[Labels, Labels]]:
    """Small label images of one shape, with objects of many pieces and all kinds of overlap."""

    def draw(seed: int, height: int, width: int, share: float) -> tuple[Labels, Labels]:
        rng = np.random.default_rng(seed)
        truth = rng.integers(0, most + 1, (height, width)).astype(np.uint16)
        noise = rng.integers(0, most + 1, (height, width)).astype(np.uint16)
        return truth, np.where(rng.random((height, width)) < share, truth, noise)

    return st.builds(draw, st.integers(0, 2**32 - 1), st.integers(1, 7), st.integers(1, 7), st.floats(0, 1))


def dense_iou(truth: NDArray[Any], found: NDArray[Any]) -> NDArray[np.float64]:
    """IoU of all pairs of objects, by masks."""
    one, other = (np.unique(labels[labels > 0]) for labels in (truth, found))
    table = np.zeros((len(one), len(other)))
    for i, a in enumerate(one):
        for k, b in enumerate(other):
            table[i, k] = ((truth == a) & (found == b)).sum() / ((truth == a) | (found == b)).sum()
    return table
