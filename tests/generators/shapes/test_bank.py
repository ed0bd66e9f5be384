"""Real objects of a data set, turned and scaled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import cellsim
from cellsim.errors import StoreError
from cellsim.generators.base import Shape
from cellsim.generators.shapes import bank
from cellsim.masks.crops import whole_objects
from cellsim.seeds import stream
from cellsim.steps import parse
from tests.statistics import assert_mean

AS_IT_IS = {"flip": False, "rotate": False}
HOOK = np.array([[1, 1, 1], [1, 0, 0]], np.bool_)


def bank_of(nuclei: Path, **fields: Any) -> Any:
    return parse(Shape, {"kind": "bank", "dataset": str(nuclei)} | fields, "")


def draw(shape: Any, n: int, spacing: tuple[float, ...] = (1.0, 1.0)) -> list[NDArray[np.bool_]]:
    return [shape(stream(0, i, "bank"), spacing) for i in range(n)]


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch, nuclei: Path) -> Path:
    """A bank with one object, which is no mirror image of itself."""
    monkeypatch.setattr(bank, "whole_objects_of", lambda *_: ([HOOK], (1.0, 1.0)))
    return nuclei


def test_as_they_are_objects_are_those_of_the_data_set(nuclei: Path) -> None:
    planes = [sample.labels[0] for sample in cellsim.open_dataset(nuclei)]
    known = {(crop.shape, crop.tobytes()) for plane in planes for crop in whole_objects(plane)}
    drawn = {(crop.shape, crop.tobytes()) for crop in draw(bank_of(nuclei, **AS_IT_IS), 400)}
    assert drawn <= known
    assert len(drawn) > 0.9 * len(known)


def test_half_of_the_objects_are_mirrored(hooks: Path) -> None:
    drawn = draw(bank_of(hooks, rotate=False), 400)
    mirrored = [bool((crop == HOOK[:, ::-1]).all()) for crop in drawn]
    assert all(m or (crop == HOOK).all() for m, crop in zip(mirrored, drawn, strict=True))
    assert_mean(mirrored, 0.5)
    with pytest.raises(AssertionError):
        assert_mean(mirrored, 0.7)


def test_an_object_keeps_its_size_in_micrometres(nuclei: Path) -> None:
    shape = bank_of(nuclei, **AS_IT_IS)
    for coarse, fine in zip(draw(shape, 20), draw(shape, 20, (0.25, 0.5)), strict=True):
        assert fine.sum() * 0.125 == pytest.approx(coarse.sum(), rel=0.08)
        assert fine.shape[0] * 0.25 == pytest.approx(coarse.shape[0], abs=1.0)


def test_scale_is_drawn_for_every_object(nuclei: Path) -> None:
    plain, scaled = bank_of(nuclei, **AS_IT_IS), bank_of(nuclei, scale={"uniform": [1.5, 2.5]}, **AS_IT_IS)
    ratios = [
        big.sum() / small.sum()
        for small, big in zip(draw(plain, 300, (0.5, 0.5)), draw(scaled, 300, (0.5, 0.5)), strict=True)
    ]
    assert np.mean(ratios) == pytest.approx(4 + 1 / 12, rel=0.05)
    assert min(ratios) == pytest.approx(1.5**2, rel=0.1)
    assert max(ratios) == pytest.approx(2.5**2, rel=0.1)


def test_of_an_object_in_pieces_the_largest_is_cropped_again(nuclei: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]], np.bool_)
    monkeypatch.setattr(bank, "whole_objects_of", lambda *_: ([pieces], (1.0, 1.0)))
    np.testing.assert_array_equal(draw(bank_of(nuclei, **AS_IT_IS), 1)[0], np.ones((2, 2)))


def test_small_objects_are_left_out(nuclei: Path) -> None:
    every, large = (bank.whole_objects_of(bank_of(nuclei).dataset, area)[0] for area in (0.0, 60.0))
    assert 0 < len(large) < len(every)
    assert [crop.sum() for crop in large] == [crop.sum() for crop in every if crop.sum() >= 60]


def test_a_data_set_without_objects_as_large_is_refused(nuclei: Path) -> None:
    with pytest.raises(ValueError, match=r"nuclei\.zarr has no object of >= 10000 µm² that does not touch a border"):
        draw(bank_of(nuclei, smallest=1e4), 1)


def test_objects_that_vanish_on_a_coarse_canvas_are_refused(nuclei: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = np.pad(np.zeros((3, 3), np.bool_), 1, constant_values=True)
    monkeypatch.setattr(bank, "whole_objects_of", lambda *_: ([ring], (1.0, 1.0)))
    with pytest.raises(ValueError, match=r"objects of .*nuclei\.zarr vanish at \(1000\.0, 1000\.0\) µm per pixel"):
        draw(bank_of(nuclei), 1, (1000.0, 1000.0))


def test_a_data_set_that_holds_other_samples_is_refused(nuclei: Path) -> None:
    values = bank_of(nuclei).model_dump(mode="json")
    values["dataset"]["digest"] = "0" * 64
    with pytest.raises(StoreError, match="holds other samples"):
        draw(parse(Shape, values, ""), 1)
