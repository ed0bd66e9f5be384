"""Plans: read, checked, changed; errors name the path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from cellsim.errors import RecipeError
from cellsim.nn.weights import save_weights
from cellsim.overrides import override
from cellsim.train.plan import TrainPlan, builtin_plans
from tests.train.toys import PLAN


def test_a_plan_survives_json_and_yaml(tmp_path: Path) -> None:
    plan = TrainPlan.parse(PLAN)
    assert TrainPlan.parse(json.loads(json.dumps(plan.dump()))) == plan
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(plan.dump()))
    assert TrainPlan.load(tmp_path / "mine.yaml") == plan


def test_a_plan_is_named_after_its_file_and_changed_by_paths(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({k: v for k, v in PLAN.items() if k != "name"}))
    plan = TrainPlan.load(tmp_path / "mine.yaml", ["objective.rate=0.5", "examples.shape=[32, 32]", "precision=bf16"])
    assert plan.name == "mine"
    assert plan.objective.model_dump()["rate"] == 0.5
    assert plan.examples.model_dump()["shape"] == (32, 32)
    assert plan.precision == "bf16"


@pytest.mark.parametrize(("given", "read"), [(32, "32"), ("32", "32"), ("bf16", "bf16")])
def test_precisions_are_read_as_words_or_numbers(given: object, read: str) -> None:
    assert TrainPlan.parse({**PLAN, "precision": given}).precision == read


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("objective.kind=toi", r"^objective: no kind 'toi'; did you mean 'toy'\? \(kinds: .*toy"),
        ("objective.rate=-1", r"^objective\.rate: must be > 0, got -1"),
        ("objective.rat=1", r"^objective\.rat: no such field; did you mean 'rate'\?"),
        ("precision=16", r"^precision: must be '32' or 'bf16', got '16'"),
        ("examples.kind=crops", r"^examples: no kind 'crops'; did you mean 'mask-crops'\?"),
        ("examples.encoding=flow", r"^examples\.encoding: no encoding 'flow'; did you mean 'flows'\?"),
        ("examples.overlap=1", r"^examples\.overlap: must be < 1, got 1"),
        ("examples.shape=[16, 32]", r"^examples: rotations need square crops, got a shape of \[16, 32\]"),
        ("batch=0", r"^batch: must be greater than or equal to 1, got 0"),
        ("batch=many", r"^batch: .*got 'many'"),
        ("tick=null", r"^tick: .*got None"),
        ("ticks=4", r"^ticks: no such field; did you mean 'tick'\?"),
        ("score=flow", r"^score: no score 'flow'; did you mean 'flow-texture'\? \(scores: flow-texture, morphology"),
        ("validation=0", r"^validation: must be > 0 or name parents, since score 'brightness' compares"),
        ("init=nowhere", r"^init: no file of weights 'nowhere'"),
        ("name=a/b", r"^name: "),
    ],
)
def test_errors_name_the_path(change: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        TrainPlan.parse(override(PLAN, [change]))


def test_what_is_lacking_is_named() -> None:
    with pytest.raises(RecipeError, match=r"^batch: is required \(Samples of a step"):
        TrainPlan.parse({key: value for key, value in PLAN.items() if key != "batch"})


def test_the_digest_holds_what_decides_the_weights_and_nothing_else(tmp_path: Path) -> None:
    plan = TrainPlan.parse(PLAN)
    free: dict[str, Any] = {"name": "other", "samples": 400, "tick": 4, "snapshot": 8}
    assert TrainPlan.parse({**PLAN, **free}).digest == plan.digest
    decides: list[dict[str, Any]] = [{"seed": 4}, {"batch": 8}, {"precision": "bf16"}, {"validation": ["0"]}]
    assert len({TrainPlan.parse({**PLAN, **one}).digest for one in decides} | {plan.digest}) == 5
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        save_weights(tmp_path / folder / "w.safetensors", {"x": torch.zeros(1)}, {})
    inits = {TrainPlan.parse({**PLAN, "init": str(tmp_path / f / "w.safetensors")}).digest for f in ("a", "b")}
    assert len(inits) == 1
    assert plan.digest not in inits


def test_a_plan_that_is_not_there_is_told() -> None:
    with pytest.raises(RecipeError, match=r"^no plan file 'nowhere', and no built-in plan of that name"):
        TrainPlan.load("nowhere")


@pytest.mark.parametrize("name", builtin_plans())
def test_built_in_plans_are_valid(name: str) -> None:
    assert TrainPlan.load(name).name == name
    assert TrainPlan.load(f"train/{name}.yaml").name == name


def test_there_are_built_in_plans() -> None:
    assert {"salivary-flows", "tissue-flows-128"} <= set(builtin_plans())
