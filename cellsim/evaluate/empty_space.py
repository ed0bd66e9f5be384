"""Distances to the nearest point, from points (G) and from anywhere (F), where the border hides the nearest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellsim.evaluate.region import Region, as_region, inside
from cellsim.evaluate.spatial import ascending, nearest, neighbour_distances

Floats = NDArray[np.float64]

PROBES = 256  # places in a window that the empty space is measured from


class Seen(NamedTuple):
    """Distances to the nearest point, as far as the window shows them.

    Parameters
    ----------
    distance : (N,) float64 array
        To the nearest point in the window, in µm; inf where there is none.
    border : (N,) float64 array
        To the border of the window, in µm. What is nearer than the nearest point seen hides the true one.
    """

    distance: Floats
    border: Floats


def neighbours_seen(points: Floats, window: Sequence[float] | Region) -> Seen:
    """Measure from each point to the nearest other.

    Parameters
    ----------
    points : (N, D) float64 array
        Positions in µm, in the window.
    window : Region or (D,) floats
        Where points are seen; the edges in µm of a box that begins at 0.

    Returns
    -------
    Seen
        One distance a point.
    """
    region = as_region(window)
    points = inside(points, region)
    return Seen(neighbour_distances(points), region.border(points))


def empty_space_seen(points: Floats, window: Sequence[float] | Region, probes: int = PROBES) -> Seen:
    """Measure from a regular grid to the nearest point.

    Parameters
    ----------
    points : (N, D) float64 array
        Positions in µm, in the window.
    window : Region or (D,) floats
        Where points are seen; the edges in µm of a box that begins at 0.
    probes : int
        About how many places of the grid there are.

    Returns
    -------
    Seen
        One distance a place.
    """
    region = as_region(window)
    places, border = probes_of(region, probes)
    return Seen(nearest(places, inside(points, region)), border)


@lru_cache(maxsize=16)
def probes_of(region: Region, probes: int = PROBES) -> tuple[Floats, Floats]:
    """Lay a regular grid over a region, from which empty space is measured.

    Parameters
    ----------
    region : Region
        The window; asked again, the same object has the same answer at once.
    probes : int
        About how many places there are.

    Returns
    -------
    places : (M, D) float64 array
        In µm.
    border : (M,) float64 array
        How far each is from the border, in µm.
    """
    places = region.grid(probes)
    return places, region.border(places)


def kaplan_meier(seen: Seen, radii: Sequence[float] | Floats) -> Floats:
    """Estimate the distribution of distances when the border censors some, by Kaplan and Meier [1]_.

    A place farther from a point than from the border tells only that its distance is at least that to the border.
    Several windows are pooled by laying their distances end to end.

    Parameters
    ----------
    seen : Seen
        Distances.
    radii : (R,) floats
        In µm, ascending.

    Returns
    -------
    (R,) float64 array
        Share of distances up to each radius, from 0 to 1; nan beyond the last radius at which a place is far enough
        from the border, and everywhere if there is no place.

    References
    ----------
    .. [1] Baddeley, A. J., Gill, R. D. (1997). Kaplan-Meier estimators of distance distributions for spatial point
       processes. Annals of Statistics 25(1).
    """
    radii = ascending(radii)
    time = np.minimum(seen.distance, seen.border)
    if not len(time):
        return np.full(len(radii), np.nan)
    order = np.argsort(time)
    time, died = time[order], (seen.distance <= seen.border)[order]
    first = np.searchsorted(time, time[died])  # all that are not before it are at risk, ties included
    with np.errstate(divide="ignore"):
        hazard = np.log1p(-np.bincount(first, minlength=len(time)) / (len(time) - np.arange(len(time))))
    survival = np.exp(np.concatenate([[0.0], np.cumsum(hazard)]))
    share: Floats = 1 - survival[np.searchsorted(time, radii, side="right")]
    share[radii > time[-1]] = 1.0 if share[-1] == 1 else np.nan
    return share


def pooled(several: Sequence[Seen]) -> Seen:
    """Lay the distances of several windows end to end.

    Parameters
    ----------
    several : sequence of Seen
        One a window.

    Returns
    -------
    Seen
        All of them.
    """
    return Seen(
        np.concatenate([np.zeros(0), *(seen.distance for seen in several)]),
        np.concatenate([np.zeros(0), *(seen.border for seen in several)]),
    )


def nearest_neighbour_g(points: Floats, window: Sequence[float] | Region, radii: Sequence[float] | Floats) -> Floats:
    """Estimate G, the distribution of the distance from a point to the nearest other.

    Of a Poisson process it is 1 - exp(-λ π r²), in 3D 1 - exp(-λ 4/3 π r³).

    Parameters
    ----------
    points : (N, D) float64 array
        Positions in µm, in the window.
    window : Region or (D,) floats
        Where points are seen; the edges in µm of a box that begins at 0.
    radii : (R,) floats
        In µm, ascending.

    Returns
    -------
    (R,) float64 array
        From 0 to 1, by `kaplan_meier`; nan of no points, and beyond the last radius that is seen.
    """
    return kaplan_meier(neighbours_seen(points, window), radii)


def empty_space_f(points: Floats, window: Sequence[float] | Region, radii: Sequence[float] | Floats) -> Floats:
    """Estimate F, the distribution of the distance from anywhere to the nearest point.

    Of a Poisson process it is G; F < G says that points stand in clusters, F > G that they keep apart.

    Parameters
    ----------
    points : (N, D) float64 array
        Positions in µm, in the window.
    window : Region or (D,) floats
        Where points are seen; the edges in µm of a box that begins at 0.
    radii : (R,) floats
        In µm, ascending.

    Returns
    -------
    (R,) float64 array
        From 0 to 1, by `kaplan_meier`; nan beyond the last radius that is seen.
    """
    return kaplan_meier(empty_space_seen(points, window), radii)
