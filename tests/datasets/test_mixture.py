"""Mixtures: by reference and copied they hold the same samples, and know where each is from."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import zarr

import cellsim
from cellsim.datasets.curation import curate
from cellsim.datasets.mixture import mix
from cellsim.datasets.split import split_by_parent
from cellsim.datasets.versions import verify
from cellsim.errors import InputError, StoreError
from tests.recipes import TISSUE, small_recipe


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets")
    cellsim.make(small_recipe(name="real", seed=1, store={"image": "uint16"}), 12, folder / "real.zarr", workers=1)
    cellsim.make(small_recipe(), 70, folder / "synth.zarr", workers=1)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "sets")
    return tmp_path / "sets"


@pytest.mark.parametrize("copy", [False, True])
def test_a_mixture_holds_the_samples_of_its_sources(folder: Path, copy: bool) -> None:
    done = mix([folder / "real.zarr", folder / "synth.zarr@v1"], folder / "mix.zarr", ratio=(1, 5), copy=copy)
    assert (done.taken, done.there, done.version.samples) == ((12, 60), (12, 70), 72)
    mixture = cellsim.open_dataset(folder / "mix.zarr")
    sources = [cellsim.open_dataset(folder / name) for name in ("real.zarr", "synth.zarr")]
    drawn = mixture.drawn
    pairs = set()
    for i, sample in enumerate(mixture):
        source, index = int(drawn["source"][i]), int(drawn["index"][i])
        pairs.add((source, index))
        original = sources[source][index]
        np.testing.assert_array_equal(sample.labels, original.labels)
        np.testing.assert_array_equal(sample.image, original.image)
        np.testing.assert_array_equal(sample.objects["seed"], original.objects["seed"])
        assert drawn["objects"][i] == original.count
        assert mixture.spec.parents[int(drawn["parent"][i])] == f"{('real', 'synth')[source]}/{index}"
    assert len(pairs) == 72
    assert [s["version"] for s in mixture.group.attrs["sources"]] == ["v1", "v1"]
    assert ("labels" in mixture.group) is copy
    assert not [problem for _, problem in verify(folder / "mix.zarr") if problem]


def test_a_mixture_has_the_numbers_of_all_sources(folder: Path) -> None:
    plain = TISSUE | {"name": "plain", "translators": [{"kind": "rcm"}, {"kind": "detector", "photons": 90}]}
    cellsim.make(small_recipe(**plain), 4, folder / "plain.zarr", workers=1)
    mix([folder / "plain.zarr", folder / "synth.zarr"], folder / "mix.zarr")
    drawn = cellsim.open_dataset(folder / "mix.zarr").drawn
    (name,) = (name for name in drawn if name.endswith("photons"))
    np.testing.assert_array_equal(np.isnan(drawn[name]), drawn["source"] == 0)


def test_the_mixture_is_read_in_patches_by_torch_and_split(folder: Path) -> None:
    mix([folder / "real.zarr", folder / "synth.zarr"], folder / "mix.zarr")
    mixture = cellsim.open_dataset(folder / "mix.zarr")
    np.testing.assert_array_equal(mixture.patch(7, (2, 3), (9, 8)).labels, mixture[7].labels[:, 2:11, 3:11])
    assert mixture.torch()[5]["image"].numpy().max() <= 1
    split = split_by_parent(mixture, ["real/*"])
    assert len(split.validation) == 12
    assert set(mixture.drawn["source"][list(split.train)]) == {1}


def test_the_same_mixture_again_is_the_same_set_and_another_seed_is_not(folder: Path) -> None:
    sources = [folder / "real.zarr", folder / "synth.zarr"]
    one = mix(sources, folder / "a.zarr", ratio=(1, 2))
    assert mix(sources, folder / "a.zarr", ratio=(1, 2)) == one
    assert mix(sources, folder / "b.zarr", ratio=(1, 2)).version.digest == one.version.digest
    with pytest.raises(StoreError, match="holds something else"):
        mix(sources, folder / "a.zarr", ratio=(1, 2), seed=1)


def test_a_mixture_is_curated(folder: Path) -> None:
    mix([folder / "real.zarr", folder / "synth.zarr"], folder / "mix.zarr")
    curate(folder / "mix.zarr", drop_if="source == 0")
    found = cellsim.open_dataset(folder / "mix.zarr")
    assert len(found) == 70
    original = cellsim.open_dataset(folder / "synth.zarr")[int(found.drawn["index"][3])]
    np.testing.assert_array_equal(found[3].labels, original.labels)
    assert not [problem for _, problem in verify(folder / "mix.zarr") if problem]


def test_a_folder_of_sets_may_move(folder: Path) -> None:
    mix([folder / "real.zarr", folder / "synth.zarr"], folder / "mix.zarr")
    folder.rename(folder.with_name("elsewhere"))
    assert len(list(cellsim.open_dataset(folder.with_name("elsewhere") / "mix.zarr"))) == 82


def test_a_source_that_changed_is_noticed(folder: Path) -> None:
    mix([folder / "real.zarr", folder / "synth.zarr"], folder / "mix.zarr")
    group = zarr.open_group(folder / "real.zarr", mode="r+")
    group["labels"][3] = 0
    assert len([problem for _, problem in verify(folder / "mix.zarr") if problem]) == 1
    shutil.rmtree(folder / "real.zarr")
    cellsim.make(small_recipe(seed=2), 12, folder / "real.zarr", workers=1)
    with pytest.raises(StoreError, match="holds other samples"):
        cellsim.open_dataset(folder / "mix.zarr")


def test_a_changed_origin_is_noticed(folder: Path) -> None:
    mix([folder / "real.zarr", folder / "synth.zarr"], folder / "mix.zarr")
    group = zarr.open_group(folder / "mix.zarr", mode="r+")
    group["drawn"][4, 3] = (group["drawn"][4, 3] + 1) % 12
    assert [i for i, problem in verify(folder / "mix.zarr") if problem] == [4]


def test_sets_that_do_not_fit_are_refused(folder: Path) -> None:
    other = {"shape": [32, 32], "spacing": [1.0, 1.0]}
    cellsim.make(small_recipe(canvas=other), 2, folder / "other.zarr", workers=1)
    with pytest.raises(InputError, match=r"one shape and spacing: 'real' has \(32, 40\) px"):
        mix([folder / "real.zarr", folder / "other.zarr"], folder / "mix.zarr")
    with pytest.raises(InputError, match="two or more data sets, got 1"):
        mix([folder / "real.zarr"], folder / "mix.zarr")
    with pytest.raises(InputError, match="needs 2 numbers > 0"):
        mix([folder / "real.zarr", folder / "synth.zarr"], folder / "mix.zarr", ratio=(1, 0))
    with pytest.raises(InputError, match="each must give one"):
        mix([folder / "real.zarr", folder / "synth.zarr"], folder / "mix.zarr", ratio=(1, 100))
    with pytest.raises(InputError, match="copy the samples"):
        mix([folder / "real.zarr", folder / "synth.zarr"], zarr.storage.MemoryStore())


@pytest.mark.parametrize("copy", [False, True])
def test_a_mixture_is_not_made_in_the_other_way_over_the_one_that_is_there(folder: Path, copy: bool) -> None:
    sources = [folder / "real.zarr", folder / "synth.zarr"]
    mix(sources, folder / "mix.zarr", copy=not copy)
    there = "as a copy of its samples" if not copy else "by reference"
    with pytest.raises(StoreError, match=f"mix.zarr holds this mixture {there}"):
        mix(sources, folder / "mix.zarr", copy=copy)
    assert ("labels" in cellsim.open_dataset(folder / "mix.zarr").group) is not copy


def test_a_mixture_that_was_cut_off_at_its_creation_is_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = [folder / "real.zarr", folder / "synth.zarr"]

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("cellsim.datasets.mixture.content_digest", stop)
        with pytest.raises(KeyboardInterrupt):
            mix(sources, folder / "mix.zarr")
    assert mix(sources, folder / "mix.zarr").version.digest == mix(sources, folder / "b.zarr").version.digest
    assert not [problem for _, problem in verify(folder / "mix.zarr") if problem]


def test_a_mixture_below_a_link_is_opened_by_both_paths(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "far/away").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "far/away")
    mix([folder / "real.zarr", folder / "synth.zarr"], tmp_path / "link/mix.zarr")
    for place in ("link", "far/away"):
        assert len(cellsim.open_dataset(tmp_path / place / "mix.zarr")[0].labels) == 1


def test_sources_of_one_name_keep_their_parents_apart(folder: Path) -> None:
    names = ["x/real.zarr", "y/real.zarr", "real-1.zarr"]
    for name in names:
        shutil.copytree(folder / "real.zarr", folder / name)
    mix([folder / name for name in names], folder / "mix.zarr")
    parents = cellsim.open_dataset(folder / "mix.zarr").spec.parents
    assert len(parents) == 36
    assert {name.split("/")[0] for name in parents} == {"real-0", "real-1-1", "real-1"}


def test_a_folder_with_an_at_sign_is_no_version(folder: Path) -> None:
    (folder / "me@lab").mkdir()
    shutil.copytree(folder / "real.zarr", folder / "me@lab/real.zarr")
    assert mix([folder / "me@lab/real.zarr", f"{folder}/synth.zarr@v1"], folder / "mix.zarr").taken == (12, 70)
