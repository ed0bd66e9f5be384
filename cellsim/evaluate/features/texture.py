"""Features of images that need no network: levels, wavelets on five scales, local binary patterns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.evaluate.features.base import Compared, Features, Floats, image_of
from cellsim.evaluate.features.wavelets import LEVELS, correlation, haar, scalar_statistics, whole_blocks
from cellsim.kernel import kernel
from cellsim.sample import Image, Sample

PERCENTILES = (1, 5, 25, 50, 75, 95, 99)
PATTERN_LEVELS = 3
PATTERNS = 10  # of 8 neighbours: 9 uniform ones, and all others


class Texture(Features):
    """Statistics of grey levels and of texture on several scales, without a network.

    Of each channel: percentiles, mean, spread and skewness of the levels; energies, directedness, kurtosis [1]_ and
    correlation between scales [2]_ of Haar wavelets on scales of 2 to 32 pixels; frequencies of uniform local binary
    patterns [3]_ on 1, 2 and 4 pixels. Of each pair of channels: their correlation on each scale. An image that is
    flipped or turned by 90 degrees has the same features, if its sides are multiples of 32.

    References
    ----------
    .. [1] Mallat, S. (1989). A theory for multiresolution signal decomposition: the wavelet representation. IEEE Trans.
       PAMI 11(7).
    .. [2] Portilla, J., Simoncelli, E. P. (2000). A parametric texture model based on joint statistics of complex
       wavelet coefficients. International Journal of Computer Vision 40(1).
    .. [3] Ojala, T., Pietikäinen, M., Mäenpää, T. (2002). Multiresolution gray-scale and rotation invariant texture
       classification with local binary patterns. IEEE Trans. PAMI 24(7).
    """

    kind: Literal["texture"] = "texture"
    version: Literal[1] = 1

    @property
    def title(self) -> str:
        """For people."""
        return "texture"

    @property
    def of(self) -> Compared:
        """Of images."""
        return "images"

    def __call__(self, samples: Sequence[Sample]) -> Floats:
        """Describe images.

        Parameters
        ----------
        samples : sequence of Sample
            2D, with the same number C of channels.

        Returns
        -------
        (N, F) float64 array
            F is 65 C + 5 C (C - 1) / 2.

        Raises
        ------
        InputError
            If a sample is 3D or has no image.
        """
        return np.array([_described(image_of(sample)) for sample in samples], np.float64)


def _described(image: Image) -> list[float]:
    blocks = whole_blocks(image)
    found: list[float] = []
    for channel in blocks:
        found += _levels(channel) + scalar_statistics(channel) + _patterns(channel)
    for one, other in combinations(blocks, 2):
        for _ in range(LEVELS):
            one, other = haar(one).mean, haar(other).mean  # noqa: PLW2901 - up the scales
            found.append(correlation(one, other))
    return found


def _levels(channel: NDArray[np.float32]) -> list[float]:
    mean, spread = float(channel.mean()), float(channel.std()) + 1e-4
    standard = (channel - mean) / spread
    ordered = np.sort(channel, axis=None)
    levels = ordered[np.array(PERCENTILES) * (ordered.size - 1) // 100]
    return [*levels.tolist(), mean, np.log(spread), np.cbrt(float((standard * standard * standard).mean()))]


def _patterns(channel: NDArray[np.float32]) -> list[float]:
    """Square roots of frequencies, whose Euclidean distance is Hellinger's."""
    found: list[float] = []
    for _ in range(PATTERN_LEVELS):
        counts = count_patterns(np.ascontiguousarray(channel))
        found += np.sqrt(counts / counts.sum()).tolist()
        channel = haar(channel).mean
    return found


@kernel
def count_patterns(plane):  # type: ignore[no-untyped-def]
    """Count local binary patterns that are alike when turned.

    Parameters
    ----------
    plane : (Y, X) float32 array
        Grey levels.

    Returns
    -------
    (10,) float64 array
        Pixels with 0 to 8 neighbours in a row, of eight, that are no darker than they; and all other pixels.
    """
    counts = np.zeros(PATTERNS)
    for y in range(1, plane.shape[0] - 1):
        for x in range(1, plane.shape[1] - 1):
            centre = plane[y, x]
            bits = (
                (plane[y - 1, x - 1] >= centre)
                + 2 * (plane[y - 1, x] >= centre)
                + 4 * (plane[y - 1, x + 1] >= centre)
                + 8 * (plane[y, x + 1] >= centre)
                + 16 * (plane[y + 1, x + 1] >= centre)
                + 32 * (plane[y + 1, x] >= centre)
                + 64 * (plane[y + 1, x - 1] >= centre)
                + 128 * (plane[y, x - 1] >= centre)
            )
            changes, ones = 0, 0
            for k in range(8):
                bit, following = (bits >> k) & 1, (bits >> ((k + 1) % 8)) & 1
                changes += bit != following
                ones += bit
            counts[ones if changes <= 2 else PATTERNS - 1] += 1
    return counts
