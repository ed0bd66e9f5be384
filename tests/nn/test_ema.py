"""Moving averages of weights."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from cellsim.nn.ema import ema_decay, update_ema


def test_after_a_half_life_old_weights_count_half() -> None:
    assert ema_decay(16, 1600) ** 100 == pytest.approx(0.5)
    assert ema_decay(1600, 1600) == pytest.approx(0.5)


def test_the_half_life_is_short_in_the_beginning() -> None:
    assert ema_decay(16, 1e4, seen=0, ramp_up=0.05) == 0
    assert ema_decay(16, 1e4, seen=3200, ramp_up=0.05) == ema_decay(16, 160)
    assert ema_decay(16, 1e4, seen=10**6, ramp_up=0.05) == ema_decay(16, 1e4)


def test_weights_are_averaged_and_buffers_copied() -> None:
    average, module = (nn.BatchNorm1d(2) for _ in range(2))
    nn.init.constant_(average.weight, 1.0)
    nn.init.constant_(module.weight, 3.0)
    module.running_mean.fill_(7.0)
    update_ema(average, module, 0.75)
    torch.testing.assert_close(average.weight.detach(), torch.tensor([1.5, 1.5]))
    torch.testing.assert_close(average.running_mean, torch.tensor([7.0, 7.0]))
    assert float(module.weight.detach().sum()) == 6
