"""Tiles: they cover the field, overlap as asked, and keep image and objects together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellsim.datasets.ingest import IngestOptions
from cellsim.datasets.ingest.fields import Field
from cellsim.datasets.ingest.tiles import corners, cut, framed, objects_in, positions
from cellsim.sample import MAX_OBJECTS
from tests.datasets.ingest.folders import blocks, picture


@given(st.integers(1, 400), st.integers(1, 90), st.data())
def test_tiles_cover_an_axis_and_overlap_as_asked(size: int, tile: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, tile - 1))
    found = positions(size, tile, overlap)
    assert found[0] == 0
    assert size <= tile or found[-1] == size - tile
    gaps = np.diff(found)
    assert (gaps > 0).all()
    assert (tile - gaps >= overlap).all()
    assert np.ptp(gaps) <= 1 if len(gaps) else len(found) == 1
    fewer = len(found) - 1
    assert fewer <= 1 or fewer * tile - (fewer - 1) * overlap < size  # one less would not do


@given(st.floats(0, 0.9), st.integers(20, 60), st.integers(1, 200), st.integers(1, 200))
def test_every_pixel_is_covered(overlap: float, tile: int, height: int, width: int) -> None:
    options = IngestOptions(shape=(tile, tile + 5), overlap=overlap)
    covered = np.zeros((height, width), bool)
    for y, x in corners((height, width), options):
        covered[y : y + tile, x : x + tile + 5] = True
    assert covered.all()


def test_an_image_of_520_by_696_gives_twelve_tiles_row_by_row() -> None:
    found = corners((520, 696), IngestOptions())
    assert found[:5] == [(0, 0), (0, 146), (0, 293), (0, 440), (132, 0)]
    assert found[-1] == (264, 440)
    assert len(found) == 12


def field_of(shape: tuple[int, int] = (8, 10), channels: int = 1, dtype: str = "uint8") -> Field:
    return Field(picture((channels, *shape), dtype=dtype), blocks(shape), "")


def test_small_images_are_padded_with_the_median_of_their_border() -> None:
    image = np.full((2, 4, 5), 9, np.uint8)
    image[0, 1:3, 1:4] = 200  # the inside does not count
    image[1] = np.arange(20).reshape(4, 5)
    found = framed(Field(image, np.ones((4, 5), np.uint8), ""), (6, 8))
    assert found.image.shape == (2, 6, 8)
    np.testing.assert_array_equal(found.image[:, :4, :5], image)
    np.testing.assert_array_equal(found.labels[:4, :5], 1)
    outside = np.ones((6, 8), bool)
    outside[:4, :5] = False
    assert set(found.image[0][outside]) == {9}
    border = sorted([0, 1, 2, 3, 4, 5, 9, 10, 14, 15, 16, 17, 18, 19])
    assert set(found.image[1][outside]) == {border[6]}
    assert not found.labels[outside].any()


def test_an_image_short_along_one_axis_is_padded_along_that_one() -> None:
    found = framed(field_of((3, 50)), (8, 8))
    assert found.image.shape == (1, 8, 50)
    assert found.labels.shape == (8, 50)


def test_a_single_row_is_padded() -> None:
    assert framed(field_of((1, 5)), (4, 6)).image.shape == (1, 4, 6)


def test_large_images_are_left_alone() -> None:
    field = field_of()
    assert framed(field, (8, 10)) is field


def test_objects_of_a_tile_are_numbered_without_holes_and_cut_ones_stay() -> None:
    labels = blocks((8, 12), side=4)  # 1 2 3 / 4 5 6
    found = objects_in(labels, (2, 5), (4, 4))
    np.testing.assert_array_equal(found, [[1, 1, 0, 2], [0, 0, 0, 0], [3, 3, 0, 4], [3, 3, 0, 4]])
    assert found.dtype == np.uint16


def test_more_objects_than_a_tile_can_name_are_refused() -> None:
    labels = np.arange(1, 300 * 300 + 1).reshape(300, 300)
    with pytest.raises(ValueError, match="at most 65,535 objects, got 90,000"):
        objects_in(labels, (0, 0), (300, 300))
    assert objects_in(labels, (0, 0), (255, 257)).max() == MAX_OBJECTS


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_image_and_labels_turn_together(turns: int) -> None:
    field, options = field_of((9, 11), channels=3), IngestOptions(shape=(6, 6), spacing=(0.5, 0.5))
    sample = cut(field, (2, 4), turns, options)
    assert sample.image is not None
    assert sample.spacing == (0.5, 0.5)
    levels = np.rint(sample.image * 255).astype(np.uint8)
    expected = np.stack([np.rot90(plane, turns) for plane in field.image[:, 2:8, 4:10]])
    np.testing.assert_array_equal(levels, expected)
    objects = np.rot90(objects_in(field.labels, (2, 4), (6, 6)), turns)
    np.testing.assert_array_equal(sample.labels[0], objects)


def test_grey_levels_of_16_bits_survive_as_intensities() -> None:
    levels = np.arange(65536, dtype=np.uint16).reshape(1, 256, 256)
    sample = cut(Field(levels, np.zeros((256, 256), np.uint8), ""), (0, 0), 0, IngestOptions())
    assert sample.image is not None
    np.testing.assert_array_equal(np.rint(sample.image * np.float32(65535)).astype(np.uint16), levels)
