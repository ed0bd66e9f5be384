"""Measures of hard-core point patterns, shared by their tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform

from cellsim.generators.base import Points
from cellsim.seeds import stream

Patterns = list[NDArray[np.float64]]


def draw_patterns(points: Points, size: Sequence[float], n: int) -> Patterns:
    """Draw `n` patterns in a box."""
    return [points(size, stream(0, i, "patterns")).centres for i in range(n)]


def least_distance(patterns: Patterns) -> float:
    """Nearest that two points of a pattern are, by looking at all pairs."""
    return min(float(pdist(centres).min()) for centres in patterns if len(centres) > 1)


def counts(patterns: Patterns) -> NDArray[np.int64]:
    """Points of each pattern."""
    return np.array([len(centres) for centres in patterns])


def strip_excess(patterns: Patterns, size: Sequence[float], width: float) -> NDArray[np.float64]:
    """Density of each pattern in a strip along the faces of the box, less that in the middle."""
    edges = np.array(size)
    inner = np.prod(edges - 2 * width)
    found = []
    for centres in patterns:
        middle = ((centres > width) & (centres < edges - width)).all(axis=1).sum()
        found.append((len(centres) - middle) / (edges.prod() - inner) - middle / inner)
    return np.array(found)


def first_come(points: NDArray[np.float64], distance: float, inhibited_count: bool) -> NDArray[np.float64]:
    """Keep, of points in their order, those with none before them nearer than `distance`, by looking at all pairs.

    With `inhibited_count`, points that were themselves dropped drop others (Matérn II), else they do not (SSI).
    """
    near = squareform(pdist(points) < distance) if len(points) > 1 else np.zeros((len(points),) * 2, np.bool_)
    if inhibited_count:
        return points[~(near & np.tri(len(points), k=-1, dtype=bool)).any(axis=1)]
    free = np.ones(len(points), np.bool_)
    for i in range(len(points)):
        if free[i]:
            free[i + 1 :] &= ~near[i, i + 1 :]
    return points[free]
