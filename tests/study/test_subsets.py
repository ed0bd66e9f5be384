"""Held-out parents, nested draws, and data sets of a few samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cellsim
from cellsim.datasets.reader import Dataset
from cellsim.errors import InputError, StoreError
from cellsim.study.design import AugmentDesign
from cellsim.study.subsets import draw_few, hold_out, write_subset

SMALL = AugmentDesign((2, 4), test=0.34)


def parents(dataset: Dataset, samples: tuple[int, ...]) -> set[int]:
    return {int(dataset.drawn["parent"][i]) for i in samples}


def test_known_and_test_images_share_no_parent(tiled: Path) -> None:
    dataset = cellsim.open_dataset(tiled)
    found = hold_out(dataset, SMALL)
    assert len(parents(dataset, found.test)) == 2
    assert not parents(dataset, found.test) & parents(dataset, found.known)
    assert len(found.test) + len(found.known) == len(dataset)
    assert hold_out(dataset, AugmentDesign((2, 8), seeds=7, steps=3, test=0.34)) == found, "of all trainings"


def test_at_most_so_many_are_tested(tiled: Path) -> None:
    assert len(hold_out(cellsim.open_dataset(tiled), AugmentDesign((2,), test=0.34, tested=3)).test) == 3


def test_the_two_are_among_the_four(tiled: Path) -> None:
    dataset = cellsim.open_dataset(tiled)
    known = hold_out(dataset, SMALL).known
    draws = [draw_few(dataset, known, 8, seed) for seed in range(6)]
    for seed, eight in enumerate(draws):
        assert draw_few(dataset, known, 2, seed) == eight[:2]
        assert len(set(eight)) == 8
        assert set(eight) <= set(known)
        assert len(parents(dataset, eight[:4])) == 4, "four parents before a second tile of any"
    assert len(set(draws)) > 3


def test_the_first_two_can_be_fitted(mostly_empty: Path) -> None:
    dataset = cellsim.open_dataset(mostly_empty)
    full = set(np.flatnonzero(dataset.drawn["objects"] > 4))
    assert len(full) == 3, "two of three of them have ten objects or more"
    draws = [draw_few(dataset, range(12), 4, seed) for seed in range(8)]
    assert all(set(draw[:2]) <= full for draw in draws)
    assert len(set(draws)) > 3
    assert draw_few(dataset, sorted(set(range(12)) - full), 4, 0), "where no draw will do, the first one is taken"


def test_samples_without_parents_are_their_own(real: Path) -> None:
    dataset = cellsim.open_dataset(real)
    found = hold_out(dataset, SMALL)
    assert len(found.test) == 4
    assert set(draw_few(dataset, found.known, 8, 0)) == set(found.known)


def test_what_no_study_can_be_made_of_is_refused(nuclei: Path, tiled: Path) -> None:
    with pytest.raises(InputError, match="a study needs 2D images with one label plane"):
        hold_out(cellsim.open_dataset(nuclei), SMALL)
    with pytest.raises(InputError, match=r"sizes must be at most the 16 samples .* got 17"):
        hold_out(cellsim.open_dataset(tiled), AugmentDesign((2, 17), test=0.34))


def test_a_subset_holds_what_was_asked_for(coloured: Path, tmp_path: Path) -> None:
    dataset = cellsim.open_dataset(coloured)
    found = write_subset(dataset, [4, 1], tmp_path / "few.zarr", grey=False)
    for copy, i in zip(found, (4, 1), strict=True):
        assert (copy.labels == dataset[i].labels).all()
        assert copy.image is not None
        assert (copy.image == dataset[i].image).all()
    assert found.drawn["origin"].tolist() == [4, 1]
    again = write_subset(dataset, [4, 1], tmp_path / "few.zarr", grey=False)
    assert again.version == found.version
    with pytest.raises(StoreError, match="holds samples of"):
        write_subset(dataset, [4, 2], tmp_path / "few.zarr", grey=False)


def test_grey_is_the_mean_of_the_channels(coloured: Path, tmp_path: Path) -> None:
    dataset = cellsim.open_dataset(coloured)
    found = write_subset(dataset, [3], tmp_path / "grey.zarr", grey=True)
    assert found.spec.channels == ("grey",)
    one, three = found[0].image, dataset[3].image
    assert one is not None
    assert three is not None
    assert np.abs(one[0] - three.mean(axis=0)).max() < 0.003  # of 8 bits
