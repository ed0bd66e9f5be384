"""Reading: a sequence of samples, and the numbers beside them."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from zarr.storage import MemoryStore, StorePath

import cellsim
from cellsim.datasets.mixture import mix
from cellsim.errors import InputError, StoreError
from cellsim.recipe import Recipe
from tests.datasets.export.sets import save_set
from tests.recipes import small_recipe


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sets") / "a.zarr"
    cellsim.make(small_recipe(), 70, path, workers=1)
    return path


def test_samples_equal_what_the_recipe_draws(location: Path) -> None:
    dataset, recipe = cellsim.open_dataset(location), small_recipe()
    for i in (0, 63, 64, 69):
        found, drawn = dataset[i], recipe.draw(i)
        np.testing.assert_array_equal(found.labels, drawn.labels)
        np.testing.assert_array_equal(found.objects["seed"], drawn.objects["seed"])
        assert found.image is not None
        assert drawn.image is not None
        np.testing.assert_allclose(found.image, drawn.image, atol=0.5 / 255 + 1e-6)


def test_a_data_set_is_a_sequence(location: Path) -> None:
    dataset = cellsim.open_dataset(str(location))
    assert len(dataset) == 70
    assert dataset[-1].count == dataset[69].count
    assert sum(1 for _ in dataset) == 70
    assert "v1: 70 samples of 'small'" in repr(dataset)


@pytest.mark.parametrize("index", [70, -71])
def test_an_index_outside_says_what_is_allowed(location: Path, index: int) -> None:
    with pytest.raises(IndexError, match=f"from -70 to 69, got {index}"):
        cellsim.open_dataset(location)[index]


def test_a_batch_keeps_the_order_asked_for(location: Path) -> None:
    dataset = cellsim.open_dataset(location)
    batch = dataset.batch([69, 0, 3, 0])
    for i, sample in zip([69, 0, 3, 0], batch, strict=True):
        np.testing.assert_array_equal(sample.labels, dataset[i].labels)


def test_labels_are_read_without_images(location: Path) -> None:
    dataset = cellsim.open_dataset(location)
    planes = list(dataset.labels(range(60, 70)))
    assert len(planes) == 10
    np.testing.assert_array_equal(planes[9], dataset[69].labels)


def test_drawn_numbers_are_those_of_the_recipe(location: Path) -> None:
    dataset, recipe = cellsim.open_dataset(location), small_recipe()
    photons = [recipe.drawn(i)["detector.photons"] for i in range(70)]
    np.testing.assert_array_equal(dataset.drawn["detector.photons"], photons)
    assert dataset.drawn["objects"][5] == dataset[5].count
    assert dataset.drawn["cover"][5] == dataset[5].cover


def test_the_recipe_in_the_set_is_the_recipe(location: Path) -> None:
    assert Recipe.parse(cellsim.open_dataset(location).recipe) == small_recipe()


def test_an_ingested_set_has_no_recipe(location: Path) -> None:
    dataset = cellsim.open_dataset(location)
    object.__setattr__(dataset.spec, "recipe", None)
    with pytest.raises(InputError, match="ingested"):
        _ = dataset.recipe


def test_a_set_in_memory_works_like_one_on_disk() -> None:
    store = MemoryStore()
    cellsim.make(small_recipe(), 3, store)
    assert len(cellsim.open_dataset(store)) == 3


def test_a_set_without_images_reads_labels_alone(tmp_path: Path) -> None:
    cellsim.make(small_recipe(translators=[]), 2, tmp_path / "a.zarr")
    assert cellsim.open_dataset(tmp_path / "a.zarr")[0].image is None


def test_sixteen_bit_images_keep_their_levels(tmp_path: Path) -> None:
    cellsim.make(small_recipe(store={"image": "uint16"}), 2, tmp_path / "a.zarr")
    found, drawn = cellsim.open_dataset(tmp_path / "a.zarr")[0].image, small_recipe().draw(0).image
    assert found is not None
    assert drawn is not None
    np.testing.assert_allclose(found, drawn, atol=0.5 / 65535 + 1e-6)


def test_a_damaged_shard_is_one_clear_line(tmp_path: Path) -> None:
    cellsim.make(small_recipe(), 2, tmp_path / "a.zarr")
    with (tmp_path / "a.zarr/labels/c/0/0/0/0").open("r+b") as handle:
        handle.truncate(30)
    with pytest.raises(StoreError, match=r"samples 1 to 1 cannot be read .*cellsim verify --repair"):
        cellsim.open_dataset(tmp_path / "a.zarr")[1]


def test_a_reference_names_a_data_set_by_its_content(location: Path, tmp_path: Path) -> None:
    from cellsim.datasets.reference import DatasetReference

    reference = DatasetReference.model_validate(f"{location}@v1")
    assert len(reference.open()) == 70
    assert pickle.loads(pickle.dumps(reference)) == reference
    moved = reference.model_copy(update={"path": str(tmp_path / "b.zarr")})
    cellsim.make(small_recipe(seed=3), 70, tmp_path / "b.zarr", workers=1)
    with pytest.raises(StoreError, match="holds other samples"):
        moved.open()


def test_tables_of_objects_do_not_pile_up(location: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cellsim.datasets.stored.TABLES", 1)
    dataset: Any = cellsim.open_dataset(location)
    dataset.batch([0, 69, 1])
    assert len(dataset._tables) == 1


@pytest.mark.parametrize("name", ["labels", "image"])
def test_a_lost_shard_is_not_read_as_zeros(tmp_path: Path, name: str) -> None:
    save_set(tmp_path / "a.zarr", 3)
    mix([save_set(tmp_path / "b.zarr", 3, digest="e" * 64), tmp_path / "a.zarr"], tmp_path / "mix.zarr")
    shutil.rmtree(tmp_path / "a.zarr" / name / "c")
    dataset, mixture = cellsim.open_dataset(tmp_path / "a.zarr"), cellsim.open_dataset(tmp_path / "mix.zarr")
    reads = [
        lambda: dataset[1],
        lambda: dataset.batch([0, 1]),
        lambda: dataset.patch(1, (0, 0), (5, 5)),
        lambda: list(mixture),
    ]
    for read in reads:
        with pytest.raises(StoreError, match=rf"{name}/c/0/0/0/0 is lost, and sample \d does not match its digest"):
            read()


def test_samples_that_are_all_zero_are_looked_at_once_a_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = save_set(tmp_path / "a.zarr", 3, channels=())
    seen: list[int] = []
    exists = StorePath.exists
    monkeypatch.setattr(StorePath, "exists", lambda self: seen.append(1) or exists(self))
    assert [dataset[2].count for _ in range(3)] == [0, 0, 0]
    assert dataset[1].count
    assert len(seen) == 1
