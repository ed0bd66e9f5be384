"""Splits: parents stay together, and nothing is in two parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cellsim
from cellsim.datasets.ingest import IngestOptions
from cellsim.datasets.reader import Dataset
from cellsim.datasets.split import split_by_parent
from cellsim.errors import InputError
from tests.datasets.ingest.folders import blocks, picture, save_pairs


@pytest.fixture
def tiles(tmp_path: Path) -> Dataset:
    """Eight fields of several tiles each."""
    shapes = [(8, 8 * (1 + i % 3)) for i in range(8)]
    pairs = {f"field{i}": (picture(shape, i), blocks(shape)) for i, shape in enumerate(shapes)}
    cellsim.ingest(*save_pairs(tmp_path, pairs), tmp_path / "set.zarr", options=IngestOptions(shape=(8, 8), overlap=0))
    return cellsim.open_dataset(tmp_path / "set.zarr")


@pytest.mark.parametrize(("share", "parents"), [(0.25, 2), (0.5, 4), (0.01, 1), (0.0, 0)])
def test_parents_stay_together_and_nothing_is_lost(tiles: Dataset, share: float, parents: int) -> None:
    split = split_by_parent(tiles, share, seed=1)
    of = tiles.drawn["parent"]
    train, validation = set(of[list(split.train)]), set(of[list(split.validation)])
    assert train & validation == set()
    assert len(validation) == parents
    assert sorted(split.train + split.validation) == list(range(len(tiles)))


def test_another_seed_is_another_split_and_the_same_seed_the_same(tiles: Dataset) -> None:
    splits = {split_by_parent(tiles, 0.5, seed=seed) for seed in range(8)}
    assert len(splits) > 1
    assert split_by_parent(tiles, 0.5, seed=3) == split_by_parent(tiles, 0.5, seed=3)


def test_parents_are_named_by_patterns_and_held_out(tiles: Dataset) -> None:
    split = split_by_parent(tiles, ["field[01]"], ["field7"])
    of = tiles.drawn["parent"].astype(int)
    names = np.array(tiles.spec.parents)
    assert set(names[of[list(split.validation)]]) == {"field0", "field1"}
    assert set(names[of[list(split.train)]]) == {f"field{i}" for i in range(2, 7)}


def test_synthetic_samples_are_their_own_parents(nuclei: Path) -> None:
    split = split_by_parent(cellsim.open_dataset(nuclei), 0.25)
    assert (len(split.train), len(split.validation)) == (3, 1)


def test_what_leaves_nothing_is_refused(tiles: Dataset) -> None:
    with pytest.raises(InputError, match=r"no parent is called 'val/\*', they are called 'field0', 'field1', 'field2'"):
        split_by_parent(tiles, ["val/*"])
    with pytest.raises(InputError, match="nothing is left for training; it has 8 parents, of which 8 are for valid"):
        split_by_parent(tiles, ["field*"])
