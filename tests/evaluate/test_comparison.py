"""Two data sets compared: which samples are read, what is passed on, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cellsim
from cellsim.datasets.reader import open_dataset
from cellsim.errors import InputError, StoreError
from cellsim.evaluate import comparison
from cellsim.evaluate.comparison import CompareOptions, compare, spaced
from cellsim.recipe import Recipe
from tests.recipes import TISSUE

N = 10


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two sets of ten small tissues; cells of the second are half as dense."""
    folder = tmp_path_factory.mktemp("sets")
    sparse = {**TISSUE["generator"], "seeds": {"kind": "ssi", "density": 0.005, "distance": 5.0}}
    for name, changes in (("real", {}), ("synthetic", {"generator": sparse, "seed": 1})):
        cellsim.make(Recipe.parse(TISSUE | changes | {"name": name}), N, folder / f"{name}.zarr", workers=1)
    return folder / "real.zarr", folder / "synthetic.zarr"


@pytest.fixture
def passed_on(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What reaches the measures, which find nothing."""
    seen: dict[str, Any] = {}

    def objects(samples: Any, _tell: Any) -> Any:
        seen["samples"] = samples
        return (), ()

    def features(_samples: Any, sets: Any, options: Any, _tell: Any) -> Any:
        seen["sets"], seen["options"] = sets, options
        return (), (), ["Features were left out."]

    monkeypatch.setattr(comparison, "_objects", objects)
    monkeypatch.setattr(comparison, "_features", features)
    return seen


def test_a_comparison_says_where_both_sets_come_from(sets: tuple[Path, Path], passed_on: dict[str, Any]) -> None:
    found = compare(*sets)
    for compared, path in ((found.real, sets[0]), (found.synthetic, sets[1])):
        dataset = open_dataset(path)
        assert (compared.location, compared.version, compared.digest) == (path, "v1", dataset.version.digest)
        assert compared.recipe == dataset.recipe
        assert compared.source == dataset.spec.digest
        assert compared.created_by.startswith("cellsim ")
        assert len(compared) == compared.samples == N
    assert (found.real.name, found.synthetic.name) == ("real", "synthetic")
    assert found.objects == tuple(sum(sample.count for sample in some) for some in passed_on["samples"])
    assert found.objects[0] > 1.2 * found.objects[1]
    assert found.notes == ("Features were left out.",)
    assert found.cellsim == cellsim.__version__
    assert found.seconds > 0


def test_images_are_taken_evenly_and_the_options_passed_on(sets: tuple[Path, Path], passed_on: dict[str, Any]) -> None:
    options = CompareOptions(images=4, features=("morphology",))
    found = cellsim.compare(open_dataset(sets[0]), str(sets[1]), options)
    assert found.real.indices.tolist() == [0, 3, 6, 9]
    assert passed_on["options"] is options
    for some, path in zip(passed_on["samples"], sets, strict=True):
        for sample, index in zip(some, [0, 3, 6, 9], strict=True):
            np.testing.assert_array_equal(sample.image, open_dataset(path)[index].image)


def test_a_version_is_compared_if_it_is_named(tmp_path: Path, passed_on: dict[str, Any]) -> None:
    path = tmp_path / "grown.zarr"
    for n in (2, 3):
        cellsim.make(Recipe.parse(TISSUE), n, path, workers=1)
    found = compare(path, path, versions=("v1", None))
    assert (found.real.version, found.real.samples) == ("v1", 2)
    assert (found.synthetic.version, found.synthetic.samples) == ("v2", 3)
    with pytest.raises(StoreError, match="v7"):
        compare(path, path, versions=(None, "v7"))


def test_progress_is_told(sets: tuple[Path, Path], passed_on: dict[str, Any]) -> None:
    told: list[tuple[str, int, int]] = []
    compare(*sets, progress=lambda *what: told.append(what))
    assert told == [("reading real images", N, N), ("reading synthetic images", N, N)]


def test_too_few_images_are_refused(tmp_path: Path, sets: tuple[Path, Path]) -> None:
    with pytest.raises(InputError, match="images must be >= 2, got 1"):
        CompareOptions(images=1)
    cellsim.make(Recipe.parse(TISSUE), 1, tmp_path / "one.zarr", workers=1)
    with pytest.raises(InputError, match=r"one.zarr: a comparison needs 2 images or more, got 1"):
        compare(sets[0], tmp_path / "one.zarr")


def test_indices_are_spread_over_the_data_set() -> None:
    np.testing.assert_array_equal(spaced(10, 4), [0, 3, 6, 9])
    np.testing.assert_array_equal(spaced(3, 10), [0, 1, 2])


def test_all_that_is_measured_is_there_and_finds_what_differs(sets: tuple[Path, Path]) -> None:
    found = compare(*sets)
    assert found.notes == ()
    effects = {one.statistic: one.effect for one in found.differences}
    assert effects["density"] < -1
    assert effects["area"] > 0.3
    assert len(found.curves) >= 3
    assert {(one.of, one.metric) for one in found.distances} >= {
        (of, metric) for of in ("images", "masks") for metric in ("Fréchet distance", "precision")
    }
    assert {one.of for one in found.copies} == {"images", "masks"}


def test_a_set_is_like_itself_and_all_of_it_looks_copied(sets: tuple[Path, Path]) -> None:
    found = compare(sets[0], sets[0])
    assert {one.effect for one in found.differences if np.isfinite(one.effect)} == {0.0}
    for one in found.copies:
        np.testing.assert_array_equal(one.nearest, np.arange(N))
        assert len(one.suspects) == N


def test_features_are_left_out_of_few_images_and_it_is_said(tmp_path: Path) -> None:
    cellsim.make(Recipe.parse(TISSUE), 3, tmp_path / "few.zarr", workers=1)
    found = compare(tmp_path / "few.zarr", tmp_path / "few.zarr")
    assert (found.distances, found.copies) == ((), ())
    assert found.notes == (
        "Distances between features, and copies, are left out: they need 8 images of each set, got 3.",
    )
    assert found.differences


def test_features_of_pixels_are_left_out_where_pixels_differ(tmp_path: Path, sets: tuple[Path, Path]) -> None:
    coarse = TISSUE | {"canvas": {"shape": [32, 40], "spacing": [1.5, 1.5]}}
    cellsim.make(Recipe.parse(coarse), 8, tmp_path / "coarse.zarr", workers=1)
    found = compare(sets[0], tmp_path / "coarse.zarr")
    assert {one.features for one in found.distances} == {"morphology"}
