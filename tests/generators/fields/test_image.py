"""Images as fields: where a pixel lies, what is refused, what the recipe's digest holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cellsim.errors import InputError, RecipeError
from cellsim.generators.base import Field
from cellsim.generators.fields.image import ImageField
from cellsim.recipe import Recipe
from cellsim.seeds import stream
from cellsim.steps import parse

RNG = stream(0, 0, "x")


def field(path: Path, spacing: float = 2.0) -> ImageField:
    step = parse(Field, {"kind": "image", "image": str(path), "spacing": spacing}, "profile")
    assert isinstance(step, ImageField)
    return step


def test_a_point_has_the_value_of_the_pixel_it_lies_in(gray_image: Path) -> None:
    points = np.array([[0.5, 0.5], [3.9, 2.0], [11.9, 15.9], [5.0, 1.999]])
    np.testing.assert_allclose(field(gray_image)(points, 1, RNG)[:, 0], np.array([0, 20, 140, 0]) / 140)


def test_beyond_its_border_an_image_goes_on_as_at_the_border(gray_image: Path) -> None:
    points = np.array([[-5.0, 90.0], [90.0, -5.0]])
    assert field(gray_image)(points, 1, RNG)[:, 0].tolist() == [1.0, 0.0]


def test_red_and_green_are_a_direction(tmp_path: Path) -> None:
    colours = np.zeros((2, 2, 3), np.uint8)
    colours[0, 0], colours[0, 1] = (200, 100, 7), (0, 200, 0)
    Image.fromarray(colours).save(tmp_path / "directions.png")
    found = field(tmp_path / "directions.png", 1.0)(np.array([[0.5, 0.5], [0.5, 1.5]]), 2, RNG)
    np.testing.assert_allclose(found, [[1, 0], [-1, 1]])


def test_other_channels_are_refused(gray_image: Path) -> None:
    with pytest.raises(ValueError, match=r"a colour image.*got 1 channel"):
        field(gray_image)(np.zeros((1, 2)), 2, RNG)


def test_a_file_that_cannot_be_read_is_refused_with_its_place_in_the_recipe(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"profile\.image: .*none\.png cannot be read"):
        field(tmp_path / "none.png")


def test_an_image_that_has_changed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "map.png"
    Image.fromarray(np.full((3, 3), 9, np.uint8)).save(path)
    step = field(path)
    Image.fromarray(np.full((3, 3), 8, np.uint8)).save(path)
    with pytest.raises(InputError, match=r"map\.png holds another image"):
        step(np.zeros((1, 2)), 1, RNG)


def test_the_digest_of_a_recipe_holds_what_the_image_shows_not_where_it_lies(gray_image: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.png").write_bytes(gray_image.read_bytes())
    Image.fromarray(np.full((3, 3), 9, np.uint8)).save(tmp_path / "other.png")

    def digest(path: Path) -> str:
        seeds = {"kind": "poisson", "density": 0.01, "profile": {"kind": "image", "image": str(path), "spacing": 1}}
        generator = {"kind": "tissue", "outline": {"kind": "full"}, "seeds": seeds}
        return Recipe.parse({"canvas": {"shape": [32, 32], "spacing": [1, 1]}, "generator": generator}).digest

    assert digest(gray_image) == digest(tmp_path / "copy.png") != digest(tmp_path / "other.png")
