"""Plans: a validated YAML file that says what is trained, on what, and for how long."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cellsim.errors import RecipeError
from cellsim.nn.weights import Weights
from cellsim.overrides import override
from cellsim.recipe import builtin_recipes, read_yaml
from cellsim.steps import identity, parse
from cellsim.train.examples.base import Examples
from cellsim.train.objectives.base import Objective
from cellsim.train.scores import ScoreName

FOLDER = "train"  # of built-in plans, among the recipes
# What may be changed between two runs of one training: what the networks learn does not depend on it.
FREE = frozenset({"name", "remark", "samples", "tick", "snapshot"})

Count = Annotated[int, Field(ge=1)]


class TrainPlan(BaseModel):
    """Everything that a training follows from, besides the data set.

    Parameters
    ----------
    name : str
        Of the weights.
    remark : str
        A line that those who use a recipe with the weights are told, such as what they were trained on.
    seed : int
        Of first weights, order, places and noise.
    objective : Objective
        Networks, losses and optimisers.
    examples : Examples
        How samples of the data set become tensors.
    batch : int
        Samples of a step, of all processes together.
    samples : int
        Samples seen when the training ends; those of each pass through the data count again.
    tick : int
        Samples between two log lines, sample grids and checkpoints.
    snapshot : int
        Samples between two snapshots of which the best is kept.
    score : str, optional
        By what snapshots are judged, lower is better; the last one is kept if None.
    scored : int
        Samples made, and validation examples, that enter a score at most.
    validation : float or tuple of str
        Share of the parents that is kept for the score, or patterns of their names.
    held_out : tuple of str
        Patterns of the names of parents that are not used at all.
    init : Weights, optional
        Weights to begin from.
    precision : {"32", "bf16"}
        Of arithmetic: float32, or mixed with bfloat16 where the device gains from it.
    channels_last : bool
        Whether images lie in memory channel by channel within each pixel.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    name: str = Field("unnamed", description="Of the weights.", pattern=r"^[\w][\w.-]*$")
    remark: str = Field("", description="A line for those who use the weights.")
    seed: Annotated[int, Field(ge=0)] = Field(0, description="Of first weights, order, places and noise.")
    objective: Objective = Field(description="Networks, losses and optimisers.")
    examples: Examples = Field(description="How samples of the data set become tensors.")
    batch: Count = Field(description="Samples of a step, of all processes together.")
    samples: Count = Field(description="Samples seen when the training ends.")
    tick: Count = Field(description="Samples between two log lines, sample grids and checkpoints.")
    snapshot: Count = Field(description="Samples between two snapshots of which the best is kept.")
    score: ScoreName | None = Field(None, description="By what snapshots are judged; lower is better.")
    scored: Annotated[int, Field(ge=2)] = Field(500, description="Samples that enter a score at most.")
    validation: Annotated[float, Field(ge=0, lt=1)] | tuple[str, ...] = Field(
        0.2, description="Share of the parents kept for the score, or patterns of their names.", union_mode="smart"
    )
    held_out: tuple[str, ...] = Field((), description="Patterns of the names of parents that are not used at all.")
    init: Weights | None = Field(None, description="Weights to begin from.")
    precision: Literal["32", "bf16"] = Field("32", description="Of arithmetic.", coerce_numbers_to_str=True)
    channels_last: bool = Field(False, description="Whether the channels of a pixel lie together in memory.")

    @model_validator(mode="before")
    @classmethod
    def _precision_may_be_a_number(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and isinstance(values.get("precision"), int):
            return {**values, "precision": str(values["precision"])}
        return values

    @classmethod
    def load(cls, source: str | Path, changes: Sequence[str] = ()) -> Self:
        """Read a plan from a file, or a built-in one by name.

        Parameters
        ----------
        source : str or Path
            A YAML file, or the name of a built-in plan ("salivary-flows", "train/salivary-flows.yaml").
        changes : sequence of str
            Overrides such as ``"batch=16"``.

        Returns
        -------
        TrainPlan
            Validated.

        Raises
        ------
        RecipeError
            If there is no such plan, or it is not valid; the message names the path in the plan.
        """
        return cls.parse(override(read_yaml(source, "plan", FOLDER), changes))

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self:
        """Build a plan from plain values.

        Parameters
        ----------
        values : mapping
            As YAML gives them.

        Returns
        -------
        TrainPlan
            Validated.

        Raises
        ------
        RecipeError
            Naming the path in the plan, what was wrong, what is allowed and what came.
        """
        plan = parse(cls, values, "")
        if plan.score is not None and not plan.validation:
            raise RecipeError(
                f"validation: must be > 0 or name parents, since score '{plan.score}' compares with validation "
                f"examples, got {plan.validation!r}"
            )
        return plan

    def dump(self) -> dict[str, Any]:
        """Return the resolved plan as plain values; `parse` gives an equal plan.

        Returns
        -------
        dict
            JSON values, every default written out.
        """
        return self.model_dump(mode="json", serialize_as_any=True)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that decides what is learnt up to some sample: not how long it goes on, nor what is logged."""
        decides = identity({key: value for key, value in self.dump().items() if key not in FREE})
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def builtin_plans() -> list[str]:
    """List the plans that come with cellsim.

    Returns
    -------
    list of str
        Names without ".yaml".
    """
    return list(builtin_recipes(FOLDER))
