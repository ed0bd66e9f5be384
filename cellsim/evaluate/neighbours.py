"""What is next to an object: its neighbours, contacts, how crowded it is there, and which way the others point."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.evaluate.region import Region, as_region, inside
from cellsim.evaluate.spatial import BALL
from cellsim.kernel import kernel

Floats = NDArray[np.float64]
LabelImage = NDArray[np.integer[Any]]

PLACES = 256  # in a ball, by which its share in the window is found


class Contacts(NamedTuple):
    """Which objects are next to each other; row i belongs to the id i + 1.

    Parameters
    ----------
    pairs : (P, 2) int64 array
        Ids of neighbours, the smaller first, each pair once.
    number : (N,) int64 array
        Number of neighbours.
    fraction : (N,) float64 array
        Share of the object's outermost pixels that are near another object; nan of ids that no pixel has.
    """

    pairs: NDArray[np.int64]
    number: NDArray[np.int64]
    fraction: Floats


def neighbours(labels: LabelImage, spacing: Sequence[float], reach: float) -> Contacts:
    """Find the objects that are no farther from each other than a distance.

    Parameters
    ----------
    labels : ([Z,] Y, X) integer array
        0 is background, objects are 1..N.
    spacing : (D,) floats
        Size of a pixel in µm.
    reach : float
        Distance in µm between the centres of two pixels of neighbours. One pixel for cells that touch; more where
        a membrane of background parts them.

    Returns
    -------
    Contacts
        Pairs, and what each object has of them. Beyond the image is nothing: pixels at the border count as outermost,
        and are near no other object there.

    Raises
    ------
    ValueError
        If `reach` is less than a pixel.
    """
    step = np.asarray(spacing, np.float64)
    if reach < step.min() * (1 - 1e-9):
        raise ValueError(f"reach must be >= a pixel, {step.min():g} µm, got {reach}")
    n = int(labels.max(initial=0))
    most = np.floor(reach / step + 1e-9).astype(np.int64)
    ways = np.array([v for v in itertools.product(*(range(-m, m + 1) for m in most)) if any(v)])
    ways = ways[((ways * step) ** 2).sum(axis=1) <= (reach * (1 + 1e-9)) ** 2]
    frame = np.maximum(most, 1)
    padded = np.pad(np.asarray(labels, np.int64), [(m, m) for m in frame])
    strides = np.array(padded.strides) // padded.itemsize
    outer, near, codes = _contacts(padded.ravel(), strides, ways @ strides, n)
    codes = np.unique(codes)
    pairs = np.stack([codes // (n + 1), codes % (n + 1)], axis=1)
    number = np.bincount(pairs.ravel(), minlength=n + 1)[1:]
    return Contacts(pairs, number, np.where(outer > 0, near / np.maximum(outer, 1), np.nan)[1:])


@kernel
def _contacts(labels, faces, ways, n):  # type: ignore[no-untyped-def]
    """Outermost pixels of each object, those near another, and every pair seen, as one number."""
    outer, near = np.zeros(n + 1), np.zeros(n + 1)
    codes = np.empty(1024, np.int64)
    m = 0
    for i in range(labels.size):
        own = labels[i]
        if own == 0:
            continue
        inner = True
        for face in faces:
            inner = inner and labels[i + face] == own and labels[i - face] == own
        if inner:
            continue
        outer[own] += 1
        last = 0
        for way in ways:
            other = labels[i + way]
            if other != 0 and other != own and other != last:
                near[own] += 1 if last == 0 else 0
                last = other
                if m == codes.size:
                    codes = np.append(codes, codes)
                codes[m] = min(own, other) * (n + 1) + max(own, other)
                m += 1
    return outer, near, codes[:m]


def local_density(points: Floats, window: Sequence[float] | Region, reach: float) -> Floats:
    """Count the other points within a distance of each, over the area (volume) that is searched in the window.

    Parameters
    ----------
    points : (N, D) float64 array
        Positions in µm, in the window.
    window : Region or (D,) floats
        Where points are seen; the edges in µm of a box that begins at 0.
    reach : float
        In µm.

    Returns
    -------
    (N,) float64 array
        In 1/µm^D.
    """
    from scipy.spatial import cKDTree

    region = as_region(window)
    points = inside(points, region)
    if not len(points):
        return np.zeros(0)
    tree = cKDTree(points)
    others = np.asarray(tree.query_ball_point(points, reach, return_length=True)) - 1
    share = np.ones(len(points))
    cut = region.border(points) < reach
    places = points[cut][:, np.newaxis] + reach * _ball(region.ndim)
    share[cut] = region.contains(places.reshape(-1, region.ndim)).reshape(-1, PLACES).mean(axis=1)
    density: Floats = others / (BALL[region.ndim] * reach**region.ndim * np.maximum(share, 1 / PLACES))
    return density


def _ball(ndim: int) -> Floats:
    """Places spread evenly in the ball of radius 1, on a golden spiral."""
    i = np.arange(PLACES) + 0.5
    if ndim == 2:
        turn, radius = math.pi * (3 - math.sqrt(5)) * i, np.sqrt(i / PLACES)
        return np.stack([radius * np.sin(turn), radius * np.cos(turn)], axis=1)
    z, turn, radius = 1 - 2 * (i * 0.7548776662466927 % 1), 2 * math.pi * (i * 0.5698402909980532 % 1), i / PLACES
    ring = np.sqrt(1 - z**2)
    places: Floats = np.cbrt(radius)[:, np.newaxis] * np.stack([z, ring * np.sin(turn), ring * np.cos(turn)], axis=1)
    return places


def nematic_order(axes: Floats) -> float:
    """Return the nematic order parameter S of axes that have no head [1]_: 1 if they are parallel, 0 for any direction.

    S is the greatest eigenvalue of the mean of (D u uᵀ - 1) / (D - 1) over axes u. Of n axes that are independent it is
    about 1 / sqrt(n), not 0; `aligned` has no such bias.

    Parameters
    ----------
    axes : (N, D) float64 array
        Of length 1 and either sign; rows of nan do not count.

    Returns
    -------
    float
        nan if there is none.

    References
    ----------
    .. [1] de Gennes, P. G., Prost, J. (1993). The physics of liquid crystals, 2nd ed. Oxford University Press.
    """
    known, ndim = axes[~np.isnan(axes).any(axis=1)], axes.shape[1]
    if not len(known):
        return np.nan
    tensor = (ndim * known.T @ known / len(known) - np.eye(ndim)) / (ndim - 1)
    return float(np.linalg.eigvalsh(tensor)[-1])


def aligned(axes: Floats) -> float:
    """Estimate S², the square of the nematic order, from pairs of axes: 0 on average for independent ones.

    Parameters
    ----------
    axes : (N, D) float64 array
        Of length 1 and either sign; rows of nan do not count.

    Returns
    -------
    float
        Mean of (D cos² - 1) / (D - 1) over pairs, -1 to 1: exactly S² for many axes that are spread alike about one
        direction; nan for less than two.
    """
    known, ndim = axes[~np.isnan(axes).any(axis=1)], axes.shape[1]
    n = len(known)
    if n < 2:
        return np.nan
    squares = float((np.linalg.norm(known.T @ known) ** 2 - n) / (n * (n - 1)))
    return (ndim * squares - 1) / (ndim - 1)


def local_order(points: Floats, axes: Floats, reach: float) -> Floats:
    """Tell how parallel each object is to those around it.

    Parameters
    ----------
    points : (N, D) float64 array
        Positions in µm.
    axes : (N, D) float64 array
        Of length 1 and either sign; rows of nan do not count.
    reach : float
        In µm, of positions.

    Returns
    -------
    (N,) float64 array
        Mean of (D cos² - 1) / (D - 1) of the angles to the others in reach: 1 if parallel, 0 for any direction; nan
        where there is none.
    """
    from scipy.spatial import cKDTree

    known, ndim = ~np.isnan(axes).any(axis=1), axes.shape[1]
    found = np.full(len(points), np.nan)
    if known.sum() < 2:
        return found
    pairs = cKDTree(points[known]).query_pairs(reach, output_type="ndarray")
    units = axes[known]
    value = (ndim * (units[pairs[:, 0]] * units[pairs[:, 1]]).sum(axis=1) ** 2 - 1) / (ndim - 1)
    n = len(units)
    total = np.bincount(pairs.ravel("F"), np.tile(value, 2), n)
    count = np.bincount(pairs.ravel("F"), minlength=n)
    found[known] = np.divide(total, count, out=np.full(n, np.nan), where=count > 0)
    return found
