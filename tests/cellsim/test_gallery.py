"""Contact sheets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from cellsim.report.colours import grey_to_rgb, palette
from cellsim.report.gallery import BAND, EDGE, TILE, contact_sheet, drawing, save_comparison, save_gallery
from cellsim.report.volumes import projections, slices
from cellsim.sample import Sample


def sample(shape: tuple[int, ...] = (8, 10), channels: int = 1) -> Sample:
    labels = np.zeros((1, *shape), np.uint16)
    labels[..., 2:5, 2:5], labels[..., 2:5, 6:9] = 1, 2
    image = np.linspace(0, 1, channels * int(np.prod(shape)), dtype=np.float32).reshape(channels, *shape)
    for array in (labels, image):
        array.flags.writeable = False
    return Sample(labels, (1.0,) * len(shape), image if channels else None)


def test_colours_of_neighbours_differ() -> None:
    colours = palette(40)
    assert colours.shape == (40, 3)
    assert not colours[0].any()
    assert (np.linalg.norm(np.diff(colours, axis=0), axis=1) > 0.3).all()
    assert palette(0).shape == (0, 3)


def test_grey_is_stretched_to_its_range() -> None:
    image = np.tile(np.linspace(0.4, 0.5, 100, dtype=np.float32), (1, 100, 1))
    shown = grey_to_rgb(image)
    assert shown.dtype == np.float32
    assert shown.shape == (100, 100, 3)
    assert (shown.min(), shown.max()) == (0, 1)
    np.testing.assert_array_equal(shown[..., 0], shown[..., 2])
    assert not grey_to_rgb(np.full((1, 4, 4), 0.3, np.float32)).any()  # a flat image is no error


@pytest.mark.parametrize("channels", [2, 3, 5])
def test_channels_have_colours(channels: int) -> None:
    image = np.zeros((channels, 6, 6), np.float32)
    for c in range(channels):
        image[c, c] = 1
    shown = grey_to_rgb(image)
    assert shown.shape == (6, 6, 3)
    assert len({tuple(np.round(shown[c, 0], 3)) for c in range(channels)}) == channels


def test_outlines_are_drawn_on_the_objects_alone() -> None:
    given = sample()
    plain, outlined = drawing(given)
    assert plain.dtype == outlined.dtype == np.uint8
    differs = (plain != outlined).any(axis=-1)
    assert differs.any()
    assert not differs[given.labels[0] == 0].any()
    assert not differs[3, 3]  # the middle of an object
    assert tuple(outlined[2, 2]) != tuple(outlined[2, 6])


def test_without_an_image_objects_are_filled() -> None:
    given = sample(channels=0)
    plain, _ = drawing(given)
    np.testing.assert_array_equal(plain.any(axis=-1), given.labels[0] > 0)


def test_a_volume_is_shown_as_projections_and_as_slices() -> None:
    volume = sample((5, 8, 10))
    plain, outlined = drawing(volume)
    np.testing.assert_array_equal(plain, (projections(volume, TILE) * 255).astype(np.uint8))
    np.testing.assert_array_equal(outlined, (slices(volume, TILE) * 255).astype(np.uint8))


def test_objects_of_every_structure_are_outlined() -> None:
    labels = np.zeros((2, 8, 8), np.uint16)
    labels[0, 1:3, 1:3], labels[1, 5:7, 5:7] = 1, 1
    _, outlined = drawing(Sample(labels, (1.0, 1.0), np.zeros((1, 8, 8), np.float32)))
    np.testing.assert_array_equal(outlined.any(axis=-1), labels.any(axis=0))


def test_an_empty_sample_is_drawn() -> None:
    plain, outlined = drawing(Sample(np.zeros((1, 4, 4), np.uint16), (1.0, 1.0)))
    assert not plain.any()
    assert not outlined.any()


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("shape", [(8, 10), (320, 320), (700, 350), (5, 8, 10)])
def test_samples_stand_two_a_row_within_a_frame(n: int, shape: tuple[int, ...]) -> None:
    sheet = contact_sheet([sample(shape)] * n)
    rows = -(-n // 2)
    height, width = (sheet.shape[0] - EDGE) // rows - EDGE, (sheet.shape[1] - EDGE) // 2 - EDGE
    assert sheet.shape == (rows * (height + EDGE) + EDGE, 2 * (width + EDGE) + EDGE, 3)
    assert TILE / 2 <= max(height, width / 2) <= 2 * TILE
    assert (sheet[:EDGE] == 255).all()
    first = sheet[EDGE : EDGE + height, EDGE : EDGE + width]
    assert (first != 255).any()
    if n > 1:
        np.testing.assert_array_equal(first, sheet[EDGE : EDGE + height, 2 * EDGE + width : 2 * (EDGE + width)])


def test_a_gallery_is_a_png(tmp_path: Path) -> None:
    path = save_gallery([sample()], tmp_path / "sheet.png")
    with Picture.open(path) as picture:
        assert picture.format == "PNG"
        np.testing.assert_array_equal(np.asarray(picture), contact_sheet([sample()]))


def test_two_sheets_are_shown_one_over_the_other(tmp_path: Path) -> None:
    path = save_comparison([sample()] * 3, [sample()], tmp_path / "both.png")
    shown = np.asarray(Picture.open(path))
    upper, lower = contact_sheet([sample()] * 3), contact_sheet([sample()])
    np.testing.assert_array_equal(shown[: len(upper)], upper)
    np.testing.assert_array_equal(shown[-len(lower) :], lower)
    assert not shown[len(upper) : len(upper) + BAND].any()
