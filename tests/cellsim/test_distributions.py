"""Numbers that vary: laws, supports, what is drawn when."""

from __future__ import annotations

import math
import pickle
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cellsim.distributions import CUT, Distribution, Number, OptionalNumber, PerObject, draw_each, settle, varying
from cellsim.errors import RecipeError
from cellsim.generators.base import Shape
from cellsim.seeds import stream
from cellsim.steps import Step, parameter, parse
from tests.statistics import assert_mean, assert_same_distribution, assert_whole_numbers_follow

finite = st.floats(-100, 100)
LAWS = st.one_of(
    st.tuples(finite, finite).map(lambda v: {"uniform": sorted(v)}),
    st.tuples(finite, st.floats(0, 10)).map(lambda v: {"normal": list(v)}),
    st.tuples(st.floats(0.01, 100), st.floats(0, 2)).map(lambda v: {"lognormal": list(v)}),
    st.lists(finite, min_size=1, max_size=5).map(lambda v: {"choice": v}),
)


class Inner(Step):
    """A step inside another."""

    kind: Literal["inner"] = "inner"
    version: Literal[1] = 1
    width: Number = parameter(1.0, unit="µm", doc="A width.", bounds="> 0, <= 10")


class Outer(Step):
    """A step with every sort of number."""

    kind: Literal["outer"] = "outer"
    version: Literal[1] = 1
    inner: Inner = parameter(Inner(), doc="A step.")
    level: Number = parameter(0.5, doc="A level.", bounds=">= 0, < 1")
    limit: OptionalNumber = parameter(None, doc="A limit.", bounds="> 0")
    radius: PerObject = parameter(2.0, unit="µm", doc="A radius.", bounds="> 0")


def law(value: Any) -> Distribution:
    return Distribution.model_validate(value)


def draw(value: Any, n: int = 20_000) -> np.ndarray:
    return law(value).draw(stream(0, 0, "law"), n)


def outer(**fields: Any) -> Outer:
    return parse(Outer, fields, "step")


@given(value=LAWS)
def test_nothing_is_drawn_outside_the_support(value: Any) -> None:
    low, high = law(value).support
    drawn = draw(value, 200)
    assert low <= high
    assert drawn.min() >= low - 1e-9 * abs(low)
    assert drawn.max() <= high + 1e-9 * abs(high)


@pytest.mark.parametrize(
    ("value", "support"),
    [
        ({"uniform": [2, 3]}, (2, 3)),
        ({"normal": [5, 1]}, (2, 8)),
        ({"lognormal": [2, 0.5]}, (2 * math.exp(-1.5), 2 * math.exp(1.5))),
        ({"choice": [3, 1, 2]}, (1, 3)),
    ],
)
def test_the_support_is_what_can_be_drawn(value: Any, support: tuple[float, float]) -> None:
    assert law(value).support == pytest.approx(support)
    assert (draw(value).min(), draw(value).max()) == pytest.approx(support, rel=0.12)


def test_draws_follow_their_laws() -> None:
    cut = stats.truncnorm(-CUT, CUT)
    assert_same_distribution(draw({"uniform": [2, 5]}), stats.uniform(2, 3).cdf)
    assert_same_distribution(draw({"normal": [2, 0.5]}), lambda x: cut.cdf((x - 2) / 0.5))
    assert_same_distribution(draw({"lognormal": [2, 0.5]}), lambda x: cut.cdf(np.log(x / 2) / 0.5))
    assert_whole_numbers_follow(draw({"choice": [0, 1, 2, 3]}), stats.randint(0, 4))
    with pytest.raises(AssertionError):
        assert_same_distribution(draw({"normal": [2, 0.5]}), lambda x: cut.cdf((x - 2) / 0.58))
    with pytest.raises(AssertionError):
        assert_whole_numbers_follow(draw({"choice": [0, 1, 2, 3, 3]}), stats.randint(0, 4))


def test_the_same_number_twice_is_twice_as_likely() -> None:
    assert_mean(draw({"choice": [0, 0, 1]}), 1 / 3)


def test_a_lognormal_is_given_by_its_median() -> None:
    assert_mean(draw({"lognormal": [3, 0.4]}) > 3, 0.5)


@given(value=LAWS, bound=finite)
def test_a_law_compares_by_its_whole_support(value: Any, bound: float) -> None:
    made = law(value)
    low, high = made.support
    assert (made > bound, made >= bound) == (low > bound, low >= bound)
    assert (made < bound, made <= bound) == (high < bound, high <= bound)


@given(value=LAWS)
def test_a_law_goes_through_json_and_pickle(value: Any) -> None:
    made = law(value)
    assert law(made.model_dump(mode="json")) == made
    assert pickle.loads(pickle.dumps(made)) == made
    assert made.model_dump(mode="json").keys() == value.keys()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"unifrm": [1, 2]}, "no law 'unifrm'; did you mean 'uniform'? (laws: uniform, normal, lognormal, choice)"),
        ({"uniform": [2, 1]}, "uniform takes [low, high] with low <= high, got [2.0, 1.0]"),
        ({"uniform": [1, 2, 3]}, "uniform takes [low, high] with low <= high, got [1.0, 2.0, 3.0]"),
        ({"uniform": [0, math.inf]}, "uniform takes [low, high] with low <= high, got [0.0, inf]"),
        ({"normal": [1, -1]}, "normal takes [mean, sd] with sd >= 0, got [1.0, -1.0]"),
        ({"normal": [1]}, "normal takes [mean, sd] with sd >= 0, got [1.0]"),
        ({"lognormal": [0, 1]}, "lognormal takes [median, sigma] with median > 0 and sigma >= 0, got [0.0, 1.0]"),
        ({"lognormal": [-1, 1]}, "lognormal takes [median, sigma] with median > 0 and sigma >= 0, got [-1.0, 1.0]"),
        ({"choice": []}, "choice takes [a, b, ...], at least one, got []"),
        ({"uniform": 3}, "not a distribution, got {'uniform': 3}"),
        ({"uniform": [1, 2], "choice": [1]}, "not a distribution, got {'uniform': [1, 2], 'choice': [1]}"),
        ({}, "not a distribution, got {}"),
        ("many", "must be a number, or a distribution such as {uniform: [1, 2]}, got 'many'"),
        (True, "must be a number, or a distribution such as {uniform: [1, 2]}, got True"),
        (math.nan, "must be a number, or a distribution such as {uniform: [1, 2]}, got nan"),
        (None, "must be a number, or a distribution such as {uniform: [1, 2]}, got None"),
    ],
)
def test_what_is_no_number_is_refused_with_what_is_allowed(value: Any, message: str) -> None:
    for field in ("level", "radius"):
        with pytest.raises(RecipeError) as refused:
            outer(**{field: value})
        assert str(refused.value) == f"step.{field}: {message}"


def test_an_optional_number_may_be_left_out() -> None:
    assert outer(limit=None).limit is None
    assert outer(limit=3).limit == 3.0
    with pytest.raises(RecipeError, match=r"step\.limit: must be > 0, got 0\.0"):
        outer(limit=0)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"level": -0.1}, "step.level: must be >= 0, got -0.1"),
        ({"level": 1}, "step.level: must be < 1, got 1.0"),
        ({"level": {"uniform": [0, 1]}}, "step.level: must be < 1, got {'uniform': [0.0, 1.0]}"),
        ({"level": {"normal": [0.5, 0.2]}}, "step.level: must be >= 0, got {'normal': [0.5, 0.2]}"),
        ({"radius": {"choice": [1, 0, 2]}}, "step.radius: must be > 0 µm, got {'choice': [1.0, 0.0, 2.0]}"),
        (
            {"inner": {"width": {"lognormal": [9, 0.1]}}},
            "step.inner.width: must be <= 10 µm, got {'lognormal': [9.0, 0.1]}",
        ),
    ],
)
def test_bounds_apply_to_the_whole_support(fields: Any, message: str) -> None:
    with pytest.raises(RecipeError) as refused:
        outer(**fields)
    assert str(refused.value) == message


def test_what_lies_within_the_bounds_is_taken() -> None:
    made = outer(level={"normal": [0.5, 0.16]}, radius={"lognormal": [3, 1]}, inner={"width": {"uniform": [1, 10]}})
    assert made.radius == law({"lognormal": [3, 1]})


def test_only_what_is_drawn_once_a_sample_varies() -> None:
    made = outer(
        level={"uniform": [0, 0.5]},
        limit={"choice": [1, 2]},
        radius={"uniform": [1, 2]},  # drawn for every object, by the step
        inner={"width": {"normal": [5, 1]}},
    )
    assert varying(made, "there") == {
        "there.inner.width": law({"normal": [5, 1]}),
        "there.level": law({"uniform": [0, 0.5]}),
        "there.limit": law({"choice": [1, 2]}),
    }
    assert varying(outer(), "there") == {}


def test_a_settled_step_has_plain_numbers() -> None:
    made = outer(level={"uniform": [0, 0.5]}, inner={"width": {"normal": [5, 1]}}, radius={"uniform": [1, 2]})
    settled = settle(made, "there", {"there.level": 0.25, "there.inner.width": 4.5})
    assert settled == outer(level=0.25, inner={"width": 4.5}, radius={"uniform": [1, 2]})
    assert made.level == law({"uniform": [0, 0.5]})  # the step itself is not changed


def test_a_step_where_nothing_varies_is_not_copied() -> None:
    made = outer()
    assert settle(made, "there", {"elsewhere.level": 1.0}) is made


def test_a_plain_number_takes_nothing_from_the_stream() -> None:
    rng, untouched = stream(0, 0, "x"), stream(0, 0, "x")
    np.testing.assert_array_equal(draw_each(2.5, rng, 3), [2.5, 2.5, 2.5])
    assert rng.random() == untouched.random()
    assert len(set(draw_each(law({"uniform": [1, 2]}), rng, 3))) == 3


def test_numbers_drawn_together_are_written_as_they_were() -> None:
    plain = {"choice": [1.0, 2.0], "together": "image"}
    law = Distribution.model_validate(plain)
    assert law.model_dump() == plain
    assert Distribution.model_validate(law.model_dump()) == law
    assert Distribution.model_validate({"choice": [1, 2]}).model_dump() == {"choice": [1.0, 2.0]}
    with pytest.raises(ValueError, match="only a choice can be drawn together with others, got uniform"):
        Distribution.model_validate({"uniform": [1, 2], "together": "image"})
    with pytest.raises(ValueError, match=r"no law 'chioce'; did you mean 'choice'"):
        Distribution.model_validate({"chioce": [1, 2], "together": "image"})


def test_what_is_drawn_for_every_object_is_not_drawn_together() -> None:
    with pytest.raises(RecipeError, match=r"shape.radius: `together` is for numbers that are drawn once a sample"):
        parse(Shape, {"kind": "ellipsoid", "radius": {"choice": [1, 2], "together": "image"}}, "shape")
    with pytest.raises(RecipeError, match=r"shape.elongation: `together` is for numbers that are drawn once a sample"):
        parse(Shape, {"kind": "ellipsoid", "elongation": {"choice": [1, 2], "together": "image"}}, "shape")
