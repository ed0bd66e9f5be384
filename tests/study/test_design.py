"""What a study compares, and in which order."""

from __future__ import annotations

from typing import Any

import pytest

from cellsim.errors import InputError
from cellsim.study.design import AugmentDesign, Trial


def test_every_seed_is_a_whole_comparison() -> None:
    design = AugmentDesign((2, 4), seeds=2)
    trials = list(design.trials(fitted=True))
    assert trials[:3] == [Trial("real", 2, 0), Trial("real+synthetic", 2, 0), Trial("synthetic", 2, 0)]
    assert [trial.seed for trial in trials] == [0] * 6 + [1] * 6
    assert len(set(trials)) == 12


def test_a_recipe_that_knows_no_real_image_is_trained_on_alone_once_a_seed() -> None:
    trials = list(AugmentDesign((2, 4), seeds=2).trials(fitted=False))
    assert [trial for trial in trials if trial.arm == "synthetic"] == [
        Trial("synthetic", 0, 0),
        Trial("synthetic", 0, 1),
    ]
    assert len(trials) == 10


def test_names_are_names_of_files() -> None:
    assert Trial("real+synthetic", 8, 1).name == "real-synthetic-8-1"


def test_sizes_and_seeds_may_be_extended_and_nothing_else() -> None:
    one = AugmentDesign().record()
    assert AugmentDesign((2,), seeds=9).record() == one
    for change in ({"steps": 5}, {"synthetic": 5}, {"test": 0.5}, {"tested": 5}, {"segmenter": "cellpose"}):
        assert AugmentDesign(**change).record() != one


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sizes": ()}, "sizes must be numbers >= 1, ascending"),
        ({"sizes": (4, 2)}, "ascending, got"),
        ({"sizes": (2, 2)}, "ascending, got"),
        ({"sizes": (0, 2)}, ">= 1"),
        ({"seeds": 0}, "seeds must be >= 1, got 0"),
        ({"steps": -1}, "steps must be >= 1, got -1"),
        ({"test": 1.0}, "test must be > 0 and < 1, got 1.0"),
        ({"segmenter": "unett"}, "did you mean 'unet'"),
    ],
)
def test_what_is_not_allowed_is_said(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        AugmentDesign(**change)
