"""Bright for dark."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cellsim.sample import Sample
from cellsim.seeds import Rng
from cellsim.translators.base import Translator, image_of


class Invert(Translator):
    """The negative of an image: 1 - I, cut to [0, 1]."""

    kind: Literal["invert"] = "invert"
    version: Literal[1] = 1

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Turn bright into dark.

        Parameters
        ----------
        sample : Sample
            With an image.
        rng : numpy.random.Generator
            Nothing is drawn.

        Returns
        -------
        Sample
            With the negative, in [0, 1].

        Raises
        ------
        ValueError
            If the sample has no image yet.
        """
        return sample.with_image(np.clip(1 - image_of(sample, "invert"), 0, 1))
