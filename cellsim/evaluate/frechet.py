"""The Fréchet distance between two sets of feature vectors, each taken for a normal distribution."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cellsim.errors import InputError

Floats = NDArray[np.float64]


def frechet_distance(real: Floats, synthetic: Floats) -> float:
    """Measure the squared Fréchet distance of the normal distributions that two samples have the moments of [1]_ [2]_.

    The squared distance is ``|m1 - m2|² + tr S1 + tr S2 - 2 tr (S1^½ S2 S1^½)^½``. With ``S1 = AᵀA`` and ``S2 = BᵀB``
    the last trace is the sum of the singular values of ``A Bᵀ``. A and B are the centred samples themselves, so no
    root of a matrix is taken, the distance of a set from itself is 0 up to rounding, and there may be fewer samples
    than features (the estimate is then biased upwards all the more: show it beside that of two real halves).

    Parameters
    ----------
    real, synthetic : (N, F), (M, F) float64 arrays
        Features, N and M >= 2.

    Returns
    -------
    float
        Squared distance, >= 0. With features of the layer pool3 of Inception-v3 it is the FID [3]_.

    Raises
    ------
    InputError
        If numbers of features differ, or there are fewer than two samples.

    References
    ----------
    .. [1] Fréchet, M. (1957). Sur la distance de deux lois de probabilité. C. R. Acad. Sci. 244.
    .. [2] Dowson, D. C., Landau, B. V. (1982). The Fréchet distance between multivariate normal distributions. Journal
       of Multivariate Analysis 12(3).
    .. [3] Heusel, M. and others (2017). GANs trained by a two time-scale update rule converge to a local Nash
       equilibrium. NIPS 30.
    """
    real, synthetic = check_pair(real, synthetic)
    return _distance(real.mean(axis=0), _factor(real), synthetic.mean(axis=0), _factor(synthetic))


def frechet_of_normals(mean: Floats, covariance: Floats, other_mean: Floats, other_covariance: Floats) -> float:
    """Measure the squared Fréchet distance of two normal distributions.

    Parameters
    ----------
    mean, other_mean : (F,) float64 arrays
        Means.
    covariance, other_covariance : (F, F) float64 arrays
        Symmetric; they may be singular.

    Returns
    -------
    float
        Squared distance, >= 0.
    """
    return _distance(mean, _root(covariance), other_mean, _root(other_covariance))


def check_pair(real: Floats, synthetic: Floats) -> tuple[Floats, Floats]:
    """Refuse sets of features that have no distance.

    Parameters
    ----------
    real, synthetic : (N, F), (M, F) arrays
        Features.

    Returns
    -------
    real, synthetic : (N, F), (M, F) float64 arrays
        The same.

    Raises
    ------
    InputError
        If numbers of features differ, or there are fewer than two samples.
    """
    real, synthetic = np.asarray(real, np.float64), np.asarray(synthetic, np.float64)
    if real.ndim != 2 or synthetic.ndim != 2 or real.shape[1] != synthetic.shape[1]:
        raise InputError(f"features must be (N, F) and (M, F), got {real.shape} and {synthetic.shape}")
    if min(len(real), len(synthetic)) < 2:
        raise InputError(f"a distance needs 2 samples or more of each set, got {len(real)} and {len(synthetic)}")
    return real, synthetic


def _factor(sample: Floats) -> Floats:
    """Find some A with AᵀA the covariance, of as few rows as there need be."""
    centred = (sample - sample.mean(axis=0)) / np.sqrt(len(sample) - 1)
    return np.asarray(np.linalg.qr(centred, mode="r")) if len(sample) > sample.shape[1] else centred


def _root(covariance: Floats) -> Floats:
    variances, axes = np.linalg.eigh(covariance)
    root: Floats = np.sqrt(np.maximum(variances, 0))[:, np.newaxis] * axes.T
    return root


def _distance(mean: Floats, factor: Floats, other_mean: Floats, other_factor: Floats) -> float:
    shared = np.linalg.svd(factor @ other_factor.T, compute_uv=False).sum()
    apart = ((mean - other_mean) ** 2).sum()
    return max(float(apart + (factor**2).sum() + (other_factor**2).sum() - 2 * shared), 0.0)
