"""Particles that are not cells, and shine."""

from __future__ import annotations

import math
from functools import reduce
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator
from scipy.special import ndtr

from cellsim.distributions import Number, PerObject, draw_each, support
from cellsim.sample import Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator, image_of

REACH = 4.0  # standard deviations at which a speck ends


class Specks(Translator):
    """Small blurred lights at random places, such as autofluorescent dust; they are in no label.

    The number of specks is Poisson, their places are independent and uniform, also those that the border of the canvas
    cuts. Each is a Gaussian, with `brightness` in its middle and half of that at `radius`, the same in all channels
    that have specks. It is added to the image, each pixel having the mean over it. Specks before a microscope are
    spread by its point spread function once more; after it they are as they are.

    References
    ----------
    .. [1] Henriques da Rosa, A. Deep learning methods for the segmentation of fluorescent microscopy images. Master's
       thesis in electrical and computer engineering, section 5.3.5: such particles are taken for Golgi bodies.
    """

    kind: Literal["specks"] = "specks"
    version: Literal[1] = 1
    density: Number = parameter(unit="1/µm^D", doc="Mean number of specks per area or volume.", bounds=">= 0")
    radius: PerObject = parameter(unit="µm", doc="Where a speck is half as bright as in its middle.", bounds="> 0")
    brightness: PerObject = parameter(0.8, doc="Of its middle.", bounds=">= 0")
    only_channels: tuple[int, ...] | None = parameter(
        None, doc="Channels that have specks, the first being 0; none for all."
    )

    @field_validator("only_channels")
    @classmethod
    def _are_channels(cls, value: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if value is not None and (min(value, default=-1) < 0 or len(set(value)) < len(value)):
            raise ValueError(f"must be numbers of channels such as [0, 2], each once, got {list(value)}")
        return value

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Add specks to the image.

        Parameters
        ----------
        sample : Sample
            With an image.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            With a brighter image of as many channels.

        Raises
        ------
        ValueError
            If the sample has no image yet, or fewer channels than asked for.
        """
        image = image_of(sample, "specks").copy()
        chosen = list(range(len(image)) if self.only_channels is None else self.only_channels)
        if max(chosen) >= len(image):
            raise ValueError(f"no channel {max(chosen)} for specks: the image has {len(image)}, the first being 0")
        sharpness = 1 / math.sqrt(2 * math.log(2))  # standard deviation over half the width at half the height
        reach = REACH * sharpness * support(self.radius)[1]
        size = np.array(sample.canvas.size)
        count = rng.poisson(self.density * float(np.prod(size + 2 * reach)))
        centres = rng.random((count, len(size))) * (size + 2 * reach) - reach
        sigmas = draw_each(self.radius, rng, count) * sharpness
        levels = draw_each(self.brightness, rng, count)
        for centre, sigma, level in zip(centres / sample.spacing, sigmas, levels, strict=True):
            sides = [
                _profile(at, sigma / step, n) for at, step, n in zip(centre, sample.spacing, sample.shape, strict=True)
            ]
            speck = level * reduce(np.multiply.outer, [values for _, values in sides])
            where = tuple(place for place, _ in sides)
            for channel in chosen:
                image[channel][where] += speck
        return sample.with_image(image)


def _profile(at: float, sigma: float, n: int) -> tuple[slice, NDArray[np.float64]]:
    """Pixels of an axis that a Gaussian of height 1 reaches, and its mean over each; all in pixels."""
    reach = REACH * sigma
    first = min(max(math.floor(at - reach), 0), n)
    end = max(min(math.floor(at + reach) + 1, n), first)
    return slice(first, end), math.sqrt(2 * math.pi) * sigma * np.diff(ndtr((np.arange(first, end + 1) - at) / sigma))
