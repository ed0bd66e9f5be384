"""Are objects found where they are: points against points, and points against regions, within a distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from cellsim.errors import InputError
from cellsim.evaluate.counts import Counts
from cellsim.evaluate.match import Floats, Whole, heaviest

LabelImage = NDArray[Any]

CLOSE = 1e-9  # of the distance: a point exactly at the limit is a hit, whatever the rounding


@dataclass(frozen=True)
class CentreScores(Counts):
    """Points found within a distance, in one image or in several.

    Parameters
    ----------
    tp, fp, fn : int
        Pairs within the distance; found ones in no pair; true ones in no pair.
    limit : float
        Greatest distance of a hit in µm.
    distance_sum : float
        Sum of the distances of all hits in µm.
    """

    limit: float
    distance_sum: float

    SUMMED: ClassVar[tuple[str, ...]] = ("tp", "fp", "fn", "distance_sum")

    @property
    def mean_distance(self) -> float:
        """Mean distance of the hits in µm; nan without hits."""
        return self.distance_sum / self.tp if self.tp else np.nan


def centres_of(labels: LabelImage, spacing: Sequence[float], planes: bool = False) -> Floats:
    """Compute the centres of mass of objects.

    Parameters
    ----------
    labels : ([S,] [Z,] Y, X) integer array
        0 is background, ids may have holes.
    spacing : (D,) floats
        Size of a pixel in µm.
    planes : bool
        The first axis is one of planes, over which objects may overlap.

    Returns
    -------
    (N, D) float64 array
        In µm, ([z,] y, x), ascending by id; pixel k lies at ``(k + 0.5) * spacing``.
    """
    at = np.nonzero(labels)
    _, index = np.unique(labels[at], return_inverse=True)
    count = np.bincount(index)
    means = [np.bincount(index, axis) / count for axis in at[int(planes) :]]
    centres: Floats = (np.stack(means, axis=1) + 0.5) * np.asarray(spacing, np.float64)
    return centres


def centre_scores(truth: Floats, found: Floats, distance: float) -> CentreScores:
    """Compare found points with true ones: a hit is a pair at most so far apart.

    There are as many hits as can be, no point in two of them; of several such choices, the one with the least sum of
    distances.

    Parameters
    ----------
    truth, found : (N, D) and (M, D) float64 arrays
        Positions in µm.
    distance : float
        Greatest distance of a hit in µm, >= 0.

    Returns
    -------
    CentreScores
        Counts, and the distances of hits.

    Raises
    ------
    InputError
        If the distance is negative.
    """
    from scipy.spatial import cKDTree

    _check(distance)
    if not len(truth) or not len(found):
        return CentreScores(0, len(found), len(truth), distance, 0.0)
    reach = distance * (1 + CLOSE)
    near = cKDTree(truth).sparse_distance_matrix(cKDTree(found), reach, output_type="ndarray")
    return _hits(near["i"].astype(np.int64), near["j"].astype(np.int64), near["v"], (len(truth), len(found)), distance)


def region_scores(
    points: Floats,
    found: LabelImage,
    distance: float = 0.0,
    spacing: Sequence[float] | None = None,
    planes: bool = False,
) -> CentreScores:
    """Compare found regions with true points, as DAccuracy [1]_ does for the F1 of DermoGAN [2]_.

    A hit is a point in a region, or at most so far from the middle of one of its pixels. A region of two points is one
    hit and one miss; a point of two regions is one hit and one false alarm. There are as many hits as can be, and of
    several such choices the one with the least sum of distances.

    Parameters
    ----------
    points : (N, D) float64 array
        True positions in µm, ([z,] y, x); pixel k lies at ``(k + 0.5) * spacing``.
    found : ([S,] [Z,] Y, X) integer array
        Regions; 0 is background, ids may have holes.
    distance : float
        Greatest distance in µm from a region, >= 0; at 0 the point must lie in it.
    spacing : (D,) floats, optional
        Size of a pixel in µm; 1 if None.
    planes : bool
        The first axis of `found` is one of planes, over which regions may overlap.

    Returns
    -------
    CentreScores
        Counts, and the distances of hits.

    Raises
    ------
    InputError
        If the distance is negative, or points and regions have different numbers of axes.

    References
    ----------
    .. [1] Debreuve, E. DAccuracy: detection and segmentation accuracy measures.
    .. [2] Lboukili, I., Stamatas, G., Descombes, X. (2024). DermoGAN: multi-task cycle generative adversarial networks
       for unsupervised automatic cell identification on in-vivo reflectance confocal microscopy images of the human
       epidermis. Journal of Biomedical Optics 29(8).
    """
    _check(distance)
    found = found if planes else found[np.newaxis]
    ndim = found.ndim - 1
    points = np.asarray(points, np.float64) if np.size(points) else np.zeros((0, ndim))
    if points.ndim != 2 or points.shape[1] != ndim:
        raise InputError(f"points must be of shape (N, {ndim}) for {ndim} axes, got {points.shape}")
    step = np.ones(ndim) if spacing is None else np.asarray(spacing, np.float64)
    names = np.unique(found[found != 0])
    near = [_regions_near(point / step, found, distance, step) for point in points]
    one = np.repeat(np.arange(len(points)), [len(ids) for ids, _ in near])
    ids = np.concatenate([ids for ids, _ in near]) if near else np.zeros(0, found.dtype)
    far = np.concatenate([far for _, far in near]) if near else np.zeros(0)
    return _hits(one, np.searchsorted(names, ids), far, (len(points), len(names)), distance)


def _regions_near(point: Floats, found: LabelImage, distance: float, step: Floats) -> tuple[LabelImage, Floats]:
    """Ids of the regions within the distance of a point in pixels, and how far they are."""
    own = np.floor(point).astype(np.int64)
    reach = np.ceil(distance / step).astype(np.int64) + 1
    low, high = np.maximum(own - reach, 0), np.minimum(own + reach + 1, found.shape[1:])
    window = found[:, *(slice(a, max(a, b)) for a, b in zip(low, high, strict=True))]
    at = np.nonzero(window)
    pixels = np.stack(at[1:], axis=1) + low
    far = np.sqrt((((pixels + 0.5 - point) * step) ** 2).sum(axis=1))
    far[(pixels == own).all(axis=1)] = 0  # anywhere in a pixel is in it
    close = np.flatnonzero(far <= distance * (1 + CLOSE))
    close = close[np.argsort(far[close], kind="stable")]
    ids, first = np.unique(window[at][close], return_index=True)
    return ids, far[close][first]


def _hits(one: Whole, other: Whole, far: Floats, sizes: tuple[int, int], limit: float) -> CentreScores:
    """Choose as many pairs as can be, and of these the least sum of distances."""
    few = max(1, min(sizes))
    rows = heaviest(one, other, 1 + (1 - far / limit if limit else 1 - far) / (2 * few))
    hits = len(rows)
    return CentreScores(hits, sizes[1] - hits, sizes[0] - hits, limit, float(far[rows].sum()))


def _check(distance: float) -> None:
    if not distance >= 0:
        raise InputError(f"a distance must be >= 0 µm, got {distance}")
