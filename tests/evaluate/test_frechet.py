"""The Fréchet distance: closed forms, other people's formulas, and the wrong one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import sqrtm

from cellsim.errors import InputError
from cellsim.evaluate.frechet import frechet_distance, frechet_of_normals

RNG = np.random.default_rng(7)


def covariance(size: int, rng: np.random.Generator) -> np.ndarray:
    root = rng.standard_normal((size, size))
    return root @ root.T


def test_two_normals_in_one_dimension_have_the_closed_form() -> None:
    found = frechet_of_normals(np.array([1.0]), np.array([[4.0]]), np.array([3.0]), np.array([[9.0]]))
    assert found == pytest.approx((1 - 3) ** 2 + (2 - 3) ** 2)


def test_covariances_with_common_axes_have_the_closed_form() -> None:
    axes = np.linalg.qr(RNG.standard_normal((5, 5)))[0]
    one, other = np.arange(1.0, 6), np.array([3.0, 1, 4, 1, 5])
    found = frechet_of_normals(np.zeros(5), (axes * one) @ axes.T, np.ones(5), (axes * other) @ axes.T)
    assert found == pytest.approx(5 + ((np.sqrt(one) - np.sqrt(other)) ** 2).sum())


def test_covariances_without_common_axes_agree_with_the_root_of_their_product() -> None:
    one, other = covariance(8, RNG), covariance(8, RNG)
    expected = np.trace(one + other - 2 * sqrtm(one @ other).real)
    assert frechet_of_normals(np.zeros(8), one, np.zeros(8), other) == pytest.approx(expected, rel=1e-9)


def test_the_distance_of_large_samples_is_that_of_their_laws() -> None:
    first = RNG.standard_normal((200_000, 3)) * [1.0, 2, 3] + [0, 1, 0]
    second = RNG.standard_normal((200_000, 3)) * [2.0, 2, 1]
    assert frechet_distance(first, second) == pytest.approx(1 + 1 + 0 + 4, rel=0.02)


@pytest.mark.parametrize(("samples", "features"), [(300, 20), (20, 300), (50, 50)])
def test_it_is_the_published_formula_with_many_features_or_few(samples: int, features: int) -> None:
    x = RNG.standard_normal((samples, features)) @ np.diag(RNG.uniform(0.1, 2, features))
    y = RNG.standard_normal((samples + 5, features)) + 0.3
    one, other = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    roots = np.sqrt(np.linalg.eigvals(one @ other).astype(complex)).real.sum()
    expected = ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(one) + np.trace(other) - 2 * roots
    assert frechet_distance(x, y) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("scale", [0.1, 1.0, 10.0])
def test_identical_sets_have_no_distance_where_a_published_program_finds_one(scale: float) -> None:
    x = scale * RNG.standard_normal((100, 20))
    s = np.cov(x, rowvar=False)
    wrong = np.trace(s + s - 2 * sqrtm((s + s) / 2).real)  # the root of the mean for that of the product
    assert abs(wrong) > 0.1  # -3.5, 0.13 and 3600
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-9 * scale**2)


@given(seed=st.integers(0, 1000), n=st.integers(2, 30), m=st.integers(2, 30), features=st.integers(1, 20))
def test_it_is_symmetric_never_negative_and_no_less_than_the_shift(seed: int, n: int, m: int, features: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((n, features)), rng.gamma(1, 1, (m, features))
    found = frechet_distance(x, y)
    assert found >= ((x.mean(0) - y.mean(0)) ** 2).sum() - 1e-9
    assert frechet_distance(y, x) == pytest.approx(found, abs=1e-9)


@pytest.mark.parametrize(("one", "other", "said"), [((1, 3), (5, 3), "2 samples"), ((5, 3), (5, 4), r"\(5, 4\)")])
def test_sets_without_a_distance_are_refused(one: tuple[int, int], other: tuple[int, int], said: str) -> None:
    with pytest.raises(InputError, match=said):
        frechet_distance(np.ones(one), np.ones(other))
