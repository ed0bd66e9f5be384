"""Edges."""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from cellsim.distributions import Number
from cellsim.sample import Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator, image_of
from cellsim.translators.optics.blur import blur, gaussian_weights


class Canny(Translator):
    """Canny's edges of every channel: lines a pixel wide, 1 on a background of 0.

    The image is blurred by a Gaussian of `sigma`; an edge is where its gradient is greatest along its own direction.
    Edges begin where the gradient is as steep as that of a straight step by `high`, blurred likewise, and are followed
    as long as it is as steep as that of a step by `low`. What is between two thresholds does thus not depend on `sigma`
    or on the size of pixels. Pixels at the border of the canvas are never on an edge.

    Where pixels are not square, the blur is still round, but steps across the longer side of pixels are found from
    smaller heights, smaller by up to the ratio of the sides.

    References
    ----------
    .. [1] Canny, J. (1986). A computational approach to edge detection. IEEE Transactions on Pattern Analysis and
       Machine Intelligence 8(6).
    """

    kind: Literal["canny"] = "canny"
    version: Literal[1] = 1
    sigma: Number = parameter(unit="µm", doc="Standard deviation of the blur before.", bounds=">= 0")
    low: Number = parameter(0.05, doc="Height of a step down to which edges are followed.", bounds=">= 0")
    high: Number = parameter(0.1, doc="Height of a step at which edges begin.", bounds="> 0")

    @model_validator(mode="after")
    def _low_is_lower(self) -> Self:
        if not self.low <= self.high:
            raise ValueError(f"low must be <= high, got low {self.low} and high {self.high}")
        return self

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Find the edges of the image.

        Parameters
        ----------
        sample : Sample
            2D, with an image.
        rng : numpy.random.Generator
            Nothing is drawn.

        Returns
        -------
        Sample
            With an image of as many channels, 0 or 1.

        Raises
        ------
        ValueError
            If the sample is 3D, or has no image yet.
        """
        from skimage.feature import canny

        if len(sample.spacing) != 2:
            raise ValueError(f"canny takes 2D images, got {len(sample.spacing)}D")
        sigma = [self.sigma / step for step in sample.spacing]
        step = step_gradient(max(sigma))
        edges = [
            canny(channel, 0, self.low * step, self.high * step, mode="nearest")  # type: ignore[no-untyped-call]
            for channel in blur(image_of(sample, "canny"), sigma)
        ]
        return sample.with_image(np.stack(edges).astype(np.float32))


def step_gradient(sigma: float) -> float:
    """Return the greatest gradient of a straight step of height 1 between two pixels, after a Gaussian blur.

    Parameters
    ----------
    sigma : float
        Standard deviation of the blur in pixels, >= 0.

    Returns
    -------
    float
        As Sobel's operator finds it, which is 8 times the gradient per pixel.
    """
    weights = gaussian_weights(sigma)
    middle = len(weights) // 2
    return 4 * float(weights[middle : middle + 2].sum())
