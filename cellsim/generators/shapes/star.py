"""Smooth, rough outlines of cells and nuclei."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.distributions import Number
from cellsim.generators.shapes.oriented import Oriented, Waves
from cellsim.seeds import Rng
from cellsim.steps import parameter

NODES = {2: 32, 3: 8}  # of the table of radii, a mode and axis: at roughness 0.2 the content is right to 0.1 %


class Star(Oriented):
    """A star-shaped outline whose radius is a log-normal random function of the direction, stretched and turned.

    The logarithm of the radius in the direction u is R + g(u). The Gaussian function g is a sum of waves around the
    circle, or of spherical harmonics in 3D, from mode 2 up: mode 0 would change the size, mode 1 shift the object.
    The variance of mode k is proportional to k^-falloff, and `roughness`² in all. R is such that the mean content
    is that of the disk or ball of `radius`.

    References
    ----------
    .. [1] Muinonen, K., Lagerros, J. S. V. (1998). Inversion of shape statistics for small solar system bodies.
       Astronomy and Astrophysics 333, 753-761.
    .. [2] Hobolth, A., Pedersen, J., Jensen, E. B. V. (2003). A continuous parametric shape model. Annals of the
       Institute of Statistical Mathematics 55, 227-242.
    """

    kind: Literal["star"] = "star"
    version: Literal[1] = 1
    roughness: Number = parameter(doc="Relative standard deviation of the radius.", bounds=">= 0, <= 0.5")
    falloff: Number = parameter(4.0, doc="Power by which the variance of a mode falls; large is smooth.", bounds=">= 0")
    modes: Number = parameter(8, doc="Highest mode.", bounds=">= 2, <= 32")

    def _surface(self, n: int, ndim: int, rng: Rng) -> Waves:
        basis, order = harmonics(round(self.modes), ndim)
        share = order**-self.falloff
        first = np.r_[True, order[1:] != order[:-1]]
        spread = self.roughness * np.sqrt(share / share[first].sum())
        level = np.full((n, 1), -ndim * self.roughness**2 / 2)  # E exp(D g) = exp(D² roughness² / 2)
        waves = np.hstack([level, spread * rng.standard_normal((n, len(order)))])
        return waves, basis


@lru_cache(maxsize=8)
def harmonics(modes: int, ndim: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Evaluate the waves of modes 2 to `modes` around the circle, or on the sphere, at the nodes of a table.

    Parameters
    ----------
    modes : int
        Highest mode, >= 2.
    ndim : int
        2 for the circle, 3 for the sphere.

    Returns
    -------
    basis : (1 + K, T) float64 array
        A row of ones, then the functions. With independent standard normal weights, the functions of a mode sum to
        variance 1 in every direction.
    order : (K,) float64 array
        The mode of each function.
    """
    z, y, x = directions(NODES[ndim] * modes, ndim).T
    if ndim == 2:
        order = np.repeat(np.arange(2, modes + 1), 2)
        angle = order[:, np.newaxis] * np.arctan2(y, x)
        rows = np.where(np.arange(len(order))[:, np.newaxis] % 2, np.sin(angle), np.cos(angle))
    else:
        from scipy.special import sph_harm_y

        order = np.concatenate([np.full(2 * mode + 1, mode) for mode in range(2, modes + 1)])
        rank = np.concatenate([np.arange(-mode, mode + 1) for mode in range(2, modes + 1)])
        waves = sph_harm_y(order[:, None], abs(rank)[:, None], np.arccos(np.clip(z, -1, 1)), np.arctan2(y, x))
        scale = np.sqrt(4 * np.pi / (2 * order + 1) * np.where(rank == 0, 1, 2))
        rows = scale[:, None] * np.where(rank[:, None] < 0, waves.imag, waves.real)
    return np.vstack([np.ones(len(z)), rows]), order.astype(np.float64)


def directions(cells: int, ndim: int) -> NDArray[np.float64]:
    """Return the unit vectors of the nodes of a table: a circle cut open, a sphere unfolded to a square.

    The circle is run through by y and 1 - |x| of the square with corners on the axes; the sphere is the octahedron
    with its lower faces folded out [1]_.

    Parameters
    ----------
    cells : int
        Of the table, along an axis.
    ndim : int
        2 or 3.

    Returns
    -------
    (T, 3) float64 array
        As (z, y, x); T is cells + 1 in 2D and its square in 3D.

    References
    ----------
    .. [1] Praun, E., Hoppe, H. (2003). Spherical parametrization and remeshing. ACM Trans. Graph. 22(3).
    """
    if ndim == 2:
        turn = np.linspace(0, 4, cells + 1)
        x = abs(turn - 2) - 1
        y = np.where(turn < 2, 1, -1) * (1 - abs(x))
        z = np.zeros_like(x)
    else:
        u, v = np.meshgrid(*[np.linspace(-1, 1, cells + 1)] * 2, indexing="ij")
        z = 1 - abs(u) - abs(v)
        y = np.where(z >= 0, u, (1 - abs(v)) * np.where(u >= 0, 1, -1))
        x = np.where(z >= 0, v, (1 - abs(u)) * np.where(v >= 0, 1, -1))
    nodes: NDArray[np.float64] = np.stack([z.ravel(), y.ravel(), x.ravel()], axis=1)
    nodes /= np.linalg.norm(nodes, axis=1, keepdims=True)
    return nodes
