"""Curation: a version that leaves samples out, beside those that have them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cellsim
from cellsim.datasets import curation
from cellsim.datasets.curation import curate
from cellsim.datasets.layout import open_group
from cellsim.datasets.versions import add_version, verify, versions
from cellsim.errors import InputError, StoreError
from tests.recipes import small_recipe


@pytest.fixture
def path(tmp_path: Path) -> Path:
    cellsim.make(small_recipe(), 70, tmp_path / "a.zarr", workers=1)
    return tmp_path / "a.zarr"


def pixel_files(path: Path) -> dict[str, tuple[int, int]]:
    files = [f for name in ("labels", "image", "drawn", "digests", "objects") for f in (path / name).rglob("*")]
    return {str(f): (f.stat().st_mtime_ns, f.stat().st_size) for f in files}


def test_samples_are_left_out_and_stay_on_disk(path: Path) -> None:
    whole = cellsim.open_dataset(path)
    least = float(np.median(whole.drawn["objects"]))
    before = pixel_files(path)
    new = curate(path, drop_if=f"objects < {least}")
    assert pixel_files(path) == before
    kept = np.flatnonzero(whole.drawn["objects"] >= least)
    curated = cellsim.open_dataset(path)
    assert (new.name, new.of, new.samples, len(curated)) == ("v2", "v1", len(kept), len(kept))
    assert new.rule == f"dropped if objects < {least}"
    for i in (0, 3, len(kept) - 1):
        np.testing.assert_array_equal(curated[i].labels, whole[int(kept[i])].labels)
        np.testing.assert_array_equal(curated[i].image, whole[int(kept[i])].image)
        np.testing.assert_array_equal(curated[i].objects["seed"], whole[int(kept[i])].objects["seed"])
    np.testing.assert_array_equal(curated.drawn["cover"], whole.drawn["cover"][kept])
    assert len(list(curated)) == len(kept)
    assert torch_sum(curated) == sum(int(whole[int(i)].labels.sum()) for i in kept)
    assert len(cellsim.open_dataset(path, "v1")) == 70


def torch_sum(dataset: cellsim.Dataset) -> int:
    return sum(int(item["labels"].sum()) for item in dataset.torch_stream(fields=["labels"]))


def test_a_curated_version_is_verified(path: Path) -> None:
    curate(path, drop=[3, 5])
    assert not [problem for _, problem in verify(path) if problem]
    group = open_group(path, "r+")
    group["kept/v2"][0] = 3
    assert [problem for _, problem in verify(path) if problem] == [
        "version v2 is not what was sealed: digests of its samples are missing or changed"
    ]


def test_a_curated_version_is_curated_again(path: Path) -> None:
    curate(path, drop=[0, 1])
    again = curate(path, keep=[0, 2, 9])
    assert (again.name, again.of, again.samples) == ("v3", "v2", 3)
    found, whole = cellsim.open_dataset(path), cellsim.open_dataset(path, "v1")
    for i, original in enumerate((2, 4, 11)):
        np.testing.assert_array_equal(found[i].labels, whole[original].labels)


def test_the_same_curation_twice_is_one_version(path: Path) -> None:
    assert curate(path, version="v1", drop=[4]) == curate(path, version="v1", drop=[4])
    assert len(versions(open_group(path))) == 2


def test_a_killed_curation_is_done_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("cellsim.datasets.curation.add_version", stop)
        with pytest.raises(KeyboardInterrupt):
            curate(path, drop=[4])
    assert len(cellsim.open_dataset(path)) == 70
    assert curate(path, drop=[5]).name == "v2"
    np.testing.assert_array_equal(cellsim.open_dataset(path)[5].labels, cellsim.open_dataset(path, "v1")[6].labels)


def test_a_curated_set_is_extended_by_what_was_made(path: Path) -> None:
    curate(path, drop=[4])
    made = cellsim.make(small_recipe(), 75, path, workers=1)
    assert (made.version.name, made.version.samples) == ("v3", 75)
    assert len(cellsim.open_dataset(path, "v2")) == 69
    assert not [problem for _, problem in verify(path) if problem]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"drop_if": "objects < 0"}, "nothing to leave out of 70 samples"),
        ({"drop_if": "objects >= 0"}, "none of its 70 samples would be left"),
        ({"drop": [70]}, "sample index must be from 0 to 69, got 70"),
        ({"keep": [-1]}, "sample index must be from 0 to 69, got -1"),
        ({"drop_if": "size < 3"}, r"called 'size' \(objects, cover, "),
        ({}, "nothing to leave out"),
    ],
)
def test_a_curation_that_cannot_be_is_refused(path: Path, wrong: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        curate(path, **wrong)
    assert not (path / "kept").exists()


def test_an_unknown_version_is_refused(path: Path) -> None:
    with pytest.raises(StoreError, match="no version 'v9'"):
        curate(path, version="v9", drop=[1])


def test_two_curations_at_once_do_not_destroy_each_other_silently(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []

    def meanwhile(name: str, which: list[int]) -> object:
        original = getattr(curation, name)

        def act(*arguments: object) -> object:
            begun.append(1)
            if len(begun) == 1:
                curate(path, version="v1", drop=which)
            return original(*arguments)

        return act

    with monkeypatch.context() as patched:  # while it counts
        patched.setattr(curation, "digest_of", meanwhile("digest_of", [1, 2]))
        assert curate(path, version="v1", drop=[0]).name == "v3"
    begun.clear()
    with monkeypatch.context() as patched:  # when its list is written
        patched.setattr(curation, "add_version", meanwhile("add_version", [3, 4]))
        with pytest.raises(StoreError, match=r"v4 of .* was sealed meanwhile: run the same command again"):
            curate(path, version="v1", drop=[5])
    assert [(v.name, v.samples) for v in versions(open_group(path))] == [("v1", 70), ("v2", 68), ("v3", 69), ("v4", 68)]
    assert not [problem for _, problem in verify(path) if problem]


def test_a_list_that_another_curation_wrote_over_is_noticed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def overwritten(*arguments: Any) -> None:
        add_version(*arguments)
        open_group(path, "r+")["kept/v2"][0] = 9

    monkeypatch.setattr(curation, "add_version", overwritten)
    with pytest.raises(StoreError, match=r"v2 of .*: another curation is writing it at the same time"):
        curate(path, drop=[5])
