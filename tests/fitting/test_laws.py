"""Parameters under estimation."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.distributions import Distribution
from cellsim.fitting.laws import CHOICES, TOGETHER, WIDEST, Law, short


def test_a_law_without_spread_is_a_number() -> None:
    assert Law(0.123456).plain() == 0.123
    assert Law(12.0, 0.3).plain() == {"lognormal": [12, 0.3]}


def test_a_law_that_would_leave_its_bounds_is_a_choice_within_them() -> None:
    plain = Law(0.5, 0.6, 0.1, 0.8).plain()
    assert isinstance(plain, dict)
    assert len(plain["choice"]) == CHOICES
    law = Distribution.model_validate(plain)
    assert law >= 0.1
    assert law <= 0.8
    assert np.median(plain["choice"]) == 0.5


def test_a_law_with_a_pattern_lists_a_number_an_image_within_its_bounds() -> None:
    law = Law(2.0, 0.5, 1.0, 4.0, (-1.0, 0.0, 1.0, 9.0))
    assert law.plain() == {"choice": [1.21, 2.0, 3.3, 4.0], "together": TOGETHER}
    assert law.moved(0.1, 0.1).pattern == law.pattern
    assert Law(2.0, 0.001, pattern=(-1.0, 1.0)).plain() == 2.0


def test_a_step_is_at_most_a_factor_of_two_and_stays_in_bounds() -> None:
    law = Law(1.0, 0.0, 0.1, 3.0)
    assert law.moved(0.1).median == pytest.approx(np.exp(0.1))
    assert law.moved(5).median == pytest.approx(2)
    assert law.moved(5).moved(5).median == 3
    assert law.moved(0, 0.04).sigma == pytest.approx(0.2)
    assert law.moved(0, -1).sigma == 0
    assert law.moved(0, 100).sigma == WIDEST


def test_what_was_not_measured_moves_nothing() -> None:
    assert Law(1.0, 0.2).moved(np.nan, np.nan) == Law(1.0, 0.2)


def test_numbers_are_short() -> None:
    assert short(1234.5) == 1230
    assert short(0.00012345) == 0.000123
