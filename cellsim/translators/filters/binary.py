"""Objects in white, all else in black."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from cellsim.masks.boundaries import contacts
from cellsim.sample import Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator


class Binary(Translator):
    """The binary image of the labels: 1 in objects of any label plane, 0 outside.

    With `border`, pixels on both sides of a contact of two objects are 0 as well, so that every piece of the image,
    pieces being joined by faces, is of one object. Where objects of several label planes overlap, the one with the
    greatest id lies on top. Borders towards the background stay.
    """

    kind: Literal["binary"] = "binary"
    version: Literal[1] = 1
    channels: ClassVar[tuple[str, ...] | None] = ("binary",)
    border: bool = parameter(False, doc="Whether pixels where two objects touch are 0.")

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Show where objects are.

        Parameters
        ----------
        sample : Sample
            Labels of the objects; any image it has is replaced.
        rng : numpy.random.Generator
            Nothing is drawn.

        Returns
        -------
        Sample
            With an image of one channel, 0 or 1.
        """
        labels = sample.labels.max(axis=0)
        inside = labels > 0
        if self.border:
            inside &= ~contacts(labels)
        return sample.with_image(inside[np.newaxis].astype(np.float32))
