"""The controller of the probability of augmentation."""

from __future__ import annotations

import pytest
import torch

from cellsim.generators.stylegan.ada import AdaptiveProbability


def test_the_probability_rises_while_real_images_are_told() -> None:
    steering = AdaptiveProbability(target=0.6)
    for logits in ([1.0, 2.0, 0.1, 3.0, 0.2], [1.0, 2.0, 0.1, 3.0, -0.2]):  # signs sum up to 5 and 3
        steering.observe(torch.tensor(logits))
    steering.adjust(1000)
    assert float(steering.r) == pytest.approx(0.8)
    assert float(steering.p) == pytest.approx(1000 / 500_000)


def test_the_probability_falls_below_the_target_but_not_below_zero() -> None:
    steering = AdaptiveProbability(target=0.6, samples_per_unit=100, initial=0.3)
    for expected in (0.1, 0.0, 0.0):
        steering.observe(torch.tensor([1.0, 1.0, 1.0, -1.0]))  # r = 0.5
        steering.adjust(20)
        assert float(steering.p) == pytest.approx(expected, abs=1e-6)


def test_the_probability_stops_at_the_limit_and_on_the_target() -> None:
    steering = AdaptiveProbability(target=0.5, samples_per_unit=100, initial=0.7, limit=0.8)
    steering.observe(torch.ones(4))
    steering.adjust(50)
    assert float(steering.p) == pytest.approx(0.8)
    steering.observe(torch.tensor([1.0, 1.0, 1.0, -1.0]))
    steering.adjust(50)
    assert float(steering.p) == pytest.approx(0.8)


def test_what_was_observed_is_forgotten() -> None:
    steering = AdaptiveProbability(samples_per_unit=100)
    steering.observe(torch.ones(4))
    steering.adjust(10)
    steering.adjust(10)
    assert float(steering.p) == pytest.approx(0.1)
    steering.observe(-torch.ones(4))
    steering.adjust(10)
    assert float(steering.r) == -1
    assert float(steering.p) == 0


def test_without_a_target_the_probability_stays() -> None:
    steering = AdaptiveProbability(target=None, initial=0.4)
    steering.observe(torch.ones(4))
    steering.adjust(1000)
    assert float(steering.p) == pytest.approx(0.4)
    assert float(steering.r) == 1


def test_the_state_goes_into_a_checkpoint() -> None:
    steering = AdaptiveProbability(initial=0.4)
    steering.observe(torch.ones(4))
    other = AdaptiveProbability()
    other.load_state_dict(steering.state_dict())
    assert float(other.p) == pytest.approx(0.4)
    assert float(other.count) == 4
