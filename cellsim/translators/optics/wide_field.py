"""A wide-field fluorescence microscope: objects at several depths, autofluorescence, uneven light."""

from __future__ import annotations

import math
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator
from scipy import ndimage

from cellsim.distributions import Number
from cellsim.masks.planes import visible
from cellsim.sample import Image, Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator, image_of
from cellsim.translators.optics.scatter import scatter
from cellsim.translators.optics.value_noise import Octaves, object_noise

SIMCEP_WIDTHS = (0.5, 5.0)  # px; standard deviation in focus, and of the object that is deepest in an image
SIMCEP_REACH = 4  # px; the window of its filter is 9 x 9
LATTICES = Octaves(first=1, number=2, persistence=1.0)  # of the autofluorescence


class WideField(Translator):
    """Stained objects in focus and out of it, over autofluorescence, in light that falls off from the middle.

    Each channel of the image is a stain. The light of an object spreads by a Gaussian whose variance is `psf`² and
    (`defocus` z)², z standard normal: its depth, the same in all channels. A pixel with several objects counts to the
    first. Over them lie an even `background` and autofluorescence, a coarse fractal; light is a paraboloid, 1 in the
    middle and 1 - `falloff` in the corner furthest from it. Two of these are scaled by energies, the sum of squares
    over the canvas: autofluorescence has the share `autofluorescence` of the energy of the first channel before all
    this, and light changes the energy of this channel by the factor `illumination`.

    With `compat: simcep` all is as in SIMCEP itself: light is *added*, 0 in the corners and with `illumination` times
    the energy of the stain, clusters of objects that touch share a depth, and depths are stretched so that the
    deepest of each image has a standard deviation of 5 pixels.

    References
    ----------
    .. [1] Lehmussola, A., Ruusuvuori, P., Selinummi, J., Huttunen, H., Yli-Harja, O. (2007). Computational framework
       for simulating fluorescence microscope images with cell populations. IEEE Trans. Med. Imaging 26(7).
    """

    kind: Literal["wide-field"] = "wide-field"
    version: Literal[1] = 1
    psf: Number = parameter(0.3, unit="µm", doc="Standard deviation of the point spread in focus.", bounds=">= 0")
    defocus: Number = parameter(0.5, unit="µm", doc="That of one standard deviation of depth more.", bounds=">= 0")
    background: Number = parameter(0.0, doc="Even light of the specimen, added to every stain.", bounds=">= 0")
    autofluorescence: Number = parameter(0.05, doc="Its energy over that of the first stain.", bounds=">= 0")
    illumination: Number = parameter(1.0, doc="Energy of the first stain as lit over that of even light.", bounds="> 0")
    falloff: Number = parameter(0.3, doc="Share of the light that is missing in the corners.", bounds=">= 0, <= 1")
    misalign_y: Number = parameter(0.0, doc="Middle of the light off that of the canvas, over its height.")
    misalign_x: Number = parameter(0.0, doc="The same along x, over the width.")
    compat: Literal["simcep"] | None = parameter(None, doc="simcep: light added, depths and blur as in SIMCEP itself.")

    @model_validator(mode="after")
    def _has_a_meaning(self) -> Self:
        for name in ("psf", "defocus", "background", "falloff"):
            default = type(self).model_fields[name].default
            if self.compat == "simcep" and getattr(self, name) != default:
                raise ValueError(f"{name} is not a parameter of SIMCEP: leave it out, or leave out `compat: simcep`")
        return self

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Look at the stained objects of a sample.

        Parameters
        ----------
        sample : Sample
            With labels of the objects, and an image whose channels are stains.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            With an image of as many channels, >= 0, nominally <= 1.

        Raises
        ------
        ValueError
            If the sample has no image yet.
        """
        stain = image_of(sample, "wide-field")
        energy = float(np.sum(stain[0] ** 2, dtype=np.float64))
        image = self.blurred(stain, sample, rng)
        image += np.float32(self.background)
        if self.autofluorescence > 0 and energy > 0:
            glow = object_noise(np.ones((1, *sample.shape), np.uint16), LATTICES, rng)[0]
            image += glow * np.float32(
                math.sqrt(self.autofluorescence * energy / float(np.sum(glow**2, dtype=np.float64)))
            )
        light = paraboloid(sample.shape, (self.misalign_y, self.misalign_x))
        if self.compat == "simcep":
            image += light * np.float32(
                math.sqrt(self.illumination * energy / float(np.sum(light**2, dtype=np.float64)))
            )
        else:
            light = 1 - np.float32(self.falloff) * (1 - light)
            lit = float(np.sum((stain[0] * light) ** 2, dtype=np.float64))
            image *= light * np.float32(math.sqrt(self.illumination * (energy / lit if lit > 0 else 1.0)))
        return sample.with_image(image)

    def blurred(self, stain: Image, sample: Sample, rng: Rng) -> Image:
        """Spread the light of every object by its depth.

        Parameters
        ----------
        stain : (C, [Z,] Y, X) float32 array
            Not written to.
        sample : Sample
            Its objects.
        rng : numpy.random.Generator
            Draws depths.

        Returns
        -------
        (C, [Z,] Y, X) float32 array
            New.
        """
        seen = visible(sample.planes())
        if self.compat == "simcep":
            clusters, count = ndimage.label(seen, np.ones((3,) * seen.ndim))
            depth = np.abs(rng.standard_normal(count + 1))
            depth[0] = 0
            low, high = SIMCEP_WIDTHS
            widths = low + (high - low) * depth / max(depth.max(), 1e-9)
            return scatter(stain, clusters, _of_all_axes(widths, seen.ndim), (SIMCEP_REACH,) * seen.ndim)
        depth = np.concatenate([np.zeros(1), rng.standard_normal(sample.count)])
        widths = np.hypot(self.psf, self.defocus * depth)
        return scatter(stain, seen, _of_all_axes(widths, seen.ndim) / sample.spacing)


def _of_all_axes(widths: NDArray[np.float64], ndim: int) -> NDArray[np.float64]:
    return np.repeat(widths[:, np.newaxis], ndim, axis=1)


def paraboloid(shape: tuple[int, ...], misalign: tuple[float, float] = (0.0, 0.0)) -> Image:
    """Let light fall off with the square of the distance from its middle, alike at all depths.

    Parameters
    ----------
    shape : (D,) ints
        Canvas in pixels.
    misalign : (2,) floats
        Where its middle is off that of the canvas, along y and x, over height and width.

    Returns
    -------
    ([Z,] Y, X) float32 array
        1 in the middle, 0 in the corner that is furthest from it; constant along z.
    """
    y, x = (
        (np.arange(n, dtype=np.float32) + np.float32(0.5)) * np.float32(2 / n) - np.float32(1 + 2 * off)
        for n, off in zip(shape[-2:], misalign, strict=True)
    )
    square = (y * y)[:, np.newaxis] + x * x
    furthest = sum((1 + 2 * abs(off)) ** 2 for off in misalign)
    return np.broadcast_to(np.asarray(1 - square / np.float32(furthest), np.float32), shape)
