"""Tensors of one network among those of several."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from cellsim.nn.tensors import load_part


def test_a_network_takes_what_is_its_own() -> None:
    network, other = nn.Linear(3, 2), nn.Linear(3, 2)
    tensors = {f"judge.{name}": one for name, one in other.state_dict().items()} | {"painter.weight": torch.zeros(9)}
    assert load_part(network, tensors, "judge") == 2
    assert torch.equal(network.weight, other.weight)


def test_a_message_tells_what_does_not_fit_in_one_line() -> None:
    tensors = {"judge.weight": torch.zeros(4, 4), "judge.scale": torch.zeros(1)}
    with pytest.raises(ValueError, match="of the judge do not fit") as raised:
        load_part(nn.Linear(3, 2), tensors, "judge")
    assert str(raised.value) == (
        "tensors of the judge do not fit the architecture: 1 are missing (bias), 1 do not belong (scale), "
        "1 have another shape (weight)"
    )
