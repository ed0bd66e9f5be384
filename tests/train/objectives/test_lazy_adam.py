"""The optimiser of a network that is regularised only now and then."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from cellsim.train.objectives.lazy_adam import lazy_adam


def test_rate_and_memory_make_up_for_additional_steps() -> None:
    (group,) = lazy_adam([nn.Parameter(torch.zeros(1))], 0.004, 3).param_groups
    assert group["lr"] == pytest.approx(0.003)
    assert group["betas"] == (0.0, pytest.approx(0.99**0.75))


def test_without_regularisation_nothing_changes() -> None:
    (group,) = lazy_adam([nn.Parameter(torch.zeros(1))], 0.004, 0).param_groups
    assert group["lr"] == 0.004
    assert group["betas"] == (0.0, pytest.approx(0.99))
