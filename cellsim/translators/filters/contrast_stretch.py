"""Contrast stretched between percentiles."""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from cellsim.distributions import Number
from cellsim.sample import Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator, image_of


class ContrastStretch(Translator):
    """Grey levels stretched to all of [0, 1], between two percentiles of each channel of each image.

    J = (I - a) / (b - a), cut to [0, 1]. The percentiles a and b are taken over all pixels of an image or a volume.
    With `joint` they are those of all channels together, so that colours stay. A channel with a = b becomes 0.

    References
    ----------
    .. [1] Gonzalez, R. C., Woods, R. E. (2018). Digital Image Processing, 4th edition, section 3.2. Pearson.
    """

    kind: Literal["contrast-stretch"] = "contrast-stretch"
    version: Literal[1] = 1
    low: Number = parameter(5.0, unit="%", doc="Percentile that becomes 0.", bounds=">= 0, <= 100")
    high: Number = parameter(98.0, unit="%", doc="Percentile that becomes 1.", bounds=">= 0, <= 100")
    joint: bool = parameter(False, doc="Whether all channels have the same limits.")

    @model_validator(mode="after")
    def _low_is_lower(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low must be < high, got low {self.low} and high {self.high}")
        return self

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Stretch the contrast of the image.

        Parameters
        ----------
        sample : Sample
            With an image.
        rng : numpy.random.Generator
            Nothing is drawn.

        Returns
        -------
        Sample
            With an image of as many channels, in [0, 1].

        Raises
        ------
        ValueError
            If the sample has no image yet.
        """
        image = image_of(sample, "contrast-stretch")
        pixels = image.reshape(1 if self.joint else len(image), -1)
        a, b = np.percentile(pixels, (self.low, self.high), axis=1, keepdims=True).astype(np.float32)
        stretched = (pixels - a) / np.where(b > a, b - a, np.inf)
        return sample.with_image(np.clip(stretched, 0, 1, dtype=np.float32).reshape(image.shape))
