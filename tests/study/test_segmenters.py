"""The segmenters of a study find what they have learnt."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import cellsim
from cellsim.errors import InputError
from cellsim.evaluate.counts import macro
from cellsim.study.segmenters import Lesson, Segment, chances, train_cellpose, train_unet


def lesson(data: Path, folder: Path, steps: int, balanced: bool = False) -> Lesson:
    return Lesson(cellsim.open_dataset(data), balanced, folder, "toy", steps, 0)


def average_precision(segment: Segment, data: Path) -> float:
    samples = list(cellsim.open_dataset(data))
    found = [segment(sample.image) for sample in samples if sample.image is not None]
    scores = cellsim.score([sample.labels[0] for sample in samples], found)
    return macro(scores.at(0.5), "average_precision")


def test_the_unet_learns_ellipses(stained: Path, tmp_path: Path) -> None:
    told: list[int] = []
    segment = train_unet(lesson(stained, tmp_path, 60), told.append)
    assert average_precision(segment, stained) > 0.5
    assert told[-1] == 60
    assert told == sorted(told)


def test_the_unet_is_the_same_after_an_interruption(stained: Path, tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    def stop(taken: int) -> None:
        if taken == 3:
            raise StopError

    image = cellsim.open_dataset(stained)[0].image
    assert image is not None
    whole = train_unet(lesson(stained, tmp_path / "whole", 4), lambda taken: None)(image)
    with pytest.raises(StopError):
        train_unet(lesson(stained, tmp_path / "parts", 4), stop)
    assert (train_unet(lesson(stained, tmp_path / "parts", 4), lambda taken: None)(image) == whole).all()
    files = [tmp_path / name / "toy.safetensors" for name in ("whole", "parts")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_crops_fit_into_samples(stained: Path, tmp_path: Path) -> None:
    assert lesson(stained, tmp_path, 1).crop == (64, 64)


def test_cellpose_is_asked_for_if_it_is_not_there(
    stained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cellpose", None)
    with pytest.raises(InputError, match=r"pip install cellpose==3\.1\.1\.3"):
        train_cellpose(lesson(stained, tmp_path, 1), lambda taken: None)


@pytest.mark.slow
def test_cellpose_learns_ellipses(stained: Path, tmp_path: Path) -> None:
    pytest.importorskip("cellpose")
    segment = train_cellpose(lesson(stained, tmp_path, 100), lambda taken: None)
    assert average_precision(segment, stained) > 0.3


def test_sources_have_equal_chances(real: Path, stained: Path, tmp_path: Path) -> None:
    cellsim.mix([real, stained], tmp_path / "mixed.zarr")
    mixed = lesson(tmp_path / "mixed.zarr", tmp_path, 1, balanced=True)
    found, source = chances(mixed), mixed.dataset.drawn["source"]
    assert [float(found[source == k].sum()) for k in (0, 1)] == pytest.approx([0.5, 0.5])
    assert sorted(set(found)) == pytest.approx([1 / 24, 1 / 8])
    assert chances(lesson(real, tmp_path, 1)).tolist() == pytest.approx([1 / 12] * 12)
