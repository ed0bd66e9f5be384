"""Real objects of a data set, turned and scaled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cellsim.errors import StoreError
from cellsim.generators.base import Placement, Shape
from cellsim.generators.shapes import bank
from cellsim.masks.crops import Crops
from cellsim.seeds import stream
from cellsim.steps import parse
from tests.statistics import assert_mean, assert_same_distribution

AS_IT_IS = {"flip": False, "rotate": False}
HOOK = np.kron(np.array([[1, 1, 1], [1, 0, 0]], np.bool_), np.ones((4, 4), np.bool_))


def bank_of(nuclei: Path, **fields: Any) -> Any:
    return parse(Shape, {"kind": "bank", "dataset": str(nuclei)} | fields, "")


def draw(shape: Any, n: int, spacing: tuple[float, ...] = (1.0, 1.0), **more: Any) -> list[NDArray[np.bool_]]:
    crops = shape(Placement(np.full((n, 2), 50.0), **more), spacing, stream(0, 0, "bank"))
    return [crops.crop(i) for i in range(n)]


def of(*objects: NDArray[np.bool_]) -> Any:
    """What the bank reads, at 1 µm per pixel."""
    return lambda *_: (Crops.from_list(objects, 2), (1.0, 1.0))


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch, nuclei: Path) -> Path:
    """A bank with one object, which is no mirror image of itself."""
    monkeypatch.setattr(bank, "whole_objects_of", of(HOOK))
    return nuclei


def test_as_they_are_objects_are_those_of_the_data_set(nuclei: Path) -> None:
    shape = bank_of(nuclei, **AS_IT_IS)
    source, _ = bank.whole_objects_of(shape.dataset, 0.0)
    which = stream(0, 0, "bank").integers(len(source), size=400)
    middle = [(np.argwhere(source.crop(k)) + 0.5).mean(axis=0) for k in which]
    crops = shape(Placement(np.add(middle, (3, -2))), (1.0, 1.0), stream(0, 0, "bank"))
    for i, k in enumerate(which):
        np.testing.assert_array_equal(crops.crop(i), source.crop(k))
    assert (crops.corner == [0, 3, -2]).all()
    assert len(set(which.tolist())) > 0.9 * len(source)


def test_half_of_the_objects_are_mirrored(hooks: Path) -> None:
    drawn = [crop.sum(axis=0) for crop in draw(bank_of(hooks, rotate=False), 400)]
    mirrored = [bool(columns[0] < columns[-1]) for columns in drawn]
    assert_mean(mirrored, 0.5)
    with pytest.raises(AssertionError):
        assert_mean(mirrored, 0.7)
    assert not any(
        columns[0] < columns[-1] for columns in (c.sum(axis=0) for c in draw(bank_of(hooks, **AS_IT_IS), 50))
    )


def test_objects_are_turned_by_any_angle(nuclei: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank, "whole_objects_of", of(np.ones((31, 5), np.bool_)))
    for spacing in ((1.0, 1.0), (1.0, 0.5)):
        axes = [
            np.linalg.eigh(np.cov((np.argwhere(c) * spacing).T))[1][:, 1] for c in draw(bank_of(nuclei), 300, spacing)
        ]
        angle = np.array([np.arctan2(y, x) % np.pi for y, x in axes]) / np.pi
        assert_same_distribution(angle, lambda u: np.clip(u, 0, 1))
        with pytest.raises(AssertionError):
            assert_same_distribution(angle**2, lambda u: np.clip(u, 0, 1))


def test_an_object_keeps_its_size_in_micrometres_when_it_is_turned(
    nuclei: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bank, "whole_objects_of", of(np.ones((31, 15), np.bool_)))
    for crop in draw(bank_of(nuclei), 50, (0.5, 0.25)):
        spread = np.linalg.eigvalsh(np.cov((np.argwhere(crop) * (0.5, 0.25)).T))
        np.testing.assert_allclose(np.sqrt(12 * spread), [15, 31], rtol=0.05)


def test_an_object_keeps_its_size_in_micrometres(nuclei: Path) -> None:
    shape = bank_of(nuclei, **AS_IT_IS)
    for coarse, fine in zip(draw(shape, 20), draw(shape, 20, (0.25, 0.5)), strict=True):
        assert fine.sum() * 0.125 == pytest.approx(coarse.sum(), rel=0.15)
        assert fine.shape[0] * 0.25 == pytest.approx(coarse.shape[0], abs=1.5)


def test_scale_is_drawn_for_every_object(nuclei: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank, "whole_objects_of", of(np.ones((20, 20), np.bool_)))
    areas = [crop.sum() / 400 for crop in draw(bank_of(nuclei, scale={"uniform": [1.5, 2.5]}), 600)]
    assert_mean(areas, 4 + 1 / 12)
    with pytest.raises(AssertionError):
        assert_mean(areas, 4.0 * 1.1)
    assert min(areas) == pytest.approx(1.5**2, rel=0.05)
    assert max(areas) == pytest.approx(2.5**2, rel=0.05)


def test_radii_of_the_points_are_those_of_the_disks_of_equal_area(nuclei: Path) -> None:
    radii = np.linspace(4.0, 20.0, 60)
    for scale in (1.0, 1.5):
        found = draw(bank_of(nuclei, scale=scale), 60, radii=radii)
        ratio = np.sqrt([crop.sum() / np.pi for crop in found]) / radii
        assert ratio.mean() == pytest.approx(scale, rel=0.02)
        assert abs(ratio / scale - 1).max() < 0.15


def test_of_an_object_in_pieces_the_largest_is_cropped_again(nuclei: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]], np.bool_)
    monkeypatch.setattr(bank, "whole_objects_of", of(np.kron(pieces, np.ones((4, 4), np.bool_))))
    assert draw(bank_of(nuclei, **AS_IT_IS), 1)[0].shape in {(8, 8), (8, 9), (9, 8), (9, 9)}


def test_objects_that_vanish_on_a_coarse_canvas_are_one_pixel(nuclei: Path) -> None:
    assert all(crop.shape == (1, 1) for crop in draw(bank_of(nuclei), 20, (1000.0, 1000.0)))


def test_small_objects_are_left_out(nuclei: Path) -> None:
    every, large = (bank.whole_objects_of(bank_of(nuclei).dataset, area)[0] for area in (0.0, 60.0))
    assert 0 < len(large) < len(every)
    sizes = [int(every.crop(i).sum()) for i in range(len(every))]
    assert [int(large.crop(i).sum()) for i in range(len(large))] == [size for size in sizes if size >= 60]


def test_a_data_set_without_objects_as_large_is_refused(nuclei: Path) -> None:
    with pytest.raises(ValueError, match=r"nuclei\.zarr has no object of >= 10000 µm² that does not touch a border"):
        draw(bank_of(nuclei, smallest=1e4), 1)


def test_a_data_set_that_holds_other_samples_is_refused(nuclei: Path) -> None:
    values = bank_of(nuclei).model_dump(mode="json")
    values["dataset"]["digest"] = "0" * 64
    with pytest.raises(StoreError, match="holds other samples"):
        draw(parse(Shape, values, ""), 1)


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (1.0, 0.5)])
def test_where_points_have_directions_an_object_is_longest_along_its_own(
    spacing: tuple[float, float], nuclei: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slanted = np.triu(np.tril(np.ones((30, 30), np.bool_), 3), -3)
    monkeypatch.setattr(bank, "whole_objects_of", of(slanted, np.ones((31, 9), np.bool_)))
    bank.long_axes_of.cache_clear()
    angles = np.linspace(0, 2 * np.pi, 60)
    wanted = np.stack([np.sin(angles), np.cos(angles)], axis=1)
    for crop, line in zip(draw(bank_of(nuclei), 60, spacing, directions=wanted), wanted, strict=True):
        axis = np.linalg.eigh(np.cov((np.argwhere(crop) * spacing).T))[1][:, -1]
        assert abs(axis @ line) > 0.995
        assert abs(axis @ line[::-1]) < 0.995 or abs(abs(line[0]) - abs(line[1])) < 0.2, "a planted fault"
    bank.long_axes_of.cache_clear()


def test_an_object_with_a_direction_has_its_head_at_either_end(nuclei: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop = np.zeros((9, 31), np.bool_)
    drop[:, :12], drop[4, 12:] = True, True
    monkeypatch.setattr(bank, "whole_objects_of", of(drop))
    bank.long_axes_of.cache_clear()
    found = draw(bank_of(nuclei), 300, directions=np.tile([0.0, 1.0], (300, 1)))
    assert_mean([crop[:, :8].sum() > crop[:, -8:].sum() for crop in found], 0.5)
    bank.long_axes_of.cache_clear()


def test_objects_that_may_not_be_turned_cannot_have_directions(nuclei: Path) -> None:
    with pytest.raises(ValueError, match="rotate must be true, got false"):
        draw(bank_of(nuclei, rotate=False), 3, directions=np.tile([0.0, 1.0], (3, 1)))
