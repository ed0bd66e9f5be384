"""What a translator is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from cellsim.sample import Image, Sample
from cellsim.seeds import Rng
from cellsim.steps import Step


class Translator(Step):
    """A step from labels to an image, or from an image to another."""

    room: ClassVar[str] = "cellsim.translators"
    channels: ClassVar[tuple[str, ...] | None] = None  # names of the channels it makes; None leaves them as they are

    def channels_after(self, before: tuple[str, ...]) -> tuple[str, ...]:
        """Name the channels of the image that it makes.

        Parameters
        ----------
        before : tuple of str
            Names of the channels that the image has so far.

        Returns
        -------
        tuple of str
            `channels`, or those that were there.
        """
        return before if self.channels is None else self.channels

    @abstractmethod
    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Translate one sample.

        Parameters
        ----------
        sample : Sample
            Never written to.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            With the same labels, spacing and records, and an image.
        """

    def many(self, samples: Sequence[Sample], rngs: Sequence[Rng]) -> list[Sample]:
        """Translate several samples; neural translators override this to work in batches.

        Parameters
        ----------
        samples : sequence of Sample
            Never written to.
        rngs : sequence of numpy.random.Generator
            One stream a sample.

        Returns
        -------
        list of Sample
            In the order of `samples`.
        """
        return [self(sample, rng) for sample, rng in zip(samples, rngs, strict=True)]


def image_of(sample: Sample, what: str) -> Image:
    """Return the image of a sample, for a translator that changes an image.

    Parameters
    ----------
    sample : Sample
        That should have an image.
    what : str
        What needs it, for the message.

    Returns
    -------
    (C, [Z,] Y, X) float32 array
        The image itself, not a copy.

    Raises
    ------
    ValueError
        If there is none yet.
    """
    if sample.image is None:
        raise ValueError(f"{what} needs an image, got a sample without one: put a renderer before it")
    return sample.image
