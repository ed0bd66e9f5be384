"""One mean and one contrast all over an image."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cellsim.distributions import Number
from cellsim.sample import Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator, image_of
from cellsim.translators.optics.blur import blur


class LocalNormalisation(Translator):
    """An image less its local mean, over its local standard deviation, channel by channel.

    With the Gaussian G of standard deviation `scale`, the mean is m = G * I, the standard deviation s the root of
    G * (I - m)^2, and z = (I - m) / (s + `floor`); the result is 1/2 + z / (2 `range`), cut to [0, 1]. The floor keeps
    noise from being blown up where the image is flat; an image whose contrast is far above it may be multiplied by
    anything, and have anything added, without a change.
    """

    kind: Literal["local-normalisation"] = "local-normalisation"
    version: Literal[1] = 1
    scale: Number = parameter(
        unit="µm", doc="Standard deviation of the Gaussian that means are taken with.", bounds="> 0"
    )
    range: Number = parameter(3.0, doc="Standard deviations from the local mean to 0 and to 1.", bounds="> 0")
    floor: Number = parameter(0.01, doc="Added to the local standard deviation, full scale being 1.", bounds="> 0")

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Normalise the image.

        Parameters
        ----------
        sample : Sample
            With an image.
        rng : numpy.random.Generator
            Nothing is drawn.

        Returns
        -------
        Sample
            With an image in [0, 1], about 1/2.

        Raises
        ------
        ValueError
            If the sample has no image yet.
        """
        image = image_of(sample, "local-normalisation")
        sigma = [self.scale / step for step in sample.spacing]
        found = image - blur(image, sigma)
        spread = np.sqrt(blur(found * found, sigma))
        found /= 2 * np.float32(self.range) * (spread + np.float32(self.floor))
        found += np.float32(0.5)
        return sample.with_image(np.clip(found, 0, 1, out=found))
