"""The range of grey levels of the images that a network learns, and back to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellsim.errors import InputError
from cellsim.sample import Image


@dataclass(frozen=True)
class Ranges:
    """What of each channel becomes -1, and what 1.

    Parameters
    ----------
    low, high : (C,) tuples of float
        Intensities, as in `Sample.image`: 1 is the largest grey level that the type of the images can hold.

    Raises
    ------
    ValueError
        If their lengths differ, or a range is empty.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.low) != len(self.high) or not all(a < b for a, b in zip(self.low, self.high, strict=True)):
            raise ValueError(f"low must be < high, one pair a channel, got {self.low} and {self.high}")

    @classmethod
    def measured(cls, histogram: NDArray[np.int64], percentiles: Sequence[float]) -> Ranges:
        """Take a range from the grey levels that there are.

        Parameters
        ----------
        histogram : (C, K) int64 array
            How many pixels have each of the grey levels of a type.
        percentiles : two floats
            Of the pixels, for both ends; 0 and 100 for the least and the greatest level.

        Returns
        -------
        Ranges
            Intensities.

        Raises
        ------
        InputError
            If a channel has only one level between these percentiles.
        """
        found = []
        for k, counts in enumerate(histogram):
            below = np.cumsum(counts)
            wanted = [max(1, int(np.ceil(p / 100 * below[-1]))) for p in percentiles]
            ends = np.searchsorted(below, wanted)
            if ends[0] >= ends[1]:
                raise InputError(
                    f"channel {k} has a single grey level, {ends[0]}, between the percentiles {percentiles[0]:g} and "
                    f"{percentiles[1]:g}: there is no range to learn"
                )
            found.append(ends / (histogram.shape[1] - 1))
        return cls(tuple(float(a) for a, _ in found), tuple(float(b) for _, b in found))

    @classmethod
    def mean(cls, ranges: Sequence[Ranges]) -> Ranges:
        """Average the ends of several ranges.

        Parameters
        ----------
        ranges : sequence of Ranges
            At least one, of the same channels.

        Returns
        -------
        Ranges
            Intensities.
        """
        low, high = (np.mean([getattr(one, end) for one in ranges], axis=0) for end in ("low", "high"))
        return cls(tuple(map(float, low)), tuple(map(float, high)))

    def normalised(self, image: Image) -> Image:
        """Bring intensities into the range of a network.

        Parameters
        ----------
        image : (..., C, Y, X) float32 array
            Intensities.

        Returns
        -------
        (..., C, Y, X) float32 array
            In [-1, 1]; what lies outside the range is cut.
        """
        low, width = self._ends()
        return np.clip((image - low) * (2 / width) - 1, -1, 1).astype(np.float32)

    def restored(self, image: Image) -> Image:
        """Bring what a network made back into the range of the images.

        Parameters
        ----------
        image : (..., C, Y, X) float32 array
            In [-1, 1]; what lies outside is cut.

        Returns
        -------
        (..., C, Y, X) float32 array
            Intensities.
        """
        low, width = self._ends()
        return np.asarray(low + (np.clip(image, -1, 1) + 1) * (width / 2), np.float32)

    def _ends(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        low, high = (np.array(ends, np.float32)[:, np.newaxis, np.newaxis] for ends in (self.low, self.high))
        return low, high - low
