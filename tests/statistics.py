"""Assertions about chance. Seeds are fixed, so a test passes always or never; alpha says how rare a false alarm is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

ALPHA = 1e-6
FEWEST = 20  # counts expected in a bin of a chi-square test


def assert_mean(values: ArrayLike, expected: float, alpha: float = ALPHA) -> None:
    """Independent values have this mean."""
    sample = np.asarray(values, np.float64)
    error = sample.std(ddof=1) / np.sqrt(sample.size)
    z = (sample.mean() - expected) / error
    assert abs(z) <= stats.norm.isf(alpha / 2), f"mean {sample.mean():.6g} is {z:+.1f} sd from {expected:.6g}"


def assert_variance(values: ArrayLike, expected: float, alpha: float = ALPHA) -> None:
    """Independent values have this variance, whatever their law."""
    sample = np.asarray(values, np.float64)
    assert_mean((sample - sample.mean()) ** 2 * sample.size / (sample.size - 1), expected, alpha)


def assert_poisson_count(counts: ArrayLike, mean: float, alpha: float = ALPHA) -> None:
    """Independent counts are Poisson: their sum, and their index of dispersion."""
    sample = np.asarray(counts)
    p_sum = _two_sided(stats.poisson(mean * sample.size), int(sample.sum()))
    assert p_sum >= alpha, f"mean count {sample.mean():.6g}, expected {mean:.6g} (p {p_sum:.1e})"
    dispersion = float(((sample - sample.mean()) ** 2).sum() / sample.mean())
    p_spread = _two_sided(stats.chi2(sample.size - 1), dispersion)
    assert p_spread >= alpha, f"variance over mean {dispersion / (sample.size - 1):.4g}, expected 1 (p {p_spread:.1e})"


def _two_sided(law: Any, value: float) -> float:
    return float(2 * min(law.cdf(value), law.sf(value - 1e-9)))


def assert_same_distribution(
    values: ArrayLike, reference: ArrayLike | Callable[[NDArray[np.float64]], Any], alpha: float = ALPHA
) -> None:
    """Independent continuous values follow a distribution function, or that of another sample (Kolmogorov-Smirnov)."""
    sample = np.asarray(values, np.float64)
    test = stats.kstest if callable(reference) else stats.ks_2samp
    found = test(sample, reference)
    assert found.pvalue >= alpha, f"distance {found.statistic:.4f} between the distributions (p {found.pvalue:.1e})"


def assert_whole_numbers_follow(values: ArrayLike, law: Any, alpha: float = ALPHA) -> None:
    """Independent whole numbers follow a discrete law of `scipy.stats` (chi-square, rare values pooled)."""
    sample = np.asarray(values)
    n = sample.size
    edges = np.unique(np.round(law.ppf(np.linspace(0, 1, min(n // FEWEST, 100) + 1)[1:-1])))
    expected = n * np.diff(np.concatenate([[0.0], law.cdf(edges), [1.0]]))
    found = np.bincount(np.searchsorted(edges, sample, side="left"), minlength=len(edges) + 1)
    kept = expected >= FEWEST
    pooled_expected = np.append(expected[kept], expected[~kept].sum())
    pooled_found = np.append(found[kept], found[~kept].sum())
    use = pooled_expected > 1
    statistic = float(((pooled_found - pooled_expected)[use] ** 2 / pooled_expected[use]).sum())
    p = float(stats.chi2.sf(statistic, use.sum() - 1))
    assert p >= alpha, f"chi-square {statistic:.1f} of {use.sum() - 1} degrees of freedom (p {p:.1e})"
