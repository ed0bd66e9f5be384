"""The window that a point pattern is seen in: a box, or a region of any form; its volume, lags and border."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cellsim.seeds import Rng

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Region:
    """Where points are looked for.

    Parameters
    ----------
    size : (D,) floats
        Edges in µm of the box that it lies in, from 0 to size.
    mask : (Z, Y, X) or (Y, X) bool array, optional
        Its pixels, which fill the box; None for the whole box.

    Raises
    ------
    ValueError
        If an edge is not positive, or the mask has other axes or no pixels.
    """

    size: tuple[float, ...]
    mask: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        if len(self.size) not in (2, 3) or min(self.size) <= 0:
            raise ValueError(f"a region has 2 or 3 edges > 0 µm, got {self.size}")
        if self.mask is not None and (self.mask.ndim != len(self.size) or not self.mask.any()):
            raise ValueError(
                f"the mask of a region must have {len(self.size)} axes and a pixel in it, "
                f"got the shape {self.mask.shape} with {np.count_nonzero(self.mask)} pixels"
            )

    @classmethod
    def of_mask(cls, mask: NDArray[np.bool_], spacing: Sequence[float]) -> Self:
        """Make a region of pixels.

        Parameters
        ----------
        mask : ([Z,] Y, X) bool array
            True in the region.
        spacing : (D,) floats
            Size of a pixel in µm.

        Returns
        -------
        Region
            With the corner of the mask at 0.
        """
        return cls(tuple(n * float(s) for n, s in zip(mask.shape, spacing, strict=True)), np.asarray(mask, np.bool_))

    @property
    def ndim(self) -> int:
        """Number of axes, 2 or 3."""
        return len(self.size)

    @property
    def spacing(self) -> Floats:
        """Size of a pixel of the mask in µm, (D,); of the box if there is no mask."""
        return np.asarray(self.size, np.float64) / (1 if self.mask is None else self.mask.shape)

    @cached_property
    def volume(self) -> float:
        """Area in µm², in 3D volume in µm³."""
        pixels = 1 if self.mask is None else int(np.count_nonzero(self.mask))
        return float(pixels * np.prod(self.spacing))

    def contains(self, points: Floats) -> NDArray[np.bool_]:
        """Tell which points lie in the region.

        Parameters
        ----------
        points : (N, D) float64 array
            In µm.

        Returns
        -------
        (N,) bool array
            True in the region, its border included.
        """
        within: NDArray[np.bool_] = ((points >= 0) & (points <= np.asarray(self.size))).all(axis=1)
        if self.mask is not None:
            within[within] = self.mask[tuple(self._pixels(points[within]).T)]
        return within

    def _pixels(self, points: Floats) -> NDArray[np.int64]:
        """Pixel of the mask that each point lies in."""
        assert self.mask is not None
        return np.minimum((points / self.spacing).astype(np.int64), np.array(self.mask.shape) - 1)

    def border(self, points: Floats) -> Floats:
        """Measure how far points are from the border.

        Parameters
        ----------
        points : (N, D) float64 array
            In the region, in µm.

        Returns
        -------
        (N,) float64 array
            In µm. Of a mask it is exact for the centres of pixels but for half a pixel, and interpolated between them.
        """
        if self.mask is None:
            distance: Floats = np.minimum(points, np.asarray(self.size) - points).min(axis=1, initial=np.inf)
            return distance
        from scipy.ndimage import map_coordinates

        found = map_coordinates(self._depth, (points / self.spacing + 0.5).T, order=1, mode="nearest")
        depth: Floats = np.maximum(found, 0)
        return depth

    @cached_property
    def _depth(self) -> Floats:
        """Distance from the centre of each pixel to the border, with a frame of outer pixels."""
        from scipy.ndimage import distance_transform_edt

        assert self.mask is not None
        padded = np.pad(self.mask, 1)
        step = self.spacing.min() / 2
        inner, outer = (distance_transform_edt(part, sampling=self.spacing) for part in (padded, ~padded))
        depth: Floats = np.where(padded, inner - step, step - outer)
        return depth

    @cached_property
    def covariance(self) -> Floats:
        """Volume of what the region shares with itself when shifted by a lag, by pixels of lag.

        (2 Z + 1, 2 Y + 1, 2 X + 1) float64 array in µm^D; entry (Z, Y, X) is no shift; in 2D Z is 1. Between lags of
        whole pixels it is linear along each axis, without error, for the region is made of boxes.
        """
        from scipy.fft import irfftn, next_fast_len, rfftn

        mask = np.ones((1,) * self.ndim, np.bool_) if self.mask is None else self.mask
        solid = mask.reshape((1,) * (3 - self.ndim) + mask.shape)
        full = tuple(2 * n for n in solid.shape)
        fast = tuple(next_fast_len(n, real=True) for n in full)
        spectrum = rfftn(solid.astype(np.float64), fast)
        shared = np.round(irfftn(np.abs(spectrum) ** 2, fast))
        lags = np.ix_(*(np.arange(-n, n) % m for n, m in zip(solid.shape, fast, strict=True)))
        found: Floats = np.pad(shared[lags] * float(np.prod(self.spacing)), [(0, 1)] * 3)
        return found

    def uniform(self, n: int, rng: Rng) -> Floats:
        """Draw independent points.

        Parameters
        ----------
        n : int
            How many.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        (n, D) float64 array
            In µm.
        """
        pixels: int | NDArray[np.int64] = 0
        if self.mask is not None:
            pixels = self._inside[rng.integers(len(self._inside), size=n)]
        points: Floats = (pixels + rng.random((n, self.ndim))) * self.spacing
        return points

    @cached_property
    def _inside(self) -> NDArray[np.int64]:
        assert self.mask is not None
        return np.argwhere(self.mask)

    def grid(self, n: int) -> Floats:
        """Lay a regular grid over the region.

        Parameters
        ----------
        n : int
            About how many points.

        Returns
        -------
        (M, D) float64 array
            In µm, at least one; those of the grid that lie in the region.
        """
        size = np.asarray(self.size)
        step = (self.volume / n) ** (1 / self.ndim)
        while True:
            counts = np.maximum(np.round(size / step), 1).astype(np.int64)
            axes = [(np.arange(m) + 0.5) / m * edge for m, edge in zip(counts, size, strict=True)]
            points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, self.ndim)
            found: Floats = points[self.contains(points)]
            if len(found):
                return found
            step /= 2


def as_region(window: Sequence[float] | Region) -> Region:
    """Read a window, which may be given by its edges.

    Parameters
    ----------
    window : Region or (D,) floats
        A region, or the edges of a box in µm.

    Returns
    -------
    Region
        The same.
    """
    return window if isinstance(window, Region) else Region(tuple(float(edge) for edge in window))


def inside(points: Floats, region: Region) -> Floats:
    """Check that points lie in a region.

    Parameters
    ----------
    points : (N, D) float64 array
        In µm.
    region : Region
        Where they should be.

    Returns
    -------
    (N, D) float64 array
        The points.

    Raises
    ------
    ValueError
        If they have other axes, or some lie outside.
    """
    points = np.asarray(points, np.float64).reshape(len(points), -1) if len(points) else np.zeros((0, region.ndim))
    if points.shape[1] != region.ndim:
        raise ValueError(f"points in a region of {region.ndim} axes must be (N, {region.ndim}), got {points.shape}")
    if region.mask is None and len(points) and points.min() >= 0 and (points <= region.size).all():
        return points
    if not (within := region.contains(points)).all():
        raise ValueError(f"points must lie in the region, got {np.count_nonzero(~within)} of {len(points)} outside")
    return points
