"""The kernel distance between two sets of feature vectors (KID): squared maximum mean discrepancy, without bias."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellsim.evaluate.frechet import check_pair

Floats = NDArray[np.float64]


def kernel_distance(real: Floats, synthetic: Floats) -> float:
    """Estimate the squared maximum mean discrepancy of two samples under the cubic polynomial kernel [1]_.

    Unlike the Fréchet distance it assumes no normal distributions and has no bias at any number of samples: two samples
    of one distribution have 0 on average, so that it is as often negative as positive.

    Parameters
    ----------
    real, synthetic : (N, F), (M, F) float64 arrays
        Features, N and M >= 2.

    Returns
    -------
    float
        Squared discrepancy; with features of the layer pool3 of Inception-v3 it is the KID.

    Raises
    ------
    InputError
        If numbers of features differ, or there are fewer than two samples.

    References
    ----------
    .. [1] Bińkowski, M., Sutherland, D. J., Arbel, M., Gretton, A. (2018). Demystifying MMD GANs. ICLR.
    """
    real, synthetic = check_pair(real, synthetic)
    return discrepancy(cubic_kernel(real, real), cubic_kernel(real, synthetic), cubic_kernel(synthetic, synthetic))


def cubic_kernel(one: Floats, other: Floats, scale: float | None = None) -> Floats:
    """Evaluate the cubic polynomial kernel between all pairs.

    Parameters
    ----------
    one, other : (N, F), (M, F) float64 arrays
        Features.
    scale : float, optional
        What products are divided by; F if None.

    Returns
    -------
    (N, M) float64 array
        ``(x · y / scale + 1)³``.
    """
    linear = one @ other.T / (one.shape[1] if scale is None else scale) + 1
    cubic: Floats = linear * linear * linear  # ten times as fast as a power
    return cubic


def discrepancy(within: Floats, between: Floats, within_other: Floats) -> float:
    """Estimate the squared maximum mean discrepancy from values of a kernel.

    Parameters
    ----------
    within, within_other : (N, N), (M, M) float64 arrays
        Kernel between the samples of each set.
    between : (N, M) float64 array
        Kernel between the samples of both.

    Returns
    -------
    float
        The unbiased estimate: pairs of a sample with itself are left out.
    """
    return float(_off_diagonal(within) + _off_diagonal(within_other) - 2 * between.mean())


def _off_diagonal(within: Floats) -> float:
    n = len(within)
    return float((within.sum() - np.trace(within)) / (n * (n - 1)))
