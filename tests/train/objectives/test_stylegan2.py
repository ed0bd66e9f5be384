"""StyleGAN2 as an objective: schedules, state, weights, and that it learns."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor

from cellsim.errors import RecipeError
from cellsim.generators.stylegan.generator import load_generator
from cellsim.steps import parse
from cellsim.train.objectives import stylegan2
from cellsim.train.objectives.base import Objective
from cellsim.train.objectives.stylegan2 import StyleGan2, StyleGan2Training

TINY = {"resolution": 8, "latent": 8, "mapping_layers": 2, "channel_base": 64, "channel_max": 16}


def objective(**fields: Any) -> StyleGan2:
    plan = {"kind": "stylegan2", "architecture": TINY, "vectors": [[1, 2]], "probability": 0.2, **fields}
    found = parse(Objective, plan, "objective")
    assert isinstance(found, StyleGan2)
    return found


def begin(**fields: Any) -> StyleGan2Training:
    torch.manual_seed(0)
    return objective(**fields).begin({"image": torch.zeros(3, 8, 8)}, Fabric(accelerator="cpu", devices=1))


def disks(count: int) -> Tensor:
    """Flows of a disk near the middle."""
    y, x = torch.meshgrid(torch.arange(8.0), torch.arange(8.0), indexing="ij")
    centre = 3 + torch.rand(count, 2)
    dy, dx = centre[:, 0, None, None] - y, centre[:, 1, None, None] - x
    radius = torch.hypot(dy, dx)
    inside = (radius < 2.5).float()
    return torch.stack([2 * inside - 1, inside * dy / (radius + 0.1), inside * dx / (radius + 0.1)], 1)


def test_it_learns_what_the_images_look_like() -> None:
    training = begin(gamma=0.05, half_life=100.0, learning_rate=0.005)
    real = disks(500).mean(0)
    before = float((training.examples({"image": disks(200)}).mean(0) - real).abs().mean())
    for i in range(60):
        log = training.step({"image": disks(16)}, 16 * i)
    after = float((training.examples({"image": disks(200)}).mean(0) - real).abs().mean())
    assert after < 0.5 * before
    assert log["generator"] > 0


def test_pairs_also_teach_what_the_images_look_like() -> None:
    training = begin(pairing="relativistic", gamma=0.05, gamma_interval=2, half_life=100.0, learning_rate=0.005)
    real = disks(500).mean(0)
    before = float((training.examples({"image": disks(200)}).mean(0) - real).abs().mean())
    for i in range(60):
        log = training.step({"image": disks(16)}, 16 * i)
    assert float((training.examples({"image": disks(200)}).mean(0) - real).abs().mean()) < 0.6 * before
    assert log["discriminator"] > 0


def test_the_discriminator_comes_into_focus(monkeypatch: pytest.MonkeyPatch) -> None:
    training, widths = begin(blur=2.0, blur_fades=16.0), []
    monkeypatch.setattr(stylegan2, "blurred", lambda images, sigma: widths.append(sigma) or images)
    for seen in (0, 8, 16, 24):
        training.step({"image": disks(4)}, seen)
        assert set(widths) == {max(0.0, 2.0 - seen / 8)}
        widths.clear()


def test_penalties_and_augmentation_follow_the_clock() -> None:
    training = begin(gamma_interval=3, path_interval=2, speed=1000.0)
    logs = [training.step({"image": disks(4)}, 4 * i) for i in range(8)]
    assert [i for i, log in enumerate(logs) if "r1" in log] == [0, 3, 6]
    assert [i for i, log in enumerate(logs) if "path_length" in log] == [0, 2, 4, 6]
    p = [log["augmentation"] for log in logs]
    assert len(set(p[:3])) == 1
    assert abs(p[3] - p[2]) == pytest.approx(16 / 1000, abs=1e-6)
    assert set(p[3:7]) == {p[3]}


def test_what_has_no_weight_is_not_measured() -> None:
    log = begin(gamma=0.0, path_weight=0.0).step({"image": disks(4)}, 0)
    assert {"r1", "path_length"}.isdisjoint(log)


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
    state = torch.get_rng_state()
    logs = []
    for training in (whole, resumed):
        torch.set_rng_state(state)
        logs.append([training.step({"image": batches[i]}, 4 * i) for i in range(3, 6)])
    assert logs[0] == logs[1]
    for name, module in whole.modules.items():
        for key, value in module.state_dict().items():
            assert torch.equal(value, resumed.modules[name].state_dict()[key]), f"{name}.{key}"


def test_the_average_makes_the_examples() -> None:
    training = begin()
    training.step({"image": disks(4)}, 0)
    torch.manual_seed(1)
    found = training.examples({"image": disks(20)})
    assert found.shape == (20, 3, 8, 8)
    assert found.dtype == torch.float32
    assert float(found.abs().max()) <= 1
    with torch.no_grad():
        for weight in training.average.parameters():
            weight.zero_()
    assert float(training.examples({"image": disks(2)}).abs().max()) == 0


def test_weights_build_the_generator_again() -> None:
    training = begin()
    training.step({"image": disks(4)}, 0)
    tensors, settings = training.weights()
    generator = load_generator(tensors, json.loads(json.dumps(settings)))
    z = torch.randn(2, 8)
    drawn = [torch.randn(2, *shape) for shape in generator.synthesis.noise_shapes()]
    assert torch.equal(generator(z, 0.5, drawn), training.average(z, 0.5, drawn))
    assert float(generator.mapping.mean.abs().max()) > 0
    assert {name.split(".")[0] for name in tensors} == {"generator", "discriminator"}


def test_a_training_begins_from_the_weights_of_another() -> None:
    training = begin()
    training.step({"image": disks(4)}, 0)
    tensors, _ = training.weights()
    other = begin()
    assert other.start_from(tensors) == len(tensors)
    for network in (other.generator, other.average):
        assert torch.equal(network.synthesis.constant, training.average.synthesis.constant)
    assert torch.equal(other.discriminator.logit.weight, training.discriminator.logit.weight)
    with pytest.raises(ValueError, match="do not fit the architecture"):
        begin(architecture=TINY | {"latent": 9}).start_from(tensors)


def test_only_one_network_changes_in_a_step_of_the_other() -> None:
    training = begin()
    before = {name: copy.deepcopy(training.modules[name].state_dict()) for name in ("generator", "discriminator")}
    training._r1_step(disks(4), 0.2, 4)
    training._discriminator_step(disks(4), 0.2)
    assert all(weight.grad is None for weight in training.generator.parameters())  # none is computed in vain
    assert all(torch.equal(value, before["generator"][key]) for key, value in training.generator.state_dict().items())
    training.optimisers["discriminator"].zero_grad()
    changed = copy.deepcopy(training.discriminator.state_dict())
    training._path_step(2)
    training._generator_step(disks(4), 0.2)
    assert all(weight.grad is None for weight in training.discriminator.parameters())
    assert all(torch.equal(value, changed[key]) for key, value in training.discriminator.state_dict().items())
    assert not torch.equal(training.generator.synthesis.constant, before["generator"]["synthesis.constant"])


@pytest.mark.parametrize(
    ("fields", "image", "message"),
    [
        ({}, (3, 16, 16), "architecture: images must be 8 x 8 px, got 16 x 16"),
        ({}, (2, 8, 8), "vectors: channels must be from 0 to 1"),
        ({"vectors": [[1, 1]]}, (3, 8, 8), r"vectors: a channel is one component of one vector, got \(\(1, 1\),\)"),
        ({"vectors": [[0, 1], [1, 2]]}, (3, 8, 8), "vectors: a channel is one component"),
        ({"augmentation": "bgc"}, (3, 8, 8), "without vectors"),
    ],
)
def test_images_that_do_not_fit_are_refused(fields: dict[str, Any], image: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        objective(**fields).begin({"image": torch.zeros(image)}, Fabric(accelerator="cpu", devices=1))


def test_errors_of_a_plan_name_the_path() -> None:
    with pytest.raises(RecipeError, match=r"objective\.architecture: no architecture 'slime-128'"):
        objective(architecture="slime-128")
    with pytest.raises(RecipeError, match=r"objective\.learning_rate: must be > 0, got 0"):
        objective(learning_rate=0.0)


def test_the_discriminator_sees_noisy_images_if_asked() -> None:
    torch.manual_seed(0)
    noisy, clear = begin(noise=0.5, augmentation="none"), begin(augmentation="none")
    images = torch.zeros(4, 3, 8, 8)
    seen: list[Tensor] = []
    for training in (noisy, clear):
        training.discriminator.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
        training._judged(images, 0.0)
    assert seen[0].std() == pytest.approx(0.5, rel=0.1)
    assert torch.equal(seen[1], images)
