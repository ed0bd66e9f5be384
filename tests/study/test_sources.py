"""Where synthetic samples come from, and whether they know the test images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import cellsim
from cellsim.errors import InputError, RecipeError
from cellsim.nn.weights import load_weights, save_weights
from cellsim.recipe import Recipe
from cellsim.study import sources
from cellsim.study.design import AugmentDesign
from cellsim.study.sources import Source
from cellsim.study.subsets import hold_out, write_subset
from tests.conftest import NUCLEI
from tests.study.conftest import recipe


def test_a_user_may_name_recipes_and_fits() -> None:
    assert Source.of("histology").title == "the recipe 'histology'"
    assert Source.of("fit").fitted
    assert not Source.of(recipe(1)).fitted
    both = Source.of("fit:histology")
    assert both.fitted
    assert "images by the recipe 'histology'" in both.title
    assert len({Source.of(given).digest for given in ("fit", "fit:histology", "histology")}) == 3
    with pytest.raises(RecipeError, match="no built-in recipe"):
        Source.of("fit:histologie")


def test_a_fit_sees_the_few_images_and_nothing_else(
    real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []

    class Fit:
        recipe = recipe(9)

    monkeypatch.setattr(sources, "fit_recipe", lambda location, rounds: given.append(location) or Fit)
    few = write_subset(cellsim.open_dataset(real), [3, 5], tmp_path / "few.zarr", grey=False)
    made = Source.of("fit").make(few, 2, tmp_path / "synthetic.zarr")
    assert given == [few.location]
    assert len(made) == 2
    assert len(Source.of("fit").make(few, 3, tmp_path / "synthetic.zarr")) == 3
    assert len(given) == 1, "nothing is fitted twice"
    assert made.spec.recipe == recipe(9).dump()


def test_a_fit_needs_two_images(real: Path) -> None:
    spec = cellsim.open_dataset(real).spec
    with pytest.raises(InputError, match=r"sizes must be >= 2 for a recipe that is fitted, got \[1, 4\]"):
        Source.of("fit").check((1, 4), spec)
    Source(recipe(8)).check((1, 4), spec)


def test_fitted_masks_are_rendered_by_another_recipe(
    real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted = recipe(9)
    fitted.draw(0)  # as a fit does, after which the recipe knows its stages

    class Fit:
        recipe = fitted

    monkeypatch.setattr(sources, "fit_recipe", lambda location, rounds: Fit)
    few = write_subset(cellsim.open_dataset(real), [3], tmp_path / "few.zarr", grey=False)
    made = Source.of("fit:histology").make(few, 1, tmp_path / "synthetic.zarr")
    assert made.spec.channels == ("red", "green", "blue")
    assert (made[0].labels == fitted.draw(0).labels).all()
    assert made[0].image is not None
    assert made[0].image.mean(axis=(1, 2)).std() > 0.05, "in colour"


PARTS = {
    "kind": "cells",
    "points": {"kind": "poisson", "density": 0.002},
    "cytoplasm": {"kind": "ellipsoid", "radius": 8},
    "nucleus": {"kind": "ellipsoid", "radius": 4},
    "layers": 1,
}


def test_another_canvas_is_refused_with_the_remedy(real: Path) -> None:
    spec = cellsim.open_dataset(real).spec
    with pytest.raises(InputError, match=r"--set canvas.shape=\[64,64\] --set canvas.spacing=\[1,1\]"):
        Source.of("epidermis").check((2,), spec)


def test_samples_that_cannot_be_mixed_with_real_ones_are_refused(real: Path, coloured: Path) -> None:
    grey, colours = (cellsim.open_dataset(path).spec for path in (real, coloured))
    no_image, parts = Recipe.parse(NUCLEI), Recipe.parse(recipe(8).dump() | {"generator": PARTS})
    for source in (Source(no_image), Source(None, no_image)):
        with pytest.raises(InputError, match="the recipe 'nuclei' makes no images"):
            source.check((2,), grey)
    with pytest.raises(InputError, match=r"same structures: \['cells'\] and \['cytoplasm', 'nuclei'\]"):
        Source(parts).check((2,), grey)
    Source(None, parts).check((2,), grey)  # only its translators are used
    others = replace(colours, channels=("r", "g", "b"))
    for source in (Source(recipe(8, colours=True)), Source.of("fit:histology")):
        source.check((2,), colours)
        with pytest.raises(InputError, match=r"same channels: \['r', 'g', 'b'\] and \['red', 'green', 'blue'\]"):
            source.check((2,), others)
    for source in (Source(recipe(8)), Source(None)):
        source.check((2,), others)  # in grey


@pytest.fixture
def learnt(image_weights: Path, real: Path, tmp_path: Path) -> Any:
    """Build a recipe with weights that say what they were trained on."""

    def build(digest: str, held_out: list[str], remark: str = "") -> Recipe:
        tensors, settings = load_weights(image_weights)
        of = {"plan": {"held_out": held_out}, "data_digest": digest, "seen": 3}
        path = tmp_path / "weights.safetensors"
        save_weights(path, tensors, {**settings, "trained": of, "remark": remark})
        return Recipe.parse(NUCLEI | {"translators": [{"kind": "pix2pix", "weights": str(path)}]})

    return build


def test_weights_that_saw_the_test_images_are_named(real: Path, learnt: Any) -> None:
    dataset = cellsim.open_dataset(real)
    test = hold_out(dataset, AugmentDesign((2,))).test
    (line,) = Source(learnt(dataset.version.digest, [])).leaks(dataset, test)
    assert line.startswith("pix2pix.weights: these weights were trained on the data set that is tested on")
    assert Source(learnt(dataset.version.digest, [str(i) for i in test])).leaks(dataset, test) == ()
    assert len(Source(learnt(dataset.version.digest, [str(i) for i in test[1:]])).leaks(dataset, test)) == 1
    assert Source(learnt("another", [])).leaks(dataset, test) == ()
    (line,) = Source(learnt("another", [], "learnt from DSB 2018")).leaks(dataset, test)
    assert "check that these weights have not seen the test images (learnt from DSB 2018)" in line


def test_objects_taken_from_the_test_images_are_named(real: Path, tiled: Path) -> None:
    dataset = cellsim.open_dataset(real)
    test = hold_out(dataset, AugmentDesign((2,))).test
    bank = {"kind": "bank", "dataset": str(real)}
    values = NUCLEI | {"generator": {"kind": "packing", "shape": bank, "cover": 0.2}}
    (line,) = Source(Recipe.parse(values)).leaks(dataset, test)
    assert line.startswith("generator.shape.dataset: objects are taken from the data set that is tested on")
    values["generator"]["shape"] = {"kind": "bank", "dataset": str(tiled)}
    assert Source(Recipe.parse(values)).leaks(dataset, test) == ()


def test_of_a_renderer_only_the_translators_can_leak(real: Path, learnt: Any) -> None:
    dataset = cellsim.open_dataset(real)
    test = hold_out(dataset, AugmentDesign((2,))).test
    bank = {"kind": "packing", "shape": {"kind": "bank", "dataset": str(real)}, "cover": 0.2}
    renderer = Recipe.parse(recipe(8).dump() | {"generator": bank})
    assert Source(renderer).leaks(dataset, test)
    assert Source(None, renderer).leaks(dataset, test) == ()
    assert Source(None, learnt(dataset.version.digest, [])).leaks(dataset, test)


def test_a_fit_does_not_leak(real: Path) -> None:
    assert Source.of("fit").leaks(cellsim.open_dataset(real), (0, 1)) == ()
