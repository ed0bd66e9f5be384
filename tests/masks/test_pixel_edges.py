"""Outlines along pixel edges give every pixel back."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.masks.pixel_edges import pixel_outlines
from cellsim.masks.polygons import fill_polygon


def speckled(seed: int, shape: tuple[int, int] = (17, 23)) -> np.ndarray:
    """Objects of several pieces, with holes, touching by edges and corners."""
    rng = np.random.default_rng(seed)
    found = rng.integers(0, 4, shape).astype(np.uint16)
    found.ravel()[:4] = [1, 2, 3, 0]
    return found


def test_a_square_has_four_corners() -> None:
    labels = np.zeros((6, 8), np.uint16)
    labels[2:4, 3:7] = 1
    (corners,) = pixel_outlines(labels)
    assert corners.tolist() == [[2, 3], [2, 7], [4, 7], [4, 3]]


def test_a_hole_is_kept() -> None:
    labels = np.ones((5, 5), np.uint16)
    labels[2, 2] = 0
    (corners,) = pixel_outlines(labels)
    np.testing.assert_array_equal(fill_polygon(corners.astype(float), (5, 5)), labels > 0)


@pytest.mark.parametrize("seed", range(5))
def test_every_pixel_comes_back(seed: int) -> None:
    labels = speckled(seed)
    outlines = pixel_outlines(labels)
    assert len(outlines) == 3
    for k, corners in enumerate(outlines, 1):
        np.testing.assert_array_equal(fill_polygon(corners.astype(float), labels.shape), labels == k)


@pytest.mark.parametrize("seed", range(3))
def test_pycocotools_fills_the_same_pixels(seed: int) -> None:
    mask = pytest.importorskip("pycocotools.mask")
    labels = speckled(seed)
    for k, corners in enumerate(pixel_outlines(labels), 1):
        flat = [corners[:, ::-1].ravel().astype(float).tolist()]
        filled = mask.decode(mask.merge(mask.frPyObjects(flat, *labels.shape)))
        np.testing.assert_array_equal(filled, labels == k)


def test_without_objects_there_are_no_outlines() -> None:
    assert pixel_outlines(np.zeros((4, 4), np.uint16)) == []


def test_an_id_without_a_pixel_has_an_empty_outline() -> None:
    labels = np.zeros((4, 4), np.uint16)
    labels[1, 1] = 2
    assert [len(corners) for corners in pixel_outlines(labels)] == [0, 4]
