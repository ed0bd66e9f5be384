"""Star distances: exact on what can be computed by hand, near to those of StarDist."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.masks.star_distances import star_distances


def disk(radius: float, size: int = 41) -> np.ndarray:
    y, x = np.mgrid[:size, :size] - size // 2
    return (y**2 + x**2 <= radius**2).astype(np.uint16)


def test_along_the_axes_it_is_the_way_to_the_edge_of_the_last_pixel() -> None:
    labels = np.zeros((9, 12), np.uint16)
    labels[2:7, 3:10] = 4
    found = star_distances(labels, 4)
    assert found.shape == (4, 9, 12)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[:, 3, 4], [5.5, 3.5, 1.5, 1.5])  # x up, y up, x down, y down
    assert not found[:, labels == 0].any()


def test_along_a_diagonal_of_a_square_it_ends_in_the_corner() -> None:
    labels = np.zeros((9, 9), np.uint16)
    labels[2:7, 2:7] = 1
    np.testing.assert_allclose(star_distances(labels, 8)[1, 4, 4], 2.5 * np.sqrt(2), rtol=1e-6)


def test_the_canvas_and_other_objects_end_a_ray() -> None:
    labels = np.ones((5, 8), np.uint16)
    labels[:, 4:] = 2
    found = star_distances(labels, 4)
    np.testing.assert_allclose(found[0, 2], [3.5, 2.5, 1.5, 0.5] * 2)
    np.testing.assert_allclose(found[1, :, 0], [4.5, 3.5, 2.5, 1.5, 0.5])


def test_from_the_middle_of_a_disk_all_ways_are_the_radius() -> None:
    found = star_distances(disk(15), 32)[:, 20, 20]
    assert np.abs(found - 15).max() < 1


def test_a_batch_is_measured_image_by_image() -> None:
    batch = np.stack([disk(5), disk(9)])[:, np.newaxis]
    found = star_distances(batch, 6)
    assert found.shape == (2, 1, 6, 41, 41)
    np.testing.assert_array_equal(found[1, 0], star_distances(batch[1, 0], 6))


def test_stardist_measures_nearly_the_same() -> None:
    geometry = pytest.importorskip("stardist.geometry")
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:96, :96]
    labels = np.zeros((96, 96), np.uint16)
    for k in range(1, 12):
        cy, cx, a, b = *rng.uniform(12, 84, 2), *rng.uniform(5, 12, 2)
        labels[((y - cy) / a) ** 2 + ((x - cx) / b) ** 2 <= 1] = k
    theirs = np.moveaxis(geometry.star_dist(labels, n_rays=32, mode="cpp"), -1, 0)
    ours = star_distances(labels)
    inside = labels > 0
    difference = (theirs - ours)[:, inside]
    assert np.abs(difference).mean() < 0.35
    assert np.mean(np.abs(difference) > 1) < 0.02
    assert np.corrcoef(theirs[:, inside].ravel(), ours[:, inside].ravel())[0, 1] > 0.99


@pytest.mark.parametrize(("shape", "rays"), [((5,), 8), ((5, 5), 2)])
def test_what_cannot_be_measured_is_refused(shape: tuple[int, ...], rays: int) -> None:
    with pytest.raises(ValueError, match="rays must be >= 3"):
        star_distances(np.zeros(shape, np.uint16), rays)
