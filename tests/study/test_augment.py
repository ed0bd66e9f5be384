"""The study: same tests in all arms, equal steps, nothing known of the test images, resumed to the byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import cellsim
from cellsim.errors import InputError, StoreError
from cellsim.recipe import Recipe
from cellsim.study import segmenters
from cellsim.study.augment import study_augment
from cellsim.study.design import AugmentDesign
from cellsim.study.segmenters import Lesson
from tests.study.conftest import recipe, train_threshold
from tests.study.test_sources import PARTS


def toy(sizes: tuple[int, ...] = (2, 4), seeds: int = 2, steps: int = 5) -> AugmentDesign:
    """A design of the segmenter that takes no time."""
    return AugmentDesign(sizes, seeds, 3, steps, "threshold", test=0.34)


def test_every_arm_is_trained_and_scored_alike(real: Path, tmp_path: Path, lessons: list[Lesson]) -> None:
    done = study_augment(recipe(8), real, tmp_path, toy())
    assert [result.trial for result in done.results] == list(toy().trials(fitted=False))
    assert {(lesson.steps, lesson.crop) for lesson in lessons} == {(5, (64, 64))}
    assert done.tested == 4
    for result in done.results:
        assert 0 < result.ap < result.ap50 < result.f1 <= 1
    assert done.title == "real, the recipe 'toy8'"


def test_what_is_learnt_from_is_real_or_synthetic_or_both(real: Path, tmp_path: Path, lessons: list[Lesson]) -> None:
    study_augment(recipe(8), real, tmp_path, toy((2,), 1))
    synthetic, few, both = lessons
    assert (len(synthetic.dataset), synthetic.balanced) == (3, False)
    assert (len(few.dataset), few.balanced) == (2, False)
    assert (len(both.dataset), both.balanced) == (5, True)
    of_source = both.dataset.drawn["source"]
    assert sorted(of_source) == [0, 0, 1, 1, 1]
    assert synthetic.dataset.spec.recipe == recipe(8).dump()


def test_no_test_image_is_learnt_from(real: Path, tmp_path: Path, lessons: list[Lesson]) -> None:
    study_augment(recipe(8), real, tmp_path, toy())
    tested = set(cellsim.open_dataset(tmp_path / "test.zarr").drawn["origin"])
    assert len(tested) == 4
    few = [lesson for lesson in lessons if lesson.name.startswith("real-") and not lesson.balanced]
    assert len(few) == 4
    for lesson in few:
        assert not tested & set(lesson.dataset.drawn["origin"])
    by_name = {lesson.name: list(lesson.dataset.drawn["origin"]) for lesson in few}
    assert by_name["real-4-1"][:2] == by_name["real-2-1"]
    assert by_name["real-4-0"] != by_name["real-4-1"]


def test_a_study_goes_on_where_it_was_stopped(
    real: Path, tmp_path: Path, lessons: list[Lesson], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = study_augment(recipe(8), real, tmp_path / "whole", toy())
    n = len(lessons)

    def stops(lesson: Lesson, progress: Any) -> Any:
        if len(lessons) == n + 3:
            raise KeyboardInterrupt
        return train_threshold(lesson, progress)

    monkeypatch.setitem(segmenters.SEGMENTERS, "threshold", stops)
    with pytest.raises(KeyboardInterrupt):
        study_augment(recipe(8), real, tmp_path / "parts", toy())
    monkeypatch.setitem(segmenters.SEGMENTERS, "threshold", train_threshold)
    parts = study_augment(recipe(8), real, tmp_path / "parts", toy())
    assert parts.results == whole.results
    assert len(lessons) == 2 * n, "no training was done twice"
    one, other = ((tmp_path / name / "results.jsonl").read_bytes() for name in ("whole", "parts"))
    assert one == other


def test_a_study_is_extended_by_seeds_and_sizes(real: Path, tmp_path: Path, lessons: list[Lesson]) -> None:
    first = study_augment(recipe(8), real, tmp_path, toy((2,), 1))
    n = len(lessons)
    both = study_augment(recipe(8), real, tmp_path, toy())
    assert set(first.results) < set(both.results)
    assert len(lessons) == n + 7
    less = study_augment(recipe(8), real, tmp_path, toy((2,), 1))
    assert less.results == first.results
    assert len((tmp_path / "results.jsonl").read_text().splitlines()) == 10, "nothing is lost"


def test_a_study_that_was_stopped_is_extended_by_a_smaller_size(
    real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stops(lesson: Lesson, progress: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setitem(segmenters.SEGMENTERS, "threshold", stops)
    with pytest.raises(KeyboardInterrupt):
        study_augment(recipe(8), real, tmp_path / "parts", toy((2,), 1))
    monkeypatch.setitem(segmenters.SEGMENTERS, "threshold", train_threshold)
    parts = study_augment(recipe(8), real, tmp_path / "parts", toy((1, 2), 1))
    assert parts.results == study_augment(recipe(8), real, tmp_path / "whole", toy((1, 2), 1)).results
    assert not list(tmp_path.glob("*/draw-0-*")), "without real images there is no draw"


def test_what_cannot_be_mixed_is_refused_before_anything_is_trained(
    real: Path, tmp_path: Path, lessons: list[Lesson]
) -> None:
    parts = Recipe.parse(recipe(8).dump() | {"generator": PARTS})
    with pytest.raises(InputError, match="samples of a mixture must have the same structures"):
        study_augment(parts, real, tmp_path / "out", toy((2,), 1))
    assert not lessons
    assert not (tmp_path / "out").exists()


def test_the_folder_of_another_study_is_refused(real: Path, tmp_path: Path) -> None:
    small = toy((2,), 1)
    study_augment(recipe(8), real, tmp_path, small)
    with pytest.raises(StoreError, match="differs in recipe; choose another output"):
        study_augment(recipe(9), real, tmp_path, small)
    with pytest.raises(StoreError, match="differs in steps"):
        study_augment(recipe(8), real, tmp_path, toy((2,), 1, 6))


@pytest.mark.parametrize(("colours_of", "channels"), [("real", 1), ("recipe", 1), ("both", 3)])
def test_images_of_other_colours_are_seen_in_grey(
    colours_of: str, channels: int, real: Path, coloured: Path, tmp_path: Path, lessons: list[Lesson]
) -> None:
    data = real if colours_of == "recipe" else coloured
    given = recipe(8, colours=colours_of != "real")
    study_augment(given, data, tmp_path, toy((2,), 1))
    assert {len(lesson.dataset.spec.channels) for lesson in lessons} == {channels}
    assert len(lessons) == 3


def test_progress_counts_steps_of_all_trainings(real: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    study_augment(recipe(8), real, tmp_path, toy(), progress=lambda *state: told.append(state))
    taken = [state[0] for state in told]
    assert taken == sorted(taken)
    assert (taken[0], taken[-1], {state[1] for state in told}) == (0, 50, {50})
    assert "real-2-0: samples" in {state[2] for state in told}


def test_what_a_study_is_of_is_kept(real: Path, tmp_path: Path) -> None:
    study_augment(recipe(8), real, tmp_path, toy())
    known = json.loads((tmp_path / "study.json").read_text())
    assert known["recipe"] == recipe(8).digest
    assert known["data"] == cellsim.open_dataset(real).version.digest
    assert (known["test"], len(known["test_samples"])) == (0.34, 4)
