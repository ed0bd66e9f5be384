"""What ellipsoids and rough stars share: size, elongation and direction, and the kernel that draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cellsim.distributions import Number, OptionalPerObject, PerObject, draw_each, support
from cellsim.generators.around import around, stream_of_fields
from cellsim.generators.base import Field, Placement, Shape
from cellsim.kernel import kernel
from cellsim.masks.crops import Crops
from cellsim.masks.lift import lift
from cellsim.masks.pieces import keep_pieces
from cellsim.seeds import Rng
from cellsim.steps import parameter

Waves = tuple[NDArray[np.float64], NDArray[np.float64]]


class Oriented(Shape):
    """A unit ball with a rough surface, stretched along one direction and scaled."""

    aligns: ClassVar[bool] = True
    radius: OptionalPerObject = parameter(
        None, unit="µm", doc="Radius of the disk or ball of equal content; none if the points have radii.", bounds="> 0"
    )
    elongation: PerObject = parameter(
        1.0, doc="Half axis along the direction of an object over those across; < 1 is flat.", bounds="> 0"
    )
    along: Field | None = parameter(None, doc="Direction of objects, a field of D components; none for any direction.")
    spread: Number = parameter(0.0, unit="°", doc="Standard deviation of the angle to that direction.", bounds=">= 0")

    @property
    def follows(self) -> bool:
        """Whether objects have another direction at another place."""
        return self.along is not None

    @property
    def extent(self) -> tuple[float, float]:
        """Least and greatest radius of the disk or ball of an object's content, in µm."""
        return support(self.radius)

    def __call__(self, placement: Placement, spacing: Sequence[float], rng: Rng) -> Crops:
        """Draw an object at every centre.

        Parameters
        ----------
        placement : Placement
            Centres in µm; radii, where there are, take the place of `radius`, and directions that of `along`.
        spacing : (D,) floats
            Size of a pixel in µm.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Crops
            Tight windows, one connected piece each.

        Raises
        ------
        ValueError
            If there is no radius, or the field of directions has another number of components.
        """
        n, ndim = len(placement), len(spacing)
        radius, elongation, direction = self._sizes(placement, rng)
        centre, step = lift(placement.centres, 0.5), lift(spacing, 1.0)
        waves, basis = self._surface(n, ndim, rng)
        objects = centre, radius, elongation, lift(direction, 0.0)
        pixels, start, shape, corner = _draw(objects, step, ndim, waves, basis)
        return Crops(pixels, start, shape, corner, ndim)

    def _sizes(
        self, placement: Placement, rng: Rng
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Draw radius (N,), elongation (N,) and direction (N, D) of every object."""
        n, radius = len(placement), placement.radii
        if radius is None:
            if self.radius is None:
                raise ValueError(f"{self.kind} needs a radius (µm): these points have none")  # type: ignore[attr-defined]
            radius = draw_each(self.radius, rng, n)
        elongation = draw_each(self.elongation, rng, n)
        return radius, elongation, self._directions(placement, rng)

    def _surface(self, n: int, ndim: int, rng: Rng) -> Waves:
        """Draw the logarithm of each surface's radius: (N, K) weights of (K, T) functions at the nodes of a table."""
        return np.zeros((n, 0)), np.zeros((0, 1))

    def _directions(self, placement: Placement, rng: Rng) -> NDArray[np.float64]:
        """Draw the direction of every object, (N, D), of any length; isotropic where none is given."""
        centres, field = placement.centres, placement.directions
        if field is None and self.along is not None:
            field = self.along(centres, centres.shape[1], stream_of_fields(rng))
        return around(field, self.spread, (len(centres), centres.shape[1]), rng)


@kernel
def _draw(objects, spacing, ndim, waves, basis):  # type: ignore[no-untyped-def]
    """Draw all objects in tight windows."""
    centre, radius, elongation, direction = objects
    n = len(radius)
    start, shape, corner = np.zeros(n + 1, np.int64), np.ones((n, 3), np.int64), np.zeros((n, 3), np.int64)
    pixel, at, reach = np.zeros((n, 3), np.int64), np.empty(3), np.empty(3)
    pixels, table = np.empty(256 * n, np.bool_), np.ones(basis.shape[1])
    low, high = 1.0, 1.0
    for i in range(n):
        if len(basis):
            low, high = _roughen(table, waves[i], basis)
        length = np.sqrt(direction[i, 0] ** 2 + direction[i, 1] ** 2 + direction[i, 2] ** 2)
        along = direction[i, 0] / length, direction[i, 1] / length, direction[i, 2] / length
        across = 1 / (radius[i] * elongation[i] ** (-1 / ndim))  # of half axes, the reciprocals
        change = across / elongation[i] - across
        for axis in range(3):
            at[axis] = centre[i, axis] / spacing[axis] - 0.5
            spread = along[axis] ** 2 / (across + change) ** 2 + (1 - along[axis] ** 2) / across**2
            reach[axis] = high * np.sqrt(spread) / spacing[axis] if axis > 2 - ndim else 0.0
            pixel[i, axis] = int(np.floor(at[axis] + 0.5))
            corner[i, axis] = min(pixel[i, axis], int(np.ceil(at[axis] - reach[axis])))
            shape[i, axis] = max(pixel[i, axis], int(np.floor(at[axis] + reach[axis]))) + 1 - corner[i, axis]
        start[i + 1] = start[i] + shape[i, 0] * shape[i, 1] * shape[i, 2]
        pixels = _with_room(pixels, start[i + 1])
        mask = pixels[start[i] : start[i + 1]].reshape((shape[i, 0], shape[i, 1], shape[i, 2]))
        offset = corner[i, 0] - at[0], corner[i, 1] - at[1], corner[i, 2] - at[2]
        _fill(mask, offset, (along, across, change, spacing), (low, high), (table, ndim))
    keep_pieces(pixels, start, shape, corner, pixel)
    return pixels[: start[n]], start, shape, corner


@kernel
def _with_room(pixels, size):  # type: ignore[no-untyped-def]
    if size <= len(pixels):
        return pixels
    larger = np.empty(2 * size, np.bool_)
    for i in range(len(pixels)):
        larger[i] = pixels[i]
    return larger


@kernel
def _roughen(table, weights, basis):  # type: ignore[no-untyped-def]
    """Write the radii of a surface at the nodes; the least and the greatest."""
    table[:] = 0.0
    for k in range(len(basis)):
        weight = weights[k]
        for j in range(len(table)):
            table[j] += weight * basis[k, j]
    low, high = np.inf, 0.0
    for j in range(len(table)):
        table[j] = np.exp(table[j])
        low, high = min(low, table[j]), max(high, table[j])
    return low, high


@kernel
def _fill(mask, offset, axes, bounds, surface):  # type: ignore[no-untyped-def]
    """Fill an object row by row.

    A row meets the ellipsoid of a relative radius t where a x² + 2 b x + c <= t². Within the least radius of the
    surface all is inside, beyond the greatest all outside; between them the table is asked.
    """
    along, across, change, (sz, sy, sx) = axes
    one, other = across**2, (across + change) ** 2 - across**2
    a = sx * sx * (one + other * along[2] ** 2)
    for k in range(mask.shape[0]):
        z = (offset[0] + k) * sz
        for j in range(mask.shape[1]):
            y = (offset[1] + j) * sy
            on_axis = along[0] * z + along[1] * y
            b = sx * other * along[2] * on_axis
            c = one * (z * z + y * y) + other * on_axis * on_axis
            first, last = _interval(a, b, c - bounds[1] ** 2, offset[2], mask.shape[2])
            begin, end = first, last
            if bounds[0] < bounds[1]:
                begin, end = _interval(a, b, c - bounds[0] ** 2, offset[2], mask.shape[2])
            row = mask[k, j]
            for i in range(row.size):
                row[i] = begin <= i < end
            for i in range(first, last if bounds[0] < bounds[1] else first):
                if begin <= i < end:
                    continue
                x = (offset[2] + i) * sx
                s = change * (on_axis + along[2] * x)
                place = across * z + s * along[0], across * y + s * along[1], across * x + s * along[2]
                square = place[0] * place[0] + place[1] * place[1] + place[2] * place[2]
                row[i] = square <= _radius(place, surface) ** 2


@kernel
def _interval(a, b, c, offset, width):  # type: ignore[no-untyped-def]
    """First pixel of a row where a x² + 2 b x + c <= 0, and one beyond the last; x is `offset` at pixel 0."""
    root = b * b - a * c
    if root < 0:
        return 0, 0
    half = np.sqrt(root)
    first = max(0, int(np.ceil((-b - half) / a - offset)))
    return first, max(first, min(width, int(np.floor((-b + half) / a - offset)) + 1))


@kernel
def _radius(place, surface):  # type: ignore[no-untyped-def]
    """Look the radius of a surface up in a direction (z, y, x), between the nodes of `directions`."""
    table, ndim = surface
    z, y, x = place
    scale = 1 / (abs(z) + abs(y) + abs(x))
    if ndim == 2:
        turn = 1 - scale * x if y >= 0 else 3 + scale * x
        at = turn * (len(table) - 1) / 4
        i = min(int(at), len(table) - 2)
        return table[i] + (at - i) * (table[i + 1] - table[i])
    u, v = scale * y, scale * x
    if z < 0:
        u, v = (1 - abs(v)) * (1 if u >= 0 else -1), (1 - abs(u)) * (1 if v >= 0 else -1)
    side = int(np.sqrt(len(table)) + 0.5)
    p, q = (u + 1) * (side - 1) / 2, (v + 1) * (side - 1) / 2
    i, j = min(int(p), side - 2), min(int(q), side - 2)
    p, q, k = p - i, q - j, i * side + j
    near = table[k] + q * (table[k + 1] - table[k])
    far = table[k + side] + q * (table[k + side + 1] - table[k + side])
    return near + p * (far - near)
