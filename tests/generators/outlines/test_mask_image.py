"""Regions given as images: where a pixel lies, the threshold, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cellsim.errors import RecipeError
from cellsim.generators.base import Outline
from cellsim.generators.outlines.mask_image import MaskImage
from cellsim.sample import Canvas
from cellsim.seeds import stream
from cellsim.steps import parse

RNG = stream(0, 0, "x")


def region(path: Path, canvas: Canvas, **fields: Any) -> np.ndarray:
    step = parse(Outline, {"kind": "mask-image", "image": str(path), **fields}, "region")
    assert isinstance(step, MaskImage)
    return step(canvas, RNG)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_a_mask_of_the_canvas_s_size_is_the_region(suffix: str, tmp_path: Path) -> None:
    mask = np.random.default_rng(0).random((30, 40)) < 0.3
    Image.fromarray(mask.astype(np.uint8)).save(tmp_path / f"mask.{suffix}")
    found = region(tmp_path / f"mask.{suffix}", Canvas(shape=(30, 40), spacing=(0.5, 0.5)), spacing=0.5)
    np.testing.assert_array_equal(found, mask)


def test_a_pixel_is_that_of_the_image_its_centre_lies_in(gray_image: Path) -> None:
    canvas = Canvas(shape=(8, 20), spacing=(1.0, 0.75))
    found = region(gray_image, canvas, spacing=2.0, threshold=0.5)
    x = (np.arange(20) + 0.5) * 0.75
    np.testing.assert_array_equal(found, np.tile(x >= 8.0, (8, 1)))  # 80 of 140 begins at 8 µm
    assert (found != np.tile(x >= 7.0, (8, 1))).any(), "a planted fault"


def test_beyond_the_image_is_outside(gray_image: Path) -> None:
    found = region(gray_image, Canvas(shape=(20, 30), spacing=(1.0, 1.0)), spacing=1.0)
    np.testing.assert_array_equal(np.argwhere(found).max(axis=0), [5, 7])
    assert not found[:, 0].any()  # black is not above a threshold of 0


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.9])
def test_the_threshold_is_a_share_of_the_greatest_value(threshold: float, gray_image: Path) -> None:
    found = region(gray_image, Canvas(shape=(6, 8), spacing=(1.0, 1.0)), spacing=1.0, threshold=threshold)
    np.testing.assert_array_equal(found[0], np.arange(0, 160, 20) > 140 * threshold)


def test_any_channel_of_a_colour_image_counts(tmp_path: Path) -> None:
    colours = np.zeros((2, 3, 3), np.uint8)
    colours[0, 0, 2], colours[1, 2, 0] = 200, 90
    Image.fromarray(colours).save(tmp_path / "colours.png")
    found = region(tmp_path / "colours.png", Canvas(shape=(2, 3), spacing=(1.0, 1.0)), spacing=1.0, threshold=0.4)
    assert np.argwhere(found).tolist() == [[0, 0], [1, 2]]


def test_a_region_without_a_pixel_is_refused(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((3, 3), np.uint8)).save(tmp_path / "black.png")
    with pytest.raises(ValueError, match=r"black\.png has no pixel on the canvas above 0 of its greatest"):
        region(tmp_path / "black.png", Canvas(shape=(3, 3), spacing=(1.0, 1.0)), spacing=1.0)


def test_a_file_that_cannot_be_read_is_refused_with_its_place_in_the_recipe(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"region\.image: .*none\.png cannot be read"):
        region(tmp_path / "none.png", Canvas(shape=(3, 3), spacing=(1.0, 1.0)), spacing=1.0)
