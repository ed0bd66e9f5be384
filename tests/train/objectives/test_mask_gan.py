"""The mask GAN as an objective: it learns, and its state, schedules and weights are what they should be."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor

from cellsim.nn.mask_gan import load_generator
from cellsim.train.objectives.mask_gan import MaskGan, MaskGanTraining


def begin(**fields: Any) -> MaskGanTraining:
    torch.manual_seed(0)
    step = MaskGan(**{"latent": 8, "filters": 8, "learning_rate": 0.002, **fields})
    return step.begin({"image": torch.zeros(1, 16, 16)}, Fabric(accelerator="cpu", devices=1))


def disks(count: int) -> Tensor:
    """Disks in the middle, of a radius from 3 to 6 px."""
    y, x = torch.meshgrid(torch.arange(16.0) - 7.5, torch.arange(16.0) - 7.5, indexing="ij")
    radius = 3 + 3 * torch.rand(count, 1, 1, 1)
    return (2 * (radius - torch.hypot(y, x))).clamp(-1, 1)


def areas(images: Tensor) -> np.ndarray:
    return ((images + 1) / 2).sum((1, 2, 3)).numpy()


def test_it_learns_the_sizes_of_objects() -> None:
    training = begin(half_life=500.0)
    for i in range(150):
        log = training.step({"image": disks(32)}, 32 * i)
    real, made = areas(disks(400)), areas(training.examples({"image": disks(400)}))
    assert abs(made.mean() / real.mean() - 1) < 0.25
    assert 0.4 < made.std() / real.std() < 2
    assert set(log) >= {"generator", "discriminator", "right"}


def test_the_penalty_comes_when_it_is_due() -> None:
    training = begin(gamma_interval=3)
    logs = [training.step({"image": disks(4)}, 4 * i) for i in range(7)]
    assert [i for i, log in enumerate(logs) if "r1" in log] == [0, 3, 6]
    assert "r1" not in begin(gamma=0.0).step({"image": disks(4)}, 0)


def test_a_penalty_makes_the_discriminator_flatter() -> None:
    def slope(gamma: float) -> float:
        training = begin(gamma=gamma, gamma_interval=1)
        for i in range(25):
            training.step({"image": disks(16)}, 16 * i)
        real = disks(64).requires_grad_()
        training.modules["discriminator"](real).sum().backward()
        assert real.grad is not None
        return float(real.grad.square().sum())

    assert slope(10.0) < 0.5 * slope(0.0)


def test_smoothing_keeps_logits_of_real_masks_low() -> None:
    def logit(smoothing: float) -> float:
        training = begin(gamma=0.0, noise=0.0, smoothing=smoothing)
        for _ in range(60):
            training._discriminator_step(disks(16), -torch.ones(16, 1, 16, 16), False)
        return training.modules["discriminator"](disks(64)).mean().item()

    assert logit(0.3) == pytest.approx(np.log(0.7 / 0.3), abs=0.3)
    assert logit(0.0) > 2


def test_the_state_is_all_in_modules_and_optimisers() -> None:
    batches = [disks(4) for _ in range(6)]
    whole = begin()
    for i in range(3):
        whole.step({"image": batches[i]}, 4 * i)
    resumed = begin()
    for name, module in resumed.modules.items():
        module.load_state_dict(copy.deepcopy(whole.modules[name].state_dict()))
    for name, optimiser in resumed.optimisers.items():
        optimiser.load_state_dict(copy.deepcopy(whole.optimisers[name].state_dict()))
    state, logs = torch.get_rng_state(), []
    for training in (whole, resumed):
        torch.set_rng_state(state)
        logs.append([training.step({"image": batches[i]}, 4 * i) for i in range(3, 6)])
    assert logs[0] == logs[1]
    for name, module in whole.modules.items():
        for key, value in module.state_dict().items():
            assert torch.equal(value, resumed.modules[name].state_dict()[key]), f"{name}.{key}"


def test_the_average_follows_and_makes_the_examples() -> None:
    training = begin(half_life=0.0)
    training.step({"image": disks(4)}, 0)
    for one, other in zip(training.average.parameters(), training.modules["generator"].parameters(), strict=True):
        assert torch.equal(one, other)
    slow = begin(half_life=1e9)
    before = copy.deepcopy(slow.average.state_dict())
    slow.step({"image": disks(4)}, 10**12)
    assert all(torch.allclose(before[name], weight) for name, weight in slow.average.named_parameters())
    torch.manual_seed(1)
    found = training.examples({"image": disks(300)})
    assert found.shape == (300, 1, 16, 16)
    assert not training.average.training


def test_weights_build_the_generator_again_and_begin_another_training() -> None:
    training = begin()
    training.step({"image": disks(4)}, 0)
    tensors, settings = training.weights()
    generator, latent = load_generator(tensors, json.loads(json.dumps(settings)))
    z = torch.randn(3, latent)
    assert torch.equal(generator(z), training.average(z))
    other = begin()
    assert other.start_from(tensors) == len(tensors)
    for name in ("generator", "average"):
        assert torch.equal(other.modules[name].eval()(z), generator(z))


def test_images_that_are_no_masks_are_refused() -> None:
    fabric = Fabric(accelerator="cpu", devices=1)
    for shape in ((3, 16, 16), (1, 16, 20)):
        with pytest.raises(ValueError, match="masks must be squares of one channel, got"):
            MaskGan().begin({"image": torch.zeros(shape)}, fabric)
    with pytest.raises(ValueError, match="must be a multiple of 4, got 30"):
        MaskGan().begin({"image": torch.zeros(1, 30, 30)}, fabric)
