"""Which parts of two data sets are compared: by name, by place, by choice; and what is said of the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cellsim
from cellsim.datasets.reader import Dataset, open_dataset
from cellsim.errors import InputError
from cellsim.evaluate.comparison import _compared
from cellsim.evaluate.pairing import as_seen, bare_structures, pair, same_pixels
from cellsim.recipe import Recipe
from cellsim.sample import Sample
from tests.conftest import NUCLEI
from tests.recipes import TISSUE

STAINS = [
    {"kind": "texture", "channel": "nuclei", "brightness": 0.7, "variation": 0.1, "persistence": 0.5},
    {"kind": "texture", "channel": "other", "brightness": 0.7, "variation": 0.1, "persistence": 0.5},
]


def made(folder: Path, values: dict[str, Any], **changes: Any) -> Dataset:
    path = folder / f"{len(list(folder.iterdir()))}.zarr"
    cellsim.make(Recipe.parse(values | changes), 2, path, workers=1)
    return open_dataset(path)


def test_sets_of_one_structure_and_channel_are_compared_whole(tmp_path: Path) -> None:
    one = made(tmp_path, TISSUE)
    common = pair(one, one, None, None)
    assert common.structures == ("cells", "cells")
    assert common.channels == (one.spec.channels, one.spec.channels) != ((), ())
    assert common.shape == (32, 40)
    assert common.notes == ()


def test_structures_of_two_names_are_compared_and_it_is_said(tmp_path: Path) -> None:
    cells, nuclei = made(tmp_path, TISSUE), made(tmp_path, NUCLEI)
    names = (cells.spec.structures[0], nuclei.spec.structures[0])
    common = pair(cells, nuclei, None, None)
    assert common.structures == names
    assert (f"The structure '{names[0]}' is compared with '{names[1]}'." in common.notes) == (names[0] != names[1])
    assert "Images are not compared: the synthetic set has none." in common.notes
    assert common.channels == ((), ())


def test_channels_are_compared_by_name_and_the_rest_is_named(tmp_path: Path) -> None:
    one = made(tmp_path, NUCLEI, translators=STAINS)
    other = made(tmp_path, NUCLEI, translators=STAINS[:1])
    common = pair(one, other, None, None)
    assert common.channels == (("nuclei",), ("nuclei",))
    assert common.notes == ("Channels that only one set has are not compared: other.",)


def test_channels_of_other_names_are_compared_if_they_are_as_many(tmp_path: Path) -> None:
    first, second, both = (made(tmp_path, NUCLEI, translators=some) for some in (STAINS[:1], STAINS[1:], STAINS))
    common = pair(first, second, None, None)
    assert common.channels == (("nuclei",), ("other",))
    assert common.notes == ("The channel 'nuclei' is compared with 'other'.",)
    grey = made(tmp_path, TISSUE)
    common = pair(grey, both, None, None)
    assert common.channels == ((), ())
    assert "Say which is which, such as --channel" in common.notes[-2]
    chosen = pair(grey, both, None, f"{grey.spec.channels[0]} = other")
    assert chosen.channels == (grey.spec.channels, ("other",))


def test_what_is_named_and_not_there_is_refused(tmp_path: Path) -> None:
    one = made(tmp_path, TISSUE)
    with pytest.raises(InputError, match=r"0.zarr has no structure 'glands' \(structures: cells\)"):
        pair(one, one, "cells=glands", None)
    with pytest.raises(InputError, match="has no channel 'red'"):
        pair(one, one, None, "red")


def test_sets_without_a_common_structure_are_refused_with_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = made(tmp_path, TISSUE), made(tmp_path, NUCLEI)
    monkeypatch.setattr(one, "spec", replaced(one, structures=("glands", "lumina")))
    monkeypatch.setattr(other, "spec", replaced(other, structures=("nuclei-1", "nuclei-2", "nuclei-visible", "golgi")))
    with pytest.raises(InputError, match="such as --structure glands=nuclei"):
        pair(one, other, None, None)
    assert pair(one, other, "lumina=golgi", None).structures == ("lumina", "golgi")


def replaced(dataset: Dataset, **changes: Any) -> Any:
    from dataclasses import replace

    return replace(dataset.spec, **changes)


def test_volumes_are_not_compared_with_images(tmp_path: Path) -> None:
    flat, solid = made(tmp_path, NUCLEI), made(tmp_path, NUCLEI, canvas={"shape": [24] * 3, "spacing": [1.0] * 3})
    with pytest.raises(InputError, match="images of 2 axes cannot be compared with images of 3"):
        pair(flat, solid, None, None)


def test_the_middle_of_larger_images_is_compared(tmp_path: Path) -> None:
    small, large = made(tmp_path, TISSUE), made(tmp_path, TISSUE, canvas={"shape": [48, 41], "spacing": [1.0, 1.0]})
    common = pair(small, large, None, None)
    assert common.notes == ("Of synthetic images of 48 x 41 px the middle 32 x 40 px are compared.",)
    compared = _compared(large, common, 1, 500)
    for whole, part in zip(large, compared.read([0, 1]), strict=True):
        np.testing.assert_array_equal(part.image, whole.image[:, 8:40, 0:40])
        np.testing.assert_array_equal(part.labels > 0, whole.labels[:, 8:40, 0:40] > 0)
        assert np.setdiff1d(part.labels, [0]).tolist() == list(range(1, part.count + 1))
        assert part.structures == ("cells",)


def test_pixels_of_other_size_are_said(tmp_path: Path) -> None:
    one, other = made(tmp_path, NUCLEI), made(tmp_path, NUCLEI, canvas={"shape": [64, 64], "spacing": [0.5, 0.5]})
    assert "Pixels differ in size (1 x 1 µm in the real images, 0.5 x 0.5 µm" in pair(one, other, None, None).notes[-1]
    assert same_pixels((1.0, 1.0), (1.005, 1.0))
    assert not same_pixels((1.0, 1.0), (1.02, 1.0))


def test_only_the_chosen_channel_is_read(tmp_path: Path) -> None:
    one = made(tmp_path, NUCLEI, translators=STAINS)
    compared = _compared(one, pair(one, one, None, "other"), 0, 500)
    assert compared.channels == ("other",)
    np.testing.assert_array_equal(compared.read([1])[0].image, one[1].image[1:])


def test_reading_tells_how_far_it_is(tmp_path: Path) -> None:
    one = made(tmp_path, NUCLEI)
    told: list[int] = []
    compared = _compared(one, pair(one, one, None, None), 0, 500)
    assert [sample.image for sample in compared.read([0, 1], told.append)] == [None, None]
    assert told == [2]


def test_a_structure_is_seen_as_an_annotator_draws_it() -> None:
    planes = np.zeros((3, 4, 4), np.uint16)
    planes[0, :2], planes[1, 1:], planes[2] = 1, 2, 7
    named = Sample(planes, (1.0, 1.0), structures=("nuclei-1", "nuclei-2", "nuclei-visible"))
    np.testing.assert_array_equal(as_seen(named, "nuclei"), planes[2])
    bare = Sample(planes[:2], (1.0, 1.0), structures=("nuclei-1", "nuclei-2"))
    np.testing.assert_array_equal(as_seen(bare, "nuclei"), np.repeat([1, 1, 2, 2], 4).reshape(4, 4))


def test_structures_are_named_once() -> None:
    assert bare_structures(["nuclei-1", "nuclei-2", "golgi", "nuclei-visible"]) == ["nuclei", "golgi"]
