"""What lossy compression leaves of an image."""

from __future__ import annotations

import io
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.distributions import Number
from cellsim.sample import Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator, image_of

SUBSAMPLING = "4:2:0"  # the two channels of colour have half the pixels along both axes


class Jpeg(Translator):
    """An image that was saved as JPEG: cut to [0, 1], rounded to 8 bits, compressed, and read again.

    Three channels are taken for red, green and blue, and their colours are stored at half the resolution (4:2:0).
    Any other number of channels is compressed one by one in grey; a volume plane by plane along z. SIMCEP's `comp` c
    is a `quality` of 100 (1 - c), rounded. Another version of the library of codecs may round a grey level otherwise.

    References
    ----------
    .. [1] Wallace, G. K. (1991). The JPEG still picture compression standard. Communications of the ACM 34(4).
    """

    kind: Literal["jpeg"] = "jpeg"
    version: Literal[1] = 1
    quality: Number = parameter(doc="Quality of the compression; rounded to a whole number.", bounds=">= 1, <= 100")

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Compress the image, and read it again.

        Parameters
        ----------
        sample : Sample
            With an image.
        rng : numpy.random.Generator
            Nothing is drawn.

        Returns
        -------
        Sample
            With an image of 256 grey levels in [0, 1].

        Raises
        ------
        ValueError
            If the sample has no image yet.
        """
        image = image_of(sample, "jpeg")
        levels = np.rint(255 * np.clip(image, 0, 1)).astype(np.uint8)
        planes = levels.reshape(len(levels), -1, *levels.shape[-2:])  # (C, Z, Y, X)
        coloured = len(planes) == 3
        pictures = np.moveaxis(planes, 0, -1) if coloured else planes.reshape(-1, *planes.shape[-2:])
        found = np.stack([round_trip(picture, round(self.quality)) for picture in pictures])
        if coloured:
            found = np.moveaxis(found, -1, 0)
        return sample.with_image(found.reshape(image.shape).astype(np.float32) / np.float32(255))


def round_trip(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """Compress a picture in memory, and read it again.

    Parameters
    ----------
    picture : (Y, X) or (Y, X, 3) uint8 array
        Grey, or red, green and blue.
    quality : int
        1 to 100.

    Returns
    -------
    uint8 array
        Of the same shape.
    """
    import PIL.Image

    file = io.BytesIO()
    PIL.Image.fromarray(np.ascontiguousarray(picture)).save(file, "JPEG", quality=quality, subsampling=SUBSAMPLING)
    return np.asarray(PIL.Image.open(file))
