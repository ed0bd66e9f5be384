"""Features in few dimensions: standardised, and seen along the axes in which real samples vary most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EXPLAINED = 0.99  # of the variance, by the axes that are kept at most
NARROWEST = 1e-3  # of its mean: a feature that hardly varies is not blown up beyond that
FAR = 3.0  # spreads, beyond which offsets grow by their logarithm: one odd image must not decide a distance
TINY = 1e-9  # spread of a feature that is 0 in all real samples


@dataclass(frozen=True, eq=False)
class PrincipalAxes:
    """Principal axes of real features; called with features, it returns their coordinates.

    Parameters
    ----------
    centre, scale : (F,) float64 arrays
        Mean and spread of each feature over the real samples.
    axes : (F, K) float64 array
        Orthonormal, of standardised features.
    """

    centre: Floats
    scale: Floats
    axes: Floats

    def __call__(self, features: Floats) -> Floats:
        """Find the coordinates of samples.

        Parameters
        ----------
        features : (N, F) float64 array
            What is nan, because the sample does not have it, counts as the real mean.

        Returns
        -------
        (N, K + 1) float64 array
            Along the axes, and last the distance from them: a sample that differs where real ones never vary is seen
            there. The unit is such that a shift of every feature by its spread is one of length 1.
        """
        standard = _standardised(features, self.centre, self.scale)
        along = standard @ self.axes
        beside = np.linalg.norm(standard - along @ self.axes.T, axis=1, keepdims=True)
        coordinates: Floats = np.concatenate([along, beside], axis=1) / np.sqrt(len(self.centre))
        return coordinates


def principal_axes(real: Floats, most: int) -> PrincipalAxes:
    """Find the axes in which real samples vary most.

    The real samples alone decide, so that distances of several synthetic sets from them can be compared.

    Parameters
    ----------
    real : (N, F) float64 array
        Features; nan where a sample lacks one.
    most : int
        Axes at most, >= 1; fewer if they explain 99 % of the variance.

    Returns
    -------
    PrincipalAxes
        With K axes.
    """
    there = np.isfinite(real)
    count = np.maximum(there.sum(axis=0), 1)
    centre = np.where(there, real, 0).sum(axis=0) / count
    spread = np.sqrt((np.where(there, real - centre, 0) ** 2).sum(axis=0) / count)
    scale = np.maximum(spread, np.maximum(NARROWEST * np.abs(centre), TINY))
    standard = _standardised(real, centre, scale)
    _, values, axes = np.linalg.svd(standard - standard.mean(axis=0), full_matrices=False)
    share = np.cumsum(values**2) / max(float((values**2).sum()), TINY)
    kept = min(int(np.searchsorted(share, EXPLAINED)) + 1, most, len(values))
    return PrincipalAxes(centre, scale, axes[:kept].T)


def _standardised(features: Floats, centre: Floats, scale: Floats) -> Floats:
    """Offsets in spreads, those that are far drawn in."""
    offsets = np.nan_to_num((features - centre) / scale, nan=0.0)
    size = np.abs(offsets)
    drawn_in: Floats = np.where(size <= FAR, offsets, np.sign(offsets) * FAR * (1 + np.log(np.maximum(size / FAR, 1))))
    return drawn_in
