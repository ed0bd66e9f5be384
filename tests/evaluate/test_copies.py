"""Copies of real samples are found, however they were changed; others are not accused."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from cellsim.errors import InputError
from cellsim.evaluate.copies import TITLE, copies, faces, shrunk
from cellsim.evaluate.features.measured import measure
from cellsim.sample import Sample
from tests.evaluate.features.samples import disks, many, turned

REAL = many(40, objects=9, radius=6.0)
OTHERS = many(40, start=1000, objects=9, radius=6.0)


def moved(sample: Sample, rows: int, columns: int) -> Sample:
    assert sample.image is not None
    shift = {"shift": (rows, columns), "axis": (-2, -1)}
    return replace(sample, labels=np.roll(sample.labels, **shift), image=np.roll(sample.image, **shift))  # type: ignore[arg-type]


def restained(sample: Sample, seed: int) -> Sample:
    """Blurred, darker, with other noise."""
    assert sample.image is not None
    noise = 0.05 * np.random.default_rng(seed).standard_normal(sample.image.shape)
    return sample.with_image((gaussian_filter(sample.image, (0, 1, 1)) ** 1.5 + noise).astype(np.float32))


def planted() -> list[Sample]:
    """Copies of the first real samples, in all turns, half of them shifted."""
    ways = list(product((False, True), range(4)))
    found = [turned(REAL[i], *way) for i, way in enumerate(ways)]
    return [restained(moved(one, 20, -9) if i % 2 else one, i) for i, one in enumerate(found)]


def test_planted_copies_are_found_with_their_originals() -> None:
    for found in copies(REAL, OTHERS + planted()):
        assert found.features == TITLE
        assert set(found.suspects) >= set(range(40, 48)), found.of
        np.testing.assert_array_equal(found.nearest[40:], np.arange(8))
        assert found.distance[40:].max() < 0.5 * found.distance[:40].min()


def test_independent_samples_are_no_suspects() -> None:
    masks, images = copies(REAL, OTHERS)
    assert (masks.of, images.of) == ("masks", "images")
    for found in (masks, images):
        assert len(found.suspects) == 0
        assert found.distance.shape == found.nearest.shape == (40,)
        assert found.among_real.shape == (40,)
        assert 0.2 < np.median(found.distance) == pytest.approx(np.median(found.among_real), rel=0.1)


def test_the_nearest_suspect_comes_first() -> None:
    (masks, images) = copies(REAL, [*OTHERS, restained(REAL[3], 0), REAL[7]])
    assert images.suspects == (41, 40)
    assert images.distance[41] == pytest.approx(0, abs=1e-5)
    assert set(masks.suspects) == {40, 41}


def test_copied_masks_under_new_images_are_copies_of_masks_only() -> None:
    other = replace(REAL[5], image=OTHERS[5].image)
    masks, images = copies(REAL, [*OTHERS, other])
    assert masks.suspects == (40,)
    assert images.suspects == ()


def test_tiles_of_one_field_do_not_hide_copies() -> None:
    tiles = [moved(sample, 0, 3 * k) for sample in REAL[:20] for k in range(3)]
    parents = np.repeat(np.arange(20), 3)
    (masks, _) = copies(measure(tiles, (), parents=parents), [*OTHERS, REAL[0]])
    assert masks.suspects == (40,)
    (masks, _) = copies(tiles, [*OTHERS, REAL[0]])  # as if each tile were a field of its own
    assert masks.suspects == ()


def test_masks_alone_are_compared_if_there_are_no_images() -> None:
    (found,) = copies([replace(one, image=None) for one in REAL], REAL[:2])
    assert found.of == "masks"
    assert set(found.suspects) == {0, 1}


def test_one_field_alone_makes_no_suspects() -> None:
    for found in copies(measure(REAL, (), parents=[0] * 40), REAL[:3]):
        assert np.isinf(found.among_real).all()
        assert found.suspects == ()
        np.testing.assert_array_equal(found.nearest, [0, 1, 2])


def test_empty_samples_are_copies_of_none() -> None:
    empty = Sample(np.zeros((1, 64, 64), np.uint16), (1.0, 1.0), np.full((1, 64, 64), 0.3, np.float32))
    for found in copies([*REAL, empty], [*OTHERS, empty]):
        assert 40 not in found.suspects
        assert found.distance[40] == pytest.approx(1)


@pytest.mark.parametrize("shape", [(64, 64), (64, 48), (70, 33)])
def test_faces_are_small_and_normal(shape: tuple[int, int]) -> None:
    labels = np.zeros((1, *shape), np.uint16)
    labels[0, 5:20, 5:20] = 1
    found = faces([Sample(labels, (1.0, 1.0))], "masks")
    assert max(found.shape) <= 32
    assert found.mean() == pytest.approx(0, abs=1e-6)
    assert (found**2).sum() == pytest.approx(1)


def test_oblong_samples_are_flipped_and_not_turned() -> None:
    def cut(sample: Sample) -> Sample:
        assert sample.image is not None
        return replace(sample, labels=sample.labels[..., :48], image=sample.image[..., :48])

    real = [cut(one) for one in REAL]
    for found in copies(real, [*map(cut, OTHERS), turned(real[4], True, 0)]):
        assert found.suspects == (40,)
        assert found.nearest[40] == 4


def test_blocks_are_means() -> None:
    plane = np.arange(20).reshape(1, 4, 5)
    np.testing.assert_array_equal(shrunk(plane, 2), [[[3, 5], [13, 15]]])


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(InputError, match="same shape, got 64 x 64 px and 32 x 32 px"):
        copies(REAL, [disks(0, side=32)])
    with pytest.raises(InputError, match="same channels, got 1 and 2"):
        copies(REAL, [disks(0, channels=2)])
