"""Splits: parents stay together, and nothing is in two parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cellsim
from cellsim.datasets.curation import curate
from cellsim.datasets.ingest import IngestOptions
from cellsim.datasets.mixture import mix
from cellsim.datasets.reader import Dataset
from cellsim.datasets.split import parts_by_address, split_by_parent
from cellsim.errors import InputError
from tests.datasets.export.sets import save_set
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


def test_a_part_follows_from_the_address_alone(tiles: Dataset) -> None:
    parts = parts_by_address(tiles, (0.5, 0.25, 0.25))
    assert len(parts) == len(tiles)
    of = tiles.drawn["parent"]
    assert all(len({part for part, p in zip(parts, of, strict=True) if p == parent}) == 1 for parent in set(of))
    # the same for a set of which only the names of its parents are the same
    names = {tiles.spec.parents[int(p)]: part for p, part in zip(of, parts, strict=True)}
    assert names == {name: ADDRESSED[name] for name in names}


# written down once: a change would move samples of users between training and test
ADDRESSED = {
    "field0": "val",
    "field1": "train",
    "field2": "val",
    "field3": "train",
    "field4": "test",
    "field5": "test",
    "field6": "train",
    "field7": "train",
}


def test_shares_hold_on_average(monkeypatch: pytest.MonkeyPatch, tiles: Dataset) -> None:
    names = [f"field {i}" for i in range(20_000)]
    monkeypatch.setattr("cellsim.datasets.split.named_parents", lambda dataset: (np.arange(len(names)), names))
    parts = np.array(parts_by_address(tiles, (0.8, 0.15, 0.05)))
    for name, share in (("train", 0.8), ("val", 0.15), ("test", 0.05)):
        assert abs((parts == name).mean() - share) < 5 * np.sqrt(share * (1 - share) / len(names))


@pytest.mark.parametrize("shares", [(), (0.5, 0.4), (1.2, -0.2), (0.25, 0.25, 0.25, 0.25), (float("nan"), 1.0)])
def test_shares_that_are_none_are_told(shares: tuple[float, ...], tiles: Dataset) -> None:
    with pytest.raises(InputError, match="a split must be one to three shares >= 0 that add up to 1"):
        parts_by_address(tiles, shares)


@pytest.fixture
def synthetic(tmp_path: Path) -> Path:
    """Forty samples as v1, every third left out as v2."""
    save_set(tmp_path / "synthetic.zarr", 40)
    curate(tmp_path / "synthetic.zarr", drop=range(0, 40, 3))
    return tmp_path / "synthetic.zarr"


def test_curation_moves_no_sample(synthetic: Path) -> None:
    whole, curated = (cellsim.open_dataset(synthetic, version) for version in ("v1", "v2"))
    kept = [i for i in range(40) if i % 3]
    parts = parts_by_address(whole, (0.5, 0.25, 0.25))
    assert parts_by_address(curated, (0.5, 0.25, 0.25)) == [parts[i] for i in kept]
    assert len({*parts}) == 3
    split, again = split_by_parent(whole, 0.4), split_by_parent(curated, 0.4)
    assert [kept[i] for i in again.train] == [i for i in split.train if i % 3]
    assert [kept[i] for i in again.validation] == [i for i in split.validation if i % 3]


def test_patterns_name_the_samples_of_a_curated_version_as_before(synthetic: Path) -> None:
    assert split_by_parent(cellsim.open_dataset(synthetic, "v2"), ["1"]).validation == (0,)
    assert split_by_parent(cellsim.open_dataset(synthetic, "v2"), ["0"]).validation == ()


def test_a_share_for_validation_is_never_empty(synthetic: Path) -> None:
    chosen = split_by_parent(cellsim.open_dataset(synthetic, "v1"), 0.05).validation
    curate(synthetic, version="v1", drop=chosen)
    assert len(split_by_parent(cellsim.open_dataset(synthetic, "v3"), 0.05).validation) == 1


@pytest.mark.parametrize("copy", [False, True])
def test_mixing_moves_no_sample(synthetic: Path, copy: bool) -> None:
    real = save_set(synthetic.with_name("real.zarr"), 12, digest="e" * 64, parents=("x", "y", "z", "u", "v", "w"))
    other = save_set(synthetic.with_name("other.zarr"), 30, digest="f" * 64)
    curated = cellsim.open_dataset(synthetic, "v2")
    first = mix([real, curated], synthetic.with_name("first.zarr"), copy=copy)
    mix([other, first.location], synthetic.with_name("second.zarr"), copy=copy, ratio=(1, 1))
    mixture, again = (cellsim.open_dataset(synthetic.with_name(name)) for name in ("first.zarr", "second.zarr"))
    for mixed, sources in ((mixture, (real, curated)), (again, (other, mixture))):
        known = [parts_by_address(source, (0.5, 0.25, 0.25)) for source in sources]
        origins = zip(mixed.drawn["source"], mixed.drawn["index"], strict=True)
        wanted = [known[int(source)][int(index)] for source, index in origins]
        assert parts_by_address(mixed, (0.5, 0.25, 0.25)) == wanted
        assert len(set(wanted)) == 3
    names = {mixture.spec.parents[int(i)] for i in mixture.drawn["parent"]}
    assert {"real/x", "synthetic/1", "synthetic/38"} <= names
    assert "synthetic/0" not in names
