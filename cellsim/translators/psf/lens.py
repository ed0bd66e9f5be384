"""Point spread functions from scalar diffraction: what of light passes a round pupil."""

from __future__ import annotations

import math
from abc import abstractmethod
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cellsim.distributions import Number
from cellsim.sample import Image
from cellsim.steps import parameter
from cellsim.translators.psf.base import Psf
from cellsim.translators.psf.mirrored import convolve, transfer_of

RINGS = 8.0  # wavelengths over numerical aperture by which light reaches beyond its geometric cone
RADII = 64  # places at which it is known, to a wavelength over numerical aperture
PLACES = 4  # by which a pixel is averaged over, to the same length or to the finest detail along the axis

Array = NDArray[np.float64]


class Lens(Psf):
    """A point spread function by diffraction; a subclass says how paths through the pupil differ."""

    numerical_aperture: Number = parameter(doc="Of the objective.", bounds="> 0, <= 1.7")
    wavelength_nm: Number = parameter(unit="nm", doc="Of the light, in vacuum.", bounds=">= 100, <= 2000")
    pinhole: bool = parameter(True, doc="Whether a closed pinhole squares it (confocal); without, it is wide-field.")

    @abstractmethod
    def path(self, z: Array, rho: Array) -> Array:
        """Return the optical path of light from the axis through a ring of the pupil.

        Parameters
        ----------
        z : array
            How far beyond the focus the light comes from, in µm.
        rho : array
            Radius of the ring over that of the pupil.

        Returns
        -------
        array
            In µm, but for a constant; of the shape that the two broadcast to.
        """

    def __call__(self, image: Image, spacing: tuple[float, ...]) -> Image:
        """Convolve an image with what the microscope makes of a point.

        Parameters
        ----------
        image : (C, [Z,] Y, X) float32 array
            Not written to.
        spacing : (D,) floats
            Size of a pixel in µm.

        Returns
        -------
        (C, [Z,] Y, X) float32 array
            New, >= 0.
        """
        seen = convolve(image, transfer(self, image.shape[1:], tuple(spacing)))
        return np.maximum(seen, 0, out=seen)  # rounding

    @property
    def unit(self) -> float:
        """A wavelength over the numerical aperture, in µm: the scale of the pattern across the axis."""
        return self.wavelength_nm / 1e3 / self.numerical_aperture

    def slope(self, z: Array) -> float:
        """Return the greatest slope of the path at the rim of the pupil: over the aperture, the radius of the cone.

        Parameters
        ----------
        z : (Z,) array
            Depths in µm.

        Returns
        -------
        float
            In µm.
        """
        rim = self.path(z[:, np.newaxis], np.array([0.999, 1.0]))
        return float(abs(np.diff(rim, axis=1)).max()) / 0.001

    def intensity(self, z: Array, r: Array) -> Array:
        """Return the light of a point, over that in its middle if all paths were alike.

        Parameters
        ----------
        z : (Z,) array
            How far beyond the focus the point lies, in µm.
        r : (R,) array
            Distance from the axis in µm.

        Returns
        -------
        (Z, R) array
            h(z, r), or its square with a pinhole.
        """
        from scipy.special import j0

        wave = 2e3 * math.pi / self.wavelength_nm
        turns = wave * (self.slope(z) + self.numerical_aperture * float(r.max()))
        rho, weights = gauss(32 + math.ceil(turns / 3))
        bessel = j0(wave * self.numerical_aperture * np.outer(rho, r)) * (2 * rho * weights)[:, np.newaxis]
        phase = wave * self.path(z[:, np.newaxis], rho)
        light = (np.cos(phase) @ bessel) ** 2 + (np.sin(phase) @ bessel) ** 2
        return np.asarray(light**2 if self.pinhole else light)


@lru_cache(maxsize=4)
def transfer(lens: Lens, shape: tuple[int, ...], spacing: tuple[float, ...]) -> NDArray[np.complex64]:
    """Return the transfer function of a lens on a canvas, each pixel of the kernel being the mean over it.

    Parameters
    ----------
    lens : Lens
        Its parameters.
    shape : (D,) ints
        Canvas in pixels; light from any pixel reaches any other.
    spacing : (D,) floats
        Size of a pixel in µm.

    Returns
    -------
    ([Z + 1,] Y, X) complex64 array, float32 in 2D
        Of `cellsim.translators.psf.mirrored`; not to be written to.
    """
    depths, shares = np.zeros((1, 1)), np.ones(1)
    if len(shape) == 3:
        excursion = abs(float(np.ptp(lens.path(np.array([[0.0], [1.0]]), np.array([0.0, 1.0])), axis=1)[1]))
        places, shares = parts(PLACES * 1e3 * spacing[0] * excursion / lens.wavelength_nm)
        planes = np.fft.fftfreq(2 * shape[0], 1 / (2 * shape[0]))
        depths = -spacing[0] * (planes[:, np.newaxis] + places)  # planes after a point have it before their focus
    step, cone = lens.unit / RADII, lens.slope(depths.ravel()) / lens.numerical_aperture
    edges = [n * size for n, size in zip(shape[-2:], spacing[-2:], strict=True)]
    r = np.arange(0, min(math.hypot(*edges), RINGS * lens.unit + cone) + 2 * step, step)
    light = shares @ lens.intensity(depths.ravel(), r).reshape(*depths.shape, len(r))
    kernel = over_pixels(light, step, shape[-2:], spacing[-2:], PLACES / lens.unit)
    found = transfer_of(kernel if len(shape) == 3 else kernel[0])
    found.flags.writeable = False
    return found


def gauss(count: int) -> tuple[Array, Array]:
    """Return the rule of Gauss and Legendre for integrals from 0 to 1.

    Parameters
    ----------
    count : int
        How many nodes.

    Returns
    -------
    nodes, weights : (count,) arrays
        The weights sum to one.
    """
    nodes, weights = np.polynomial.legendre.leggauss(count)  # type: ignore[no-untyped-call]
    return (nodes + 1) / 2, weights / 2


def parts(detail: float) -> tuple[Array, Array]:
    """Choose places in a pixel to average over, by the rule of Gauss.

    Parameters
    ----------
    detail : float
        About how many are needed.

    Returns
    -------
    places : (K,) array
        In pixels from the middle.
    shares : (K,) array
        Of them in the mean.
    """
    places, shares = gauss(1 + math.ceil(detail))
    return places - 0.5, shares


def over_pixels(
    light: Array, step: float, shape: tuple[int, ...], spacing: tuple[float, ...], detail: float
) -> NDArray[np.float32]:
    """Average round patterns over pixels.

    Parameters
    ----------
    light : (Z, R) array
        At the radii 0, `step`, 2 `step` ...; 0 beyond.
    step : float
        In µm.
    shape : (2,) ints
        Y and X.
    spacing : (2,) floats
        Size of a pixel in µm.
    detail : float
        About how many places are needed for a mean, a µm.

    Returns
    -------
    (Z, Y + 1, X + 1) float32 array
        Means over pixels 0, 1, ... Y and X from the middle.
    """
    from scipy import sparse

    rules = [parts(size * detail) for size in spacing]
    y, x = (
        size / step * (np.arange(n + 1)[:, np.newaxis] + places)
        for n, size, (places, _) in zip(shape, spacing, rules, strict=True)
    )
    shares = np.outer(rules[0][1], rules[1][1]).astype(np.float32).ravel()
    radius = np.hypot(y[:, np.newaxis, :, np.newaxis], x[np.newaxis, :, np.newaxis, :]).astype(np.float32)
    radius = np.minimum(radius.reshape(-1, len(shares)), light.shape[1] - np.float32(1.5))
    below = radius.astype(np.int32)
    above = (radius - below) * shares
    of, weights = np.stack([below, below + 1], axis=-1), np.stack([shares - above, above], axis=-1)
    until_dark = np.concatenate([light[:, :-2], np.zeros((len(light), 2))], axis=1).astype(np.float32)
    rows = np.arange(len(radius) + 1) * (2 * len(shares))
    mean = sparse.csr_array((weights.ravel(), of.ravel(), rows), shape=(len(radius), light.shape[1]))
    return np.asarray((mean @ until_dark.T).T.reshape(-1, shape[0] + 1, shape[1] + 1))
