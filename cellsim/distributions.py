"""Numbers that vary: a parameter may be a number or a distribution of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationError, model_serializer, model_validator

from cellsim.seeds import Rng
from cellsim.steps import Step, near_miss

CUT = 3.0  # normal laws are truncated here, in standard deviations, so that their support can be checked


def _normal(rng: Rng, n: int) -> NDArray[np.float64]:
    """Draw from the standard normal law truncated at +-CUT, by redrawing what falls outside."""
    drawn = rng.standard_normal(n)
    while (outside := np.abs(drawn) > CUT).any():
        drawn[outside] = rng.standard_normal(int(outside.sum()))
    return drawn


class Distribution(BaseModel):
    """A law that a parameter is drawn from; written ``{law: [values]}``.

    ``{uniform: [low, high]}``, ``{normal: [mean, sd]}`` cut at 3 sd, ``{lognormal: [median, sigma]}`` (sigma of
    the logarithm) cut at 3 sigma, ``{choice: [a, b, ...]}`` with equal chances. Parameters whose choice has the same
    name, ``{choice: [a, b, ...], together: image}``, have numbers of the same place in their lists in each sample.

    Comparing one with a number asks whether its whole support compares so; this is how bounds on parameters apply.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    law: str
    values: tuple[float, ...]
    together: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_mapping(cls, value: Any) -> Any:
        laws = [key for key in value if key != "together"] if isinstance(value, Mapping) else []
        if len(laws) == 1:
            return {"law": laws[0], "values": value[laws[0]], "together": value.get("together")}
        return value

    @model_validator(mode="after")
    def _checked(self) -> Self:
        first, *rest = self.values or (np.nan,)
        if self.law not in LAWS:
            raise ValueError(f"no law {self.law!r}{near_miss(self.law, LAWS)} (laws: {', '.join(LAWS)})")
        if not np.isfinite([first, *rest]).all() or (self.law != "choice" and len(rest) != 1):
            raise ValueError(f"{self.law} takes {LAWS[self.law]}, got {list(self.values)}")
        wrong = {"uniform": rest[:1] < [first], "normal": rest[:1] < [0], "lognormal": first <= 0 or rest[:1] < [0]}
        if wrong.get(self.law):
            raise ValueError(f"{self.law} takes {LAWS[self.law]}, got {list(self.values)}")
        if self.together is not None and self.law != "choice":
            raise ValueError(f"only a choice can be drawn together with others, got {self.law}")
        return self

    @model_serializer
    def _to_mapping(self) -> dict[str, Any]:
        return {self.law: list(self.values)} | ({} if self.together is None else {"together": self.together})

    def stage(self, path: str) -> str:
        """Name the stream that numbers are drawn from.

        Parameters
        ----------
        path : str
            Of the parameter.

        Returns
        -------
        str
            The path, or a name that is the same for all that are drawn together.
        """
        return path if self.together is None else f"together: {self.together}"

    @property
    def support(self) -> tuple[float, float]:
        """Least and greatest value that can be drawn."""
        first, second = self.values[0], self.values[-1]
        if self.law == "normal":
            return first - CUT * second, first + CUT * second
        if self.law == "lognormal":
            return first * float(np.exp(-CUT * second)), first * float(np.exp(CUT * second))
        return min(self.values), max(self.values)

    def draw(self, rng: Rng, n: int) -> NDArray[np.float64]:
        """Draw `n` independent values.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of chance.
        n : int
            How many.

        Returns
        -------
        (n,) float64 array
            Within `support`.
        """
        first, second = self.values[0], self.values[-1]
        if self.law == "uniform":
            return rng.uniform(first, second, n)
        if self.law == "choice":
            return rng.choice(np.asarray(self.values), n)
        z = _normal(rng, n)
        return first + second * z if self.law == "normal" else first * np.exp(second * z)

    def __gt__(self, bound: float) -> bool:
        return self.support[0] > bound

    def __ge__(self, bound: float) -> bool:
        return self.support[0] >= bound

    def __lt__(self, bound: float) -> bool:
        return self.support[1] < bound

    def __le__(self, bound: float) -> bool:
        return self.support[1] <= bound


LAWS = {
    "uniform": "[low, high] with low <= high",
    "normal": "[mean, sd] with sd >= 0",
    "lognormal": "[median, sigma] with median > 0 and sigma >= 0",
    "choice": "[a, b, ...], at least one",
}


def _number(value: object) -> float | Distribution:
    if isinstance(value, Distribution):
        return value
    if isinstance(value, Mapping):
        return _distribution(value)
    try:
        number = float("nan") if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = float("nan")
    if not np.isfinite(number):
        raise ValueError(f"must be a number, or a distribution such as {{uniform: [1, 2]}}, got {value!r}")
    return number


def _each_number(value: object) -> float | Distribution | None:
    number = None if value is None else _number(value)
    if isinstance(number, Distribution) and number.together is not None:
        raise ValueError("`together` is for numbers that are drawn once a sample, and this is drawn for every object")
    return number


def _distribution(value: Mapping[object, object]) -> Distribution:
    try:
        return Distribution.model_validate(value)
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]
        said = reason["msg"] if reason["type"] == "value_error" else f"not a distribution, got {dict(value)!r}"
        raise ValueError(said.removeprefix("Value error, ")) from None


class EachObject:
    """Marks a field whose distribution is drawn for every object by the step itself, not once a sample."""


# A step only ever sees plain floats in its `Number` fields: `settle` has replaced the distributions.
if TYPE_CHECKING:
    Number = float
    OptionalNumber = float | None
    PerObject = float | Distribution
    OptionalPerObject = float | Distribution | None
else:
    Number = Annotated[Any, PlainValidator(_number)]
    PerObject = Annotated[Any, PlainValidator(lambda value: _each_number(_number(value))), EachObject]
    OptionalNumber = Annotated[Any, PlainValidator(lambda value: None if value is None else _number(value))]
    OptionalPerObject = Annotated[Any, PlainValidator(_each_number), EachObject]


def support(value: float | Distribution | None) -> tuple[float, float]:
    """Return the least and the greatest value that a parameter can have.

    Parameters
    ----------
    value : float, Distribution or None
        As in a recipe.

    Returns
    -------
    least, greatest : float
        0 and infinity for None.
    """
    if value is None:
        return 0.0, np.inf
    return value.support if isinstance(value, Distribution) else (value, value)


def draw_each(value: float | Distribution, rng: Rng, n: int) -> NDArray[np.float64]:
    """Return a value for each of `n` objects.

    Parameters
    ----------
    value : float or Distribution
        A `PerObject` field.
    rng : numpy.random.Generator
        The only source of chance; a plain number takes nothing from it.
    n : int
        How many objects.

    Returns
    -------
    (n,) float64 array
        The drawn values, or the number repeated.
    """
    return value.draw(rng, n) if isinstance(value, Distribution) else np.full(n, value)


def varying(step: Step, path: str) -> dict[str, Distribution]:
    """Find the parameters of a step, and of the steps inside it, that are drawn once a sample.

    Parameters
    ----------
    step : Step
        Any step.
    path : str
        Where in the recipe it stands.

    Returns
    -------
    dict of str to Distribution
        Path in the recipe -> law.
    """
    found: dict[str, Distribution] = {}
    for name, field in type(step).model_fields.items():
        value = getattr(step, name)
        if isinstance(value, Distribution) and EachObject not in field.metadata:
            found[f"{path}.{name}"] = value
        elif isinstance(value, Step):
            found |= varying(value, f"{path}.{name}")
    return found


def settle(step: Step, path: str, drawn: Mapping[str, float]) -> Step:
    """Put drawn numbers in the place of distributions.

    Parameters
    ----------
    step : Step
        As validated from the recipe.
    path : str
        Where in the recipe it stands.
    drawn : mapping of str to float
        Path -> number, for every path that `varying` names.

    Returns
    -------
    Step
        The same step if nothing varies, else a copy whose `Number` fields are plain floats.
    """
    changes: dict[str, Any] = {}
    for name in type(step).model_fields:
        value, where = getattr(step, name), f"{path}.{name}"
        if where in drawn:
            changes[name] = drawn[where]
        elif isinstance(value, Step) and (settled := settle(value, where, drawn)) is not value:
            changes[name] = settled
    return step.model_copy(update=changes) if changes else step
