"""Versions: sealed for good, checked by digest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from cellsim.datasets.curation import curate
from cellsim.datasets.layout import open_group
from cellsim.datasets.reader import Dataset
from cellsim.datasets.versions import Version, add_version, seal, split_version, verify, versions
from cellsim.errors import StoreError
from cellsim.making import make, repair
from tests.recipes import small_recipe


def problems(location: Any) -> dict[int, str]:
    return {index: problem for index, problem in verify(location) if problem}


@pytest.fixture
def made(tmp_path: Path) -> Path:
    make(small_recipe(), 70, tmp_path / "a.zarr", workers=1)
    return tmp_path / "a.zarr"


def test_a_larger_n_makes_a_second_version_and_keeps_the_first(made: Path) -> None:
    first = Dataset(made)
    make(small_recipe(), 80, made, workers=1)
    names = [(v.name, v.samples) for v in versions(open_group(made))]
    assert names == [("v1", 70), ("v2", 80)]
    assert Dataset(made, "v1").version == first.version
    assert len(Dataset(made)) == 80


def test_the_same_n_is_the_same_version(made: Path) -> None:
    again = make(small_recipe(), 70, made, workers=1)
    assert (again.version.name, again.drawn) == ("v1", 0)


def test_an_unfinished_set_cannot_be_sealed_or_opened(made: Path) -> None:
    group = open_group(made, "r+")
    with pytest.raises(StoreError, match="has 70 of 71 samples"):
        seal(made, group, 71)
    group.attrs["versions"] = {}
    with pytest.raises(StoreError, match="half made"):
        Dataset(made)


def test_an_unknown_version_lists_those_there_are(made: Path) -> None:
    with pytest.raises(StoreError, match=r"no version 'v7' \(versions: v1\)"):
        Dataset(made, "v7")


def test_an_undamaged_set_verifies(made: Path) -> None:
    assert problems(made) == {}
    assert [index for index, _ in verify(made)] == list(range(70))


def test_a_changed_pixel_is_found_in_its_sample(made: Path) -> None:
    labels: Any = zarr.open_group(made, mode="r+")["labels"]
    labels[66, 0, 0, 0] = labels[66, 0, 0, 0] + 1
    assert problems(made) == {66: "does not match its digest"}


@pytest.mark.parametrize(
    "file", ["labels/c/0/0/0/0", "image/c/0/0/0/0", "objects/0/c/0/0", "labels/c/1/0/0/0", "objects/1/c/0/0"]
)
@pytest.mark.parametrize("size", [0, 20, 400])
def test_a_truncated_file_is_found_and_mended(made: Path, file: str, size: int) -> None:
    with (made / file).open("r+b") as handle:
        handle.truncate(size)
    shard = range(64) if file.split("/")[-4:][0] == "0" or "/0/c" in file else range(64, 70)
    found = problems(made)
    assert found
    assert set(found) <= set(shard)
    repair(made, list(found))
    assert problems(made) == {}


def test_a_missing_shard_is_found_and_mended(made: Path) -> None:
    (made / "image/c/1/0/0/0").unlink()
    assert set(problems(made)) == set(range(64, 70))
    repair(made, list(range(64, 70)))
    assert problems(made) == {}


def test_lost_digests_do_not_pass_for_a_version(made: Path) -> None:
    (made / "digests/c/1/0").unlink()
    assert problems(made) == {-1: "version v1 is not what was sealed: digests of its samples are missing or changed"}
    make(small_recipe(), 70, made, workers=1)
    assert problems(made) == {}


def test_samples_that_differ_from_a_sealed_version_are_not_sealed_again(made: Path) -> None:
    digests: Any = zarr.open_group(made, mode="r+")["digests"]
    digests[3] = np.arange(16)
    with pytest.raises(StoreError, match="are not those that were sealed as v1"):
        make(small_recipe(), 80, made, workers=1)


def test_truncated_digests_are_one_clear_line(made: Path) -> None:
    with (made / "digests/c/0/0").open("r+b") as handle:
        handle.truncate(20)
    with pytest.raises(StoreError, match="digests is damaged"):
        problems(made)


def test_a_set_without_its_labels_is_damaged(made: Path) -> None:
    group = zarr.open_group(made, mode="r+")
    del group["labels"]
    assert set(problems(made)) == set(range(70))
    with pytest.raises(StoreError, match="lacks the array 'labels'"):
        Dataset(made)


def test_repair_refuses_samples_that_come_out_different(made: Path) -> None:
    group = open_group(made, "r+")
    changed = small_recipe(seed=5).dump()
    group.attrs["recipe"] = changed
    with pytest.raises(StoreError, match="finished with other content"):
        repair(made, [0])


def test_a_version_is_named_behind_the_path() -> None:
    assert split_version("s3://b/a.zarr@v12") == ("s3://b/a.zarr", "v12")
    assert split_version("me@host/a.zarr") == ("me@host/a.zarr", None)
    assert split_version("a.zarr") == ("a.zarr", None)


def test_a_version_sealed_meanwhile_is_kept(made: Path) -> None:
    begun = open_group(made, "r+")
    make(small_recipe(), 75, made, workers=1)
    new = curate(made, drop=[0])
    assert seal(made, begun, 70).name == "v1"
    make(small_recipe(), 80, made, workers=1)
    assert seal(made, begun, 75).name == "v2"
    known = versions(open_group(made))
    assert [(version.name, version.samples) for version in known] == [("v1", 70), ("v2", 75), ("v3", 74), ("v4", 80)]
    assert known[2] == new
    assert [version.name for version in versions(begun)] == ["v1", "v2", "v3", "v4"]


def test_a_name_taken_meanwhile_is_refused(made: Path) -> None:
    begun = open_group(made, "r+")
    curate(made, drop=[0])
    with pytest.raises(StoreError, match=r"v2 of .* was sealed meanwhile"):
        add_version(made, begun, Version("v2", 3, "0" * 64))
    assert [version.samples for version in versions(open_group(made))] == [70, 69]
