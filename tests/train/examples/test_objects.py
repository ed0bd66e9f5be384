"""Objects in windows: all that fit, at one scale, and otherwise placed in every pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import cellsim
from cellsim.errors import InputError
from cellsim.masks.crops import whole_objects
from cellsim.nn.mask_gan import ENLARGED, read_masks
from cellsim.steps import parse
from cellsim.train.examples.base import Examples
from cellsim.train.examples.objects import Objects, ObjectSet, pasted
from tests.train.test_scores import OBJECTS


def objects(nuclei: Path, **fields: Any) -> ObjectSet:
    step = parse(Examples, {**OBJECTS, **fields}, "examples")
    assert isinstance(step, Objects)
    found = step(cellsim.open_dataset(nuclei), seed=5)
    assert isinstance(found, ObjectSet)
    return found


def whole(nuclei: Path) -> list[np.ndarray]:
    return [one for sample in cellsim.open_dataset(nuclei).labels(range(4)) for one in whole_objects(sample[0])]


def test_every_whole_object_is_an_example(nuclei: Path) -> None:
    found, there = objects(nuclei), whole(nuclei)
    assert len(found) == len(there) > 20
    assert found[0]["image"].shape == (1, 28, 28)
    assert found[0]["image"].dtype == torch.float32
    assert float(found[0]["image"].min()) == -1
    assert float(found[0]["image"].max()) == 1


@pytest.mark.parametrize(("pixel", "oversampled"), [(0.7, 4), (1.0, 1), (None, 2)])
def test_an_object_keeps_its_area(nuclei: Path, pixel: float | None, oversampled: int) -> None:
    found, there = objects(nuclei, pixel=pixel, oversampled=oversampled), whole(nuclei)
    images = torch.stack([found[i]["image"] for i in range(len(found))])
    covered = ((images + 1) / 2).sum((1, 2, 3)).numpy() * (pixel or 1.0) ** 2
    ratio = covered / [one.sum() for one in there]
    assert abs(ratio.mean() - 1) < 0.01
    assert ratio.std() < 0.05
    read = read_masks(images).sum((1, 2)) * ((pixel or 1.0) / ENLARGED) ** 2
    assert abs((read / covered).mean() - 1) < 0.01


def test_an_object_stands_in_the_middle_or_anywhere(nuclei: Path) -> None:
    def centres(places: str) -> np.ndarray:
        found = objects(nuclei, places=places)
        images = [found[i]["image"][0].numpy() + 1 for i in range(len(found))]
        y, x = np.mgrid[:28, :28]
        return np.array([[(image * y).sum(), (image * x).sum()] / image.sum() for image in images])

    np.testing.assert_allclose(centres("centred"), 13.5, atol=0.2)
    assert centres("random").std() > 5


def test_a_border_cuts_what_stands_at_random(nuclei: Path) -> None:
    found, there = objects(nuclei, places="random", pixel=None, oversampled=1), whole(nuclei)
    seen = np.array([float((found[i]["image"] > 0).sum()) for i in range(len(found))])
    assert (seen < 0.8 * np.array([one.sum() for one in there])).any()
    assert set(torch.cat([found[i]["image"].unique() for i in range(9)]).tolist()) == {-1.0, 1.0}


def test_a_pass_repeats_itself_only_without_chance(nuclei: Path) -> None:
    still = objects(nuclei, rotations=False, flips=False)
    assert torch.equal(still[3]["image"], still[3 + len(still)]["image"])
    turned = objects(nuclei)
    assert torch.equal(turned[3]["image"], objects(nuclei)[3]["image"])
    assert not torch.equal(turned[3]["image"], turned[3 + len(turned)]["image"])


def test_flips_mirror_half_of_the_objects(nuclei: Path) -> None:
    still = objects(nuclei, rotations=False, flips=False, oversampled=1)
    flipped = objects(nuclei, rotations=False, flips=True, oversampled=1)
    n, plain, mirrored = len(still), 0, 0
    for i in range(4 * n):
        one, other = still[i]["image"], flipped[i]["image"]
        plain += torch.equal(one, other)
        mirrored += bool((one - other.flip(2)).abs().mean() < 0.05)
    assert 0.3 < plain / (4 * n) < 0.8
    assert mirrored > n


def test_small_objects_are_left_out(nuclei: Path) -> None:
    areas = np.array([one.sum() for one in whole(nuclei)])
    assert len(objects(nuclei, smallest=float(np.median(areas)))) == (areas >= np.median(areas)).sum()
    with pytest.raises(InputError, match=r"no object of >= 9999 µm² that does not touch a border"):
        objects(nuclei, smallest=9999)


def test_objects_that_do_not_fit_are_left_out_or_refused(nuclei: Path) -> None:
    some = objects(nuclei, pixel=0.4, fitting=0.0)
    assert 0 < len(some) < len(whole(nuclei))
    with pytest.raises(InputError, match=r"of the objects fit into 28 x 28 px, fitting asks for 100%: make pixel"):
        objects(nuclei, pixel=0.4, fitting=1.0)
    with pytest.raises(InputError, match=r"0% of the objects fit .* asks for 0%: make pixel \d"):
        objects(nuclei, pixel=0.05, fitting=0.0)


def test_volumes_and_unknown_structures_are_refused(nuclei: Path) -> None:
    with pytest.raises(InputError, match="no structure 'golgi'"):
        objects(nuclei, structure="golgi")


def test_settings_tell_the_size_of_a_pixel() -> None:
    step = parse(Examples, OBJECTS, "examples")
    assert step.settings == {"pixel": 1.0, "places": "centred"}


@pytest.mark.parametrize("shift", [(0, 0), (-2, 3), (5, 5), (-9, 0), (0, 30)])
def test_an_object_is_pasted_where_it_is(nuclei: Path, shift: tuple[int, int]) -> None:
    from cellsim.masks.crops import Crops

    mask = np.ones((4, 5), np.bool_)
    corner = np.array([[0, *shift]])
    window = pasted(Crops.from_list([mask], 2).moved(corner), 8)
    y, x = np.mgrid[:8, :8]
    inside = (y >= shift[0]) & (y < shift[0] + 4) & (x >= shift[1]) & (x < shift[1] + 5)
    np.testing.assert_array_equal(window, inside)
