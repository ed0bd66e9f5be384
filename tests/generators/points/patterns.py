"""Measures of point patterns, shared by their tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist, squareform

from cellsim.generators.base import Points
from cellsim.seeds import stream
from tests.statistics import assert_mean

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


def pair_densities(patterns: Patterns, size: Sequence[float], edges: Sequence[float]) -> NDArray[np.float64]:
    """Ordered pairs of points per volume with a distance between two `edges`, for each pattern.

    A pair counts as the inverse of the volume where its first point may lie so that the second is in the box too
    (translation correction), so that its mean is that of the process whatever the box.
    """
    found = []
    for centres in patterns:
        one, other = cKDTree(centres).query_pairs(edges[-1], output_type="ndarray").reshape(-1, 2).T
        apart = centres[one] - centres[other]
        weights = 2 / np.prod(np.array(size) - abs(apart), axis=1)
        found.append(np.histogram(np.linalg.norm(apart, axis=1), edges, weights=weights)[0])
    return np.array(found)


def assert_pairs(
    patterns: Patterns, size: Sequence[float], edges: Sequence[float], product: Callable[[float], float]
) -> None:
    """The pairs of independent patterns have a product density, given as a function of distance."""
    found = pair_densities(patterns, size, edges)
    sphere = {2: lambda r: 2 * np.pi * r, 3: lambda r: 4 * np.pi * r**2}[len(size)]
    for low, high, values in zip(edges[:-1], edges[1:], found.T, strict=True):
        assert_mean(values, quad(lambda r: product(r) * sphere(r), low, high)[0])


def union_of_balls(r: float, radius: float, ndim: int) -> float:
    """Area or volume that two balls of equal radius cover, their centres `r` apart."""
    u = min(r / (2 * radius), 1.0)
    if ndim == 2:
        return float(2 * radius**2 * (np.pi - np.arccos(u) + u * np.sqrt(1 - u * u)))
    return float(4 / 3 * np.pi * radius**3 * (1 + 1.5 * u - 0.5 * u**3))


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
