"""The kernel distance: its definition, and no bias."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.errors import InputError
from cellsim.evaluate.kernel_distance import cubic_kernel, discrepancy, kernel_distance
from tests.statistics import assert_mean


def test_it_is_its_definition_pair_by_pair() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((4, 3)), rng.standard_normal((5, 3))

    def k(a: np.ndarray, b: np.ndarray) -> float:
        return float((a @ b / 3 + 1) ** 3)

    within = np.mean([k(a, b) for i, a in enumerate(x) for j, b in enumerate(x) if i != j])
    other = np.mean([k(a, b) for i, a in enumerate(y) for j, b in enumerate(y) if i != j])
    between = np.mean([k(a, b) for a in x for b in y])
    assert kernel_distance(x, y) == pytest.approx(within + other - 2 * between)


def drawn(shift: float, biased: bool = False) -> list[float]:
    """Distances of 400 pairs of small samples."""
    found = []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        x, y = rng.standard_normal((12, 4)), rng.standard_normal((15, 4)) + shift
        tables = cubic_kernel(x, x), cubic_kernel(x, y), cubic_kernel(y, y)
        plain = tables[0].mean() - 2 * tables[1].mean() + tables[2].mean()
        found.append(plain if biased else discrepancy(*tables))
    return found


def test_samples_of_one_law_have_no_distance_on_average() -> None:
    assert_mean(drawn(0.0), 0.0)


def test_the_biased_estimate_would_be_seen() -> None:
    with pytest.raises(AssertionError):
        assert_mean(drawn(0.0, biased=True), 0.0)


def test_samples_of_other_laws_have_the_distance_of_the_laws() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((1500, 4)), rng.standard_normal((1500, 4)) + 0.5
    assert np.mean(drawn(0.5)) == pytest.approx(kernel_distance(x, y), rel=0.15)
    assert kernel_distance(x, y) > 0.2


def test_a_single_sample_is_refused() -> None:
    with pytest.raises(InputError, match="2 samples or more"):
        kernel_distance(np.ones((1, 2)), np.ones((3, 2)))
