"""Reading files: every value as it is in the file, or a clear refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from cellsim.datasets.ingest.images import is_image, read_bytes, read_image, read_mask
from cellsim.errors import InputError
from tests.datasets.ingest.folders import Array, picture, png_of_16_bit_rgb, save


def image_of(path: Path) -> Array:
    return read_image(path, path.read_bytes())


def mask_of(path: Path) -> Array:
    return read_mask(path, path.read_bytes())


@pytest.mark.parametrize("suffix", [".png", ".PNG", ".tif", ".TIFF"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_gray_images_are_read_exactly(tmp_path: Path, suffix: str, dtype: str) -> None:
    expected = picture((8, 10), dtype=dtype)
    found = image_of(save(tmp_path / f"a{suffix}", expected))
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, expected[np.newaxis])


@pytest.mark.parametrize(("suffix", "dtype"), [(".png", "uint8"), (".tif", "uint8"), (".tif", "uint16")])
def test_rgb_images_have_channels_first(tmp_path: Path, suffix: str, dtype: str) -> None:
    expected = picture((8, 10, 3), dtype=dtype)
    found = image_of(save(tmp_path / f"a{suffix}", expected))
    np.testing.assert_array_equal(found, np.moveaxis(expected, -1, 0))


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_transparency_is_dropped(tmp_path: Path, suffix: str) -> None:
    expected = picture((8, 10, 4))
    found = image_of(save(tmp_path / f"a{suffix}", expected))
    np.testing.assert_array_equal(found, np.moveaxis(expected[..., :3], -1, 0))


def test_transparency_of_a_gray_image_is_dropped(tmp_path: Path) -> None:
    expected = picture((8, 10, 2))
    Image.fromarray(expected, "LA").save(tmp_path / "a.png")
    np.testing.assert_array_equal(image_of(tmp_path / "a.png"), expected[np.newaxis, ..., 0])


@pytest.mark.parametrize("metadata", [{"axes": "CYX"}, None])
def test_three_pages_are_channels(tmp_path: Path, metadata: dict[str, str] | None) -> None:
    expected = picture((3, 8, 10))
    tifffile.imwrite(tmp_path / "a.tif", expected, photometric="minisblack", metadata=metadata)
    np.testing.assert_array_equal(image_of(tmp_path / "a.tif"), expected)


def test_planar_rgb_is_read_by_channels(tmp_path: Path) -> None:
    expected = picture((3, 8, 10))
    tifffile.imwrite(tmp_path / "a.tif", expected, photometric="rgb", planarconfig="separate")
    np.testing.assert_array_equal(image_of(tmp_path / "a.tif"), expected)


def test_a_palette_is_looked_up_in_images_and_not_in_masks(tmp_path: Path) -> None:
    indices = np.array([[0, 1], [2, 1]], np.uint8)
    png = Image.fromarray(indices, "P")
    png.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    png.save(tmp_path / "a.png", transparency=b"\x00\xff\xff")
    np.testing.assert_array_equal(image_of(tmp_path / "a.png")[:, 0, 1], [40, 50, 60])
    np.testing.assert_array_equal(mask_of(tmp_path / "a.png"), indices)


def test_a_png_of_16_bit_rgb_is_refused_for_it_would_be_cut_to_8_bits(tmp_path: Path) -> None:
    path = png_of_16_bit_rgb(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"a\.png: PNG with several channels of 16 bits .* save it as TIFF"):
        image_of(path)


@pytest.mark.parametrize(("axes", "depth"), [("ZYX", 3), ("TYX", 3), ("ZYX", 5), ("QYX", 4)])
def test_volumes_are_refused(tmp_path: Path, axes: str, depth: int) -> None:
    tifffile.imwrite(
        tmp_path / "a.tif", picture((depth, 8, 10)), photometric="minisblack", metadata={"axes": axes}, imagej=False
    )
    with pytest.raises(
        InputError,
        match=rf"a\.tif: 2D images must be gray or RGB, .*got axes {axes} of {depth} x 8 x 10; volumes need a",
    ):
        image_of(tmp_path / "a.tif")


@pytest.mark.parametrize("dtype", ["float32", "int16", "uint32", "bool"])
def test_other_types_of_images_are_refused(tmp_path: Path, dtype: str) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.ones((8, 10), dtype), photometric="minisblack")
    with pytest.raises(InputError, match=rf"a\.tif: images must be uint8 or uint16, got {dtype}"):
        image_of(tmp_path / "a.tif")


def test_an_image_whose_zero_is_white_is_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", picture(), photometric="miniswhite")
    with pytest.raises(InputError, match=r"must be gray \(0 is black\) or RGB, got MINISWHITE"):
        image_of(tmp_path / "a.tif")


def test_a_tiff_of_two_images_is_refused(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(picture((8, 10)), photometric="minisblack")
        tiff.write(picture((4, 5)), photometric="minisblack")
    with pytest.raises(InputError, match="must hold one image, got 2"):
        image_of(tmp_path / "a.tif")


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int32", "int64", "bool"])
def test_masks_keep_their_values(tmp_path: Path, dtype: str) -> None:
    expected = (np.arange(80).reshape(8, 10) * 3).astype(dtype)
    tifffile.imwrite(tmp_path / "a.tif", expected, photometric="minisblack")
    found = mask_of(tmp_path / "a.tif")
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, expected)


def test_a_mask_of_floats_is_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.ones((8, 10), np.float32))
    with pytest.raises(InputError, match=r"a\.tif: masks must be integers, got float32"):
        mask_of(tmp_path / "a.tif")


def test_a_mask_with_equal_channels_is_one_and_with_others_is_refused(tmp_path: Path) -> None:
    gray = picture((8, 10, 1))
    np.testing.assert_array_equal(mask_of(save(tmp_path / "a.png", np.repeat(gray, 3, axis=2))), gray[..., 0])
    with pytest.raises(InputError, match=r"b\.png: masks must have one channel, got 3 that differ"):
        mask_of(save(tmp_path / "b.png", picture((8, 10, 3))))


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("part", [0.0, 0.02, 0.1, 0.5, 0.95])
def test_a_cut_off_file_is_named(tmp_path: Path, suffix: str, part: float) -> None:
    path = save(tmp_path / f"a{suffix}", picture((100, 120)))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(InputError, match=rf"^\S*a\{suffix} cannot be read as a .* file: [^\n]+$"):
        image_of(path)


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_a_file_of_something_else_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n" + b"these are words, no picture" * 9)
    with pytest.raises(InputError, match=f"{name} cannot be read"):
        image_of(tmp_path / name)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.png cannot be read: No such file"):
        read_bytes(tmp_path / "a.png")


@pytest.mark.parametrize(
    ("name", "expected"), [("a.PNG", True), ("a.Tiff", True), ("a.jpg", False), ("._a.png", False), ("png", False)]
)
def test_images_are_told_by_their_names(name: Any, expected: bool) -> None:
    assert is_image(Path(name)) is expected
