"""Recipes fitted to data sets whose recipe is known, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cellsim
from cellsim.datasets.ingest import IngestOptions, ingest
from cellsim.distributions import Distribution
from cellsim.errors import InputError, StoreError
from cellsim.evaluate.summary import tabulate
from cellsim.fitting import Fitted, fit_recipe
from cellsim.fitting.closeness import closeness
from cellsim.overrides import override
from cellsim.recipe import Recipe

DATA = (Path(__file__).parents[2] / os.environ.get("CELLSIM_REAL_DATA", "../shared/data")).resolve()

KNOWN: dict[str, Any] = {
    "name": "known",
    "canvas": {"shape": [128, 128], "spacing": [0.5, 0.5]},
    "seed": 5,
    "generator": {
        "kind": "population",
        "points": {"kind": "clusters", "points": 40, "clusters": 2, "clustered": 0.7, "spread": 8, "tries": 50},
        "shape": {
            "kind": "simcep",
            "radius": {"lognormal": [3, 0.15]},
            "elongation": 1.4,
            "alpha": 0.1,
            "beta": 0.1,
        },
        "overlap": 0.1,
        "margin": 6,
        "fewer": True,
    },
    "translators": [
        {"kind": "texture", "brightness": 0.5, "variation": 0.2, "bias": 0.3, "persistence": 0.7},
        {
            "kind": "wide-field",
            "psf": 0.5,
            "defocus": 0.2,
            "background": 0.1,
            "autofluorescence": 0.01,
            "illumination": 1.5,
        },
        {"kind": "gaussian-noise", "variance": 4e-4},
    ],
}
FORMS = KNOWN | {"translators": []}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("known") / "known.zarr"
    cellsim.make(Recipe.parse(KNOWN), 40, path, workers=1)
    return path


@pytest.fixture(scope="module")
def fitted(known: Path) -> Fitted:
    return fit_recipe(known)


def made(folder: Path, n: int = 4, changes: tuple[str, ...] = (), values: dict[str, Any] = FORMS) -> Path:
    path = folder / "made.zarr"
    cellsim.make(Recipe.parse(override(values, changes)), n, path, workers=1)
    return path


def middle(value: Any) -> float:
    """The number of a field, or the median of its law."""
    return float(np.median(value.draw(np.random.default_rng(0), 999))) if isinstance(value, Distribution) else value


@pytest.mark.parametrize(
    ("path", "true", "tolerance"),
    [
        ("generator.points.points", 40, 0.15),
        ("generator.shape.radius", 3, 0.03),
        ("generator.shape.elongation", 1.4, 0.06),
        ("generator.shape.alpha", 0.1, 0.3),
        ("generator.points.spread", 8, 0.5),
        ("translators.texture.variation", 0.2, 0.25),
        ("translators.texture.bias", 0.3, 0.4),
        ("translators.texture.persistence", 0.7, 0.4),
        ("translators.wide-field.psf", 0.5, 0.25),
        ("translators.wide-field.background", 0.1, 0.25),
        ("translators.gaussian-noise.variance", 4e-4, 0.1),
    ],
)
def test_parameters_are_recovered(fitted: Fitted, path: str, true: float, tolerance: float) -> None:
    room, *names = path.split(".")
    step: Any = fitted.recipe
    for name in [room, *names] if room == "generator" else names:
        step = fitted.recipe.stages[name] if step is fitted.recipe and room != "generator" else getattr(step, name)
    assert middle(step) == pytest.approx(true * _stretch(fitted, path), rel=tolerance)


def _stretch(fitted: Fitted, path: str) -> float:
    """Points are told for the canvas and its margin, which a fit chooses."""
    if not path.endswith("points.points"):
        return 1.0
    margin = middle(fitted.recipe.generator.margin)  # type: ignore[attr-defined]
    return float(((64 + 2 * margin) / (64 + 2 * 6)) ** 2)


def test_sizes_vary_from_object_to_object_and_not_from_image_to_image(fitted: Fitted) -> None:
    shape: Any = fitted.recipe.generator.shape  # type: ignore[attr-defined]
    assert shape.radius.values[1] == pytest.approx(0.15, abs=0.04)
    assert middle(shape.scale) == pytest.approx(1, abs=0.01)
    assert not isinstance(shape.scale, Distribution) or np.std(np.log(shape.scale.values)) < 0.06


def test_every_statistic_comes_close(fitted: Fitted) -> None:
    assert len(fitted.closeness) > 15
    far = {row.statistic: round(row.difference, 2) for row in fitted.closeness if abs(row.difference) > 0.8}
    assert far == {}


def test_another_recipe_is_not_close(fitted: Fitted) -> None:
    values = override(fitted.recipe.dump(), ["generator.shape.radius=4.5", "translators.wide-field.psf=1.5"])
    table = tabulate(fitted.real, 12.0)
    rows = closeness(table, tabulate(Recipe.parse(values).draw_many(range(20)), 12.0))
    assert {row.statistic for row in rows if abs(row.difference) > 3} >= {"radius", "edge"}


def test_the_same_images_give_the_same_recipe(tmp_path: Path) -> None:
    path = made(tmp_path, 4, ("canvas.shape=[64, 64]",), KNOWN)
    steps: list[tuple[int, int]] = []
    one = fit_recipe(path, rounds=2, progress=lambda done, total: steps.append((done, total)))
    assert fit_recipe(path, rounds=2).recipe == one.recipe
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]
    assert one.recipe.name == "made-simcep"


def test_without_images_forms_are_fitted(tmp_path: Path) -> None:
    fitted = fit_recipe(made(tmp_path, 6), rounds=2)
    assert fitted.recipe.translators == ()
    assert {row.statistic for row in fitted.closeness} >= {"objects", "radius", "roughness", "clumping"}
    assert "brightness" not in {row.statistic for row in fitted.closeness}
    assert fitted.synthetic[0].image is None


def test_dark_objects_are_fitted_inverted(tmp_path: Path) -> None:
    dark = KNOWN | {"translators": [*KNOWN["translators"], {"kind": "invert"}]}
    fitted = fit_recipe(made(tmp_path, 4, ("canvas.shape=[64, 64]",), dark), rounds=2)
    assert list(fitted.recipe.stages)[-1] == "invert"
    seen = fitted.synthetic[0]
    assert seen.image is not None
    assert seen.image[0][seen.labels[0] > 0].mean() < seen.image[0][seen.labels[0] == 0].mean()


@pytest.mark.parametrize(
    ("changes", "n", "said"),
    [
        (("canvas.shape=[64, 64]",), 1, "needs 2 images or more, got 1"),
        (("generator.points.points=1",), 4, "needs 10 objects or more that the border does not cut"),
        (("generator.shared=layers",), 4, "one label plane, got cells-1, cells-2"),
    ],
)
def test_what_cannot_be_fitted_is_refused(tmp_path: Path, changes: tuple[str, ...], n: int, said: str) -> None:
    path = made(tmp_path, n, changes)
    with pytest.raises(InputError, match=said):
        fit_recipe(path)


def test_volumes_are_refused(tmp_path: Path) -> None:
    changes = ("canvas={shape: [8, 32, 32], spacing: [1, 1, 1]}", "generator.shape={kind: ellipsoid, radius: 3}")
    path = made(tmp_path, 3, changes)
    with pytest.raises(InputError, match="fitted to 2D images, got a canvas of 3 axes"):
        fit_recipe(path)


def test_no_data_set_and_no_such_model_are_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no data set at"):
        fit_recipe(tmp_path / "none.zarr")
    with pytest.raises(InputError, match=r"no model 'simcap'; did you mean 'simcep'\?"):
        fit_recipe(tmp_path / "none.zarr", "simcap")
    with pytest.raises(InputError, match="images must be >= 2, got 1"):
        fit_recipe(tmp_path / "none.zarr", images=1)
    with pytest.raises(InputError, match="rounds must be >= 0, got -1"):
        fit_recipe(tmp_path / "none.zarr", rounds=-1)


@pytest.mark.skipif(not DATA.is_dir(), reason="no real images here")
@pytest.mark.parametrize(("folder", "dark"), [("nuclei-fluorescence", False), ("tissue-histology", True)])
def test_real_images_are_fitted(tmp_path: Path, folder: str, dark: bool) -> None:
    for kind in ("images", "masks"):
        (tmp_path / kind).mkdir()
        for source in sorted((DATA / folder / kind).iterdir())[:6]:
            (tmp_path / kind / source.name).symlink_to(source)
    options = IngestOptions(shape=(128, 128), overlap=0.0)
    ingest(tmp_path / "images", tmp_path / "masks", tmp_path / "real.zarr", options=options)
    fitted = fit_recipe(tmp_path / "real.zarr", images=24, rounds=6)
    assert ("invert" in fitted.recipe.stages) == dark
    near = {row.statistic: abs(row.difference) < 1 for row in fitted.closeness}
    assert near["radius"]
    assert near["brightness"]
    assert np.mean(list(near.values())) > 0.8
