"""Weights of a generator and a discriminator, kept and begun from."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from cellsim.train.objectives.adversarial import AdversarialTraining


class Toy(AdversarialTraining):
    """Networks of one layer."""

    settings = {"network": "toy"}  # type: ignore[assignment] # noqa: RUF012

    def __init__(self, width: int = 2, average: bool = True) -> None:
        names = ["generator", "discriminator", *(["average"] if average else [])]
        super().__init__({name: nn.Linear(width, 1) for name in names}, {})

    def step(self, batch: Any, seen: int) -> dict[str, float]:
        return {}

    def examples(self, given: Any) -> torch.Tensor:
        return torch.zeros(1, 1, 1, 1)


def test_the_average_is_kept_as_the_generator() -> None:
    toy = Toy()
    tensors, settings = toy.weights()
    assert sorted(tensors) == ["discriminator.bias", "discriminator.weight", "generator.bias", "generator.weight"]
    assert torch.equal(tensors["generator.weight"], toy.modules["average"].weight)
    assert settings == {"network": "toy"}
    alone = Toy(average=False)
    assert torch.equal(alone.weights()[0]["generator.weight"], alone.modules["generator"].weight)


def test_the_generator_begins_its_average() -> None:
    tensors, other = Toy().weights()[0], Toy()
    assert other.start_from(tensors) == 4
    for name in ("generator", "average"):
        assert torch.equal(other.modules[name].weight, tensors["generator.weight"])
    assert torch.equal(other.modules["discriminator"].weight, tensors["discriminator.weight"])


def test_weights_of_one_network_leave_the_other_as_it_is() -> None:
    other = Toy()
    before = other.modules["discriminator"].weight.clone()
    generator = {name: one for name, one in Toy().weights()[0].items() if name.startswith("generator.")}
    assert other.start_from(generator) == 2
    assert torch.equal(other.modules["discriminator"].weight, before)
    assert other.start_from({}) == 0


def test_weights_that_fit_in_part_only_are_refused() -> None:
    tensors = Toy().weights()[0]
    with pytest.raises(ValueError, match="generator do not fit the architecture: 1 have another shape"):
        Toy(width=3).start_from(tensors)
    del tensors["generator.bias"]
    with pytest.raises(ValueError, match=r"1 are missing \(bias\)"):
        Toy().start_from(tensors)
