"""Sentences about findings: each says what its numbers say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cellsim.evaluate.comparison import Comparison
from cellsim.evaluate.records import Interval
from cellsim.report import words
from tests.report.findings import NARROW, WIDE, copies, curve, difference, distance


def said(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12745.4, "12,745"),
        (999.6, "1000"),
        (853.2, "853"),
        (8.5321, "8.53"),
        (12.0, "12"),
        (0.5, "0.5"),
        (-0.01421, "−0.0142"),
        (3.14e-6, "3.1e−06"),
        (0.00021, "0.00021"),
        (2.5e9, "2.50e+09"),
        (0.0, "0"),
        (np.nan, "–"),
        (np.inf, "–"),
    ],
)
def test_a_number_has_three_digits_that_count(value: float, text: str) -> None:
    assert words.number(value) == text


def test_an_interval_has_its_bounds() -> None:
    assert words.interval(Interval(6.1, 5.8, np.nan)) == "6.1 (5.8 to –)"


@pytest.mark.parametrize(
    ("effect", "size"),
    [(0.19, "negligible"), (-0.2, "small"), (0.5, "medium"), (-0.8, "large"), (np.nan, "not known")],
)
def test_effects_are_named_after_cohen(effect: float, size: str) -> None:
    assert words.size_of(effect) == size


def test_smaller_objects_are_said_to_be_smaller() -> None:
    text = said(words.difference(difference(), "nuclei"))
    assert text == "Synthetic nuclei are 20 % smaller (typically 80 µm² against 100 µm²)."


def test_larger_objects_are_said_to_be_larger_by_times_if_much() -> None:
    one = difference()
    text = said(words.difference(one._replace(synthetic=3 * one.real, effect=2.0), "nuclei"))
    assert text == "Synthetic nuclei are 3 times larger (typically 300 µm² against 100 µm²)."


def test_a_statistic_without_a_phrase_is_named() -> None:
    text = said(words.difference(difference("fancy number", unit="", group="light", by="image"), "nuclei"))
    assert text == "Fancy number is 20 % lower in the synthetic images (typically 80 against 100)."


def test_no_percentage_is_given_where_values_may_be_negative() -> None:
    one = difference("fancy number", real=np.array([-2.0, -1.0]), synthetic=np.array([1.0, 2.0]), unit="", effect=1.0)
    assert said(words.difference(one, "nuclei")) == (
        "Fancy number is higher in the synthetic set (typically 1.5 against −1.5)."
    )


def test_a_difference_that_may_be_chance_says_so() -> None:
    assert "may be chance" in words.difference(difference(p=0.3), "nuclei")
    assert "may be chance" not in words.difference(difference(p=0.03), "nuclei")


def test_a_negligible_difference_is_said_to_be_alike() -> None:
    one = difference(synthetic=difference().real * 1.01, effect=0.04, ks=0.05)
    assert said(words.difference(one, "nuclei")) == "Area is alike in both sets (typically 101 µm² against 100 µm²)."


def test_a_difference_in_width_alone_is_said() -> None:
    one = difference(real=NARROW, synthetic=WIDE, effect=0.02, ks=0.3)
    assert said(words.difference(one, "nuclei")).startswith("Area varies more in the synthetic set (middle half −")
    swapped = difference(real=WIDE, synthetic=NARROW, effect=-0.02, ks=0.3)
    assert "varies less" in words.difference(swapped, "nuclei")


def test_means_are_told_where_medians_go_the_other_way() -> None:
    real, synthetic = np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 29.0])
    one = difference("fancy number", real=real, synthetic=synthetic, effect=0.6, unit="")
    assert "(on average 10 against 2)" in words.difference(one, "nuclei")


def test_a_statistic_of_one_set_only_is_no_difference() -> None:
    assert words.difference(difference(real=np.zeros(0)), "nuclei") == "Area could be measured in one set only."


def test_a_distance_is_told_against_its_floor() -> None:
    assert said(words.distance(distance())) == (
        "Images, by texture: Fréchet distance 6 (5.4 to 6.6), 3 times as far as two halves of the real set are from "
        "each other: 1 (0.5 to 2)."
    )
    assert "no farther than two halves of the real set" in words.distance(distance(found=1.9))
    bare = distance()._replace(floor=Interval(np.nan, np.nan, np.nan))
    assert "two halves of the real set are from each other: – (– to –)." in words.distance(bare)


def test_precision_is_told_as_a_share() -> None:
    assert said(words.distance(distance("precision", 0.4, "masks"))) == (
        "40 % of synthetic masks lie where real ones do, by texture; of one half of the real set against the other "
        "100 % do."
    )


def test_a_floor_that_is_not_positive_gives_no_ratio() -> None:
    assert words.over_floor(distance()._replace(floor=Interval(0, -1, 0.0))) is None
    assert words.over_floor(distance("recall")) is None
    assert words.over_floor(distance(found=5.0)) == 2.5


def test_a_curve_is_told_where_it_is_farthest_and_outside() -> None:
    assert said(words.curve(curve())) == (
        "The synthetic curve is farthest above the real one at 10 µm (1 µm against 0 µm), and outside the range of "
        "single real images at 10 to 20 µm."
    )
    assert "everywhere within the range" in words.curve(curve(0.3))
    assert "below" in words.curve(curve(-1.0))


def test_a_curve_that_is_nowhere_known_is_told() -> None:
    one = curve()
    assert "cannot be measured" in words.curve(one._replace(real=np.full(20, np.nan)))


def test_stretches_without_gaps_are_joined() -> None:
    every = np.arange(1.0, 10.0)
    assert said(words.stretches(every[[0, 1, 2, 5, 7, 8]], every)) == "1 to 3, 6 and 8 to 9 µm"


def test_copies_are_told_and_their_absence_too() -> None:
    assert "there is no sign of copying" in words.copies(copies())
    assert words.copies(copies(3)).startswith("1 of the 6 synthetic masks is nearer")
    assert "2 of the 6 synthetic masks are nearer" in words.copies(copies(3, 1))
    assert words.copies(copies(3)).endswith("no more than chance would give.")
    assert words.copies(copies(3, 1)).endswith("look, they may be copies.")
    alone = copies()._replace(among_real=np.full(3, np.inf))
    assert words.copies(alone) == "Whether masks are copies cannot be told: all real ones show the same field of view."


def test_the_verdict_names_what_differs_and_what_does_not(found: Comparison) -> None:
    assert words.verdict(found) == (
        "The synthetic set differs from the real one clearly in the form of cells, and is alike in the appearance "
        "of images."
    )
    some = replace(found, differences=(difference(effect=0.3),), copies=(copies(1, 2),))
    assert words.verdict(some) == (
        "The synthetic set differs from the real one somewhat in the form of cells. Some samples may be copies of real "
        "ones."
    )
    alike = replace(found, differences=(difference(effect=0.1), difference("x", effect=-0.1, group="place")))
    assert words.verdict(alike) == (
        "The synthetic set is like the real one in the form of cells and the arrangement of cells, "
        "as far as is measured here."
    )
    assert words.verdict(replace(found, differences=())) == "Nothing could be measured in both sets."
