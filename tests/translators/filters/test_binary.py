"""Objects in white: touching ones together, or apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from cellsim.recipe import Recipe
from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.translators.filters.binary import Binary


def binary(labels: object, *, border: bool = False) -> np.ndarray:
    planes = np.asarray(labels, np.uint16)
    image = np.ones((3, *planes.shape[1:]), np.float32)
    found = Binary(border=border)(Sample(planes, (1.0,) * (planes.ndim - 1), image), stream(0, 0, "x")).image
    assert found is not None
    assert found.shape[0] == 1
    return found[0]


ROW = [[[0, 0, 1, 1, 1, 2, 2, 2, 0, 3, 3]]]


def test_objects_are_one_and_all_else_is_zero() -> None:
    np.testing.assert_array_equal(binary(ROW), [[0, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1]])


def test_with_a_border_only_contacts_are_dark() -> None:
    np.testing.assert_array_equal(binary(ROW, border=True), [[0, 0, 1, 1, 0, 0, 1, 1, 0, 1, 1]])


@pytest.mark.parametrize("border", [False, True])
def test_objects_of_all_planes_are_shown(border: bool) -> None:
    planes = [[[1, 1, 0, 0, 0, 0]], [[0, 0, 0, 2, 2, 0]]]
    np.testing.assert_array_equal(binary(planes, border=border), [[1, 1, 0, 1, 1, 0]])


def test_objects_that_overlap_in_two_planes_are_parted_where_the_upper_ends() -> None:
    planes = [[[1, 1, 1, 1, 0, 0, 0]], [[0, 0, 2, 2, 2, 2, 0]]]
    np.testing.assert_array_equal(binary(planes, border=True), [[1, 0, 0, 1, 1, 1, 0]])


def test_a_pair_of_equal_ids_in_two_planes_is_one_object() -> None:
    planes = [[[1, 1, 1, 0, 0]], [[0, 0, 1, 1, 0]]]
    np.testing.assert_array_equal(binary(planes, border=True), [[1, 1, 1, 1, 0]])


@given(seed=st.integers(0, 1000), ndim=st.integers(2, 3))
def test_with_a_border_a_piece_is_of_one_object(seed: int, ndim: int) -> None:
    coarse = np.random.default_rng(seed).integers(0, 4, (1, *(4,) * ndim)).astype(np.uint16)
    labels = np.kron(coarse, np.ones((1, *(4,) * ndim), np.uint16))
    pieces, count = ndimage.label(binary(labels, border=True))
    of_each = [len(np.unique(labels[0][pieces == i])) for i in range(1, count + 1)]
    assert set(of_each) <= {1}
    pieces, count = ndimage.label(binary(labels))
    assert any(len(np.unique(labels[0][pieces == i])) > 1 for i in range(1, count + 1)), "a planted fault"


def test_disks_of_the_recipe_stay_apart() -> None:
    for i in range(3):
        sample = Recipe.load("disks").draw(i)
        assert sample.image is not None
        pieces, count = ndimage.label(sample.image[0])
        assert all(len(np.unique(sample.labels[0][pieces == piece])) == 1 for piece in range(1, count + 1))
        assert 0.1 < sample.cover < 0.5
