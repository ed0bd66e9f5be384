"""Elastic deformation: smooth, bounded, the same with and without the compiled library."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.masks import deform as module
from cellsim.masks.deform import deform, deform_by_scipy, random_displacement


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_no_displacement_changes_nothing() -> None:
    image = rng().random((20, 30))
    np.testing.assert_allclose(deform(image, np.zeros((2, 3, 3)), order=1), image, atol=1e-12)


@pytest.mark.parametrize("shape", [(40, 50), (12, 14, 16)])
@pytest.mark.parametrize("order", [0, 1, 3])
def test_the_scipy_form_gives_the_same_numbers(shape: tuple[int, ...], order: int) -> None:
    pytest.importorskip("elasticdeform")
    assert module.elasticdeform is not None
    image = rng().random(shape)
    displacement = random_displacement(shape, 3, 1.0, rng(1))
    np.testing.assert_allclose(
        deform(image, displacement, order), deform_by_scipy(image, displacement, order), atol=1e-9
    )


def test_labels_stay_labels() -> None:
    labels = np.zeros((40, 40), np.uint16)
    labels[5:15, 5:15], labels[20:35, 18:30] = 7, 300
    moved = deform(labels, random_displacement(labels.shape, 4, 2.0, rng(2)), order=0)
    assert moved.dtype == np.uint16
    assert set(np.unique(moved)) == {0, 7, 300}
    assert (moved != labels).any()


def test_a_constant_displacement_is_a_shift() -> None:
    image = rng().random((20, 20))
    displacement = np.zeros((2, 2, 2))
    displacement[0] = 3
    np.testing.assert_allclose(deform(image, displacement, order=1)[:16], image[3:19], atol=1e-9)


def test_a_field_that_could_fold_is_refused() -> None:
    with pytest.raises(ValueError, match=r"spread must be < 2\.5 px"):
        random_displacement((31, 41), 4, 2.5, rng())
    with pytest.raises(ValueError, match="knots must be >= 2, got 1"):
        random_displacement((31, 41), 1, 0.1, rng())


def test_knots_keep_their_order_at_the_largest_spread() -> None:
    shape, knots = (64, 64), 5
    spacing = 63 / 4
    for seed in range(50):
        displacement = random_displacement(shape, knots, 0.2499 * spacing, rng(seed))
        assert (np.diff(displacement[0], axis=0) > -spacing).all()
        assert (np.diff(displacement[1], axis=1) > -spacing).all()
