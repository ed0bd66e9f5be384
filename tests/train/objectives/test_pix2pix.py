"""pix2pix as an objective: losses, schedules, state, weights, and that it learns."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor

from cellsim.nn.networks import build
from cellsim.steps import parse
from cellsim.train.objectives.base import Objective
from cellsim.train.objectives.pix2pix import Pix2Pix, Pix2PixTraining

UNET = {"kind": "unet-chain", "levels": 1, "filters": 4}
JUDGE = {"kind": "patchgan", "layers": 1, "filters": 4}


def objective(**fields: Any) -> Pix2Pix:
    found = parse(Objective, {"kind": "pix2pix", "generator": UNET, "discriminator": JUDGE, **fields}, "objective")
    assert isinstance(found, Pix2Pix)
    return found


def begin(**fields: Any) -> Pix2PixTraining:
    torch.manual_seed(0)
    example = {name: tensor[0] for name, tensor in squares(1).items()}
    return objective(**fields).begin(example, Fabric(accelerator="cpu", devices=1))


def squares(count: int, seed: int = 0) -> dict[str, Tensor]:
    """Masks of one square on one of two layers, and images in which it has the grey level of its layer."""
    noise = torch.Generator().manual_seed(seed)
    given, image = torch.full((count, 2, 16, 16), -1.0), torch.full((count, 1, 16, 16), -0.8)
    for i in range(count):
        y, x, layer = (int(torch.randint(0, n, (), generator=noise)) for n in (8, 8, 2))
        given[i, layer, y : y + 8, x : x + 8] = 1
        image[i, 0, y : y + 8, x : x + 8] = (0.2, 0.8)[layer]
    return {"input": given, "image": image, "examples": torch.full((count,), 77)}


def test_noise_lies_on_the_images_that_are_judged_and_on_no_mask() -> None:
    training, batch = begin(noise=0.5), squares(8)
    seen: list[Tensor] = []
    training.discriminator.register_forward_pre_hook(lambda _, given: seen.append(given[0].detach()))
    training.step(batch, 0)
    assert len(seen) == 3  # made and real for the discriminator, made for the generator
    assert all(torch.equal(one[:, :2], batch["input"]) for one in seen)
    assert float((seen[1][:, 2:] - batch["image"]).std()) == pytest.approx(0.5, rel=0.1)
    assert float((seen[0] - seen[2])[:, 2:].std()) == pytest.approx(0.5 * 2**0.5, rel=0.1)  # drawn anew


def error(training: Pix2PixTraining, seed: int = 9) -> float:
    batch = squares(40, seed)
    return float((training.examples(batch) - batch["image"]).abs().mean())


@pytest.mark.parametrize("loss", ["vanilla", "least-squares"])
def test_it_learns_what_belongs_to_a_mask(loss: str) -> None:
    training = begin(loss=loss, learning_rate=0.006, half_life=60)
    before = error(training)
    for i in range(80):
        log = training.step(squares(8, i), 8 * i)
    assert error(training) < 0.35 * before
    assert log["l1"] < 0.35
    wrong = squares(40, 9)
    mixed = float((training.examples(wrong) - wrong["image"].flip(0)).abs().mean())
    assert mixed > 2 * error(training), "the image follows its own mask"


def test_the_discriminator_sees_the_mask_too() -> None:
    training = begin(l1_weight=0, learning_rate=0.004)
    seen: list[Tensor] = []
    training.discriminator.register_forward_pre_hook(lambda _, given: seen.append(given[0].detach()))
    batch = squares(4)
    training.step(batch, 0)
    fake, real, again = seen
    assert all(torch.equal(pair[:, :2], batch["input"]) for pair in seen)
    assert torch.equal(real[:, 2:], batch["image"])
    assert torch.equal(fake, again), "one image is made in a step"


def test_losses_are_those_of_the_papers() -> None:
    batch = squares(4)
    for loss, at_zero in (("vanilla", 0.6931), ("least-squares", 0.5)):
        training = begin(loss=loss)
        last = training.discriminator.layers[-1]
        assert isinstance(last, torch.nn.Conv2d)
        with torch.no_grad():
            for weight in last.parameters():
                weight.zero_()
        assert training.step(batch, 0)["discriminator"] == pytest.approx(at_zero, abs=1e-3)


def test_the_weight_of_l1_may_be_the_number_of_examples() -> None:
    assert begin(l1_weight="images").l1_weight == 77
    assert begin().l1_weight == 100
    with pytest.raises(ValueError, match="l1_weight"):
        objective(l1_weight="pictures")


def test_the_learning_rate_falls_after_a_while() -> None:
    plan = objective(learning_rate=0.01, constant=100, falling=50)
    assert [plan.rate(seen) for seen in (0, 100, 125, 150, 900)] == pytest.approx([0.01, 0.01, 0.005, 0, 0])
    assert objective().rate(10**9) == 2e-4
    training = begin(constant=8, falling=16)
    rates = [training.step(squares(8), seen)["learning_rate"] for seen in (0, 8, 16)]
    assert rates == pytest.approx([2e-4, 2e-4, 1e-4])
    assert training.optimisers["generator"].param_groups[0]["lr"] == pytest.approx(1e-4)


def test_a_step_of_one_network_leaves_the_other_alone() -> None:
    training = begin()
    batch = squares(4)
    before = {name: copy.deepcopy(dict(training.modules[name].named_parameters())) for name in training.modules}
    fake = training.generator(batch["input"])
    training._discriminator_step(batch["input"], batch["image"], fake.detach())
    assert all(torch.equal(w, before["generator"][k]) for k, w in training.generator.named_parameters())
    assert all(weight.grad is None for weight in training.generator.parameters())
    changed = copy.deepcopy(dict(training.discriminator.named_parameters()))
    assert any(not torch.equal(w, before["discriminator"][k]) for k, w in changed.items())
    training._generator_step(batch["input"], batch["image"], fake)
    assert all(torch.equal(w, changed[k]) for k, w in training.discriminator.named_parameters())
    assert any(not torch.equal(w, before["generator"][k]) for k, w in training.generator.named_parameters())


def test_the_state_is_all_in_modules_and_optimisers() -> None:
    whole = begin(half_life=10)
    for i in range(3):
        whole.step(squares(4, i), 4 * i)
    resumed = begin(half_life=10)
    for name, module in resumed.modules.items():
        module.load_state_dict(copy.deepcopy(whole.modules[name].state_dict()))
    for name, optimiser in resumed.optimisers.items():
        optimiser.load_state_dict(copy.deepcopy(whole.optimisers[name].state_dict()))
    state, logs = torch.get_rng_state(), []
    for training in (whole, resumed):
        torch.set_rng_state(state)
        logs.append([training.step(squares(4, i), 4 * i) for i in range(3, 6)])
    assert logs[0] == logs[1]
    for name, module in whole.modules.items():
        for key, value in module.state_dict().items():
            assert torch.equal(value, resumed.modules[name].state_dict()[key]), f"{name}.{key}"


def test_the_average_has_running_statistics_of_its_own() -> None:
    training = begin(half_life=10_000, ramp_up=None)
    mean = training.average.unets[0].encoder[1].norm.running_mean  # type: ignore[union-attr, index]
    before = mean.clone()
    for i in range(8):
        training.step(squares(4, i), 4 * i)
    assert not torch.equal(mean, before)
    assert not training.average.training
    assert all(weight.grad is None for weight in training.average.parameters())


def test_examples_have_noise_and_leave_the_mode_alone() -> None:
    for half_life in (100, None):
        training = begin(half_life=half_life)
        batch = squares(3)
        torch.manual_seed(1)
        one, other = training.examples(batch), training.examples(batch)
        assert one.shape == (3, 1, 16, 16)
        assert not torch.equal(one, other)
        assert training.generator.training
        torch.manual_seed(1)
        assert torch.equal(training.examples(batch), one)


def test_weights_build_the_generator_again_and_begin_another_training() -> None:
    training = begin()
    training.step(squares(4), 0)
    tensors, settings = training.weights()
    assert settings["network"] == "pix2pix"
    network = build(json.loads(json.dumps(settings["generator"]))).eval()
    own = {key.removeprefix("generator."): one for key, one in tensors.items() if key.startswith("generator.")}
    network.load_state_dict(own)
    given = squares(2)["input"]
    assert torch.equal(network(given), training.average(given))
    other = begin()
    assert other.start_from(tensors) == len(tensors)
    assert torch.equal(other.average(given), training.average(given))
    assert torch.equal(other.generator.eval()(given), training.average(given))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"generator": {"kind": "unet-chain", "levels": 4, "filters": 1}}, "must be multiples of 32 px"),
        ({"generator": JUDGE}, "got PatchGan and PatchGan"),
        ({"discriminator": UNET}, "got UnetChain and UnetChain"),
    ],
)
def test_networks_that_do_not_fit_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        begin(**fields)


DEEP = {"kind": "unet-chain", "levels": 3, "filters": 1}  # 1 x 1 in the middle, of 16 px


@pytest.mark.parametrize(
    ("fields", "count", "message"),
    [
        ({"discriminator": JUDGE | {"layers": 3}}, 2, r"^discriminator must be smaller, .* 2 images of 16 x 16 px"),
        ({"generator": DEEP}, 1, r"^generator must be smaller, or crops or batch larger: .* on 1 images of 16 x 16 px"),
    ],
)
def test_batches_that_cannot_be_trained_on_are_refused(fields: dict[str, Any], count: int, message: str) -> None:
    training, example = begin(**fields), {name: tensor[0] for name, tensor in squares(1).items()}
    with pytest.raises((ValueError, RuntimeError)) as beyond:
        training.step(squares(count), 0)
    assert "images of 16 x 16 px" not in str(beyond.value), "as PyTorch says it"
    with pytest.raises(ValueError, match=message):
        training.check(example, count)


def test_trying_out_changes_nothing() -> None:
    training, example = begin(generator=DEEP), {name: tensor[0] for name, tensor in squares(1).items()}
    before, state = copy.deepcopy(training.generator.state_dict()), torch.get_rng_state()
    training.check(example, 2)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(one, before[name]) for name, one in training.generator.state_dict().items())
    assert training.step(squares(2), 0)["l1"] > 0


def test_examples_without_masks_are_refused() -> None:
    with pytest.raises(ValueError, match="examples of kind pairs, got examples without an input"):
        objective().begin({"image": torch.zeros(1, 16, 16)}, Fabric(accelerator="cpu", devices=1))
