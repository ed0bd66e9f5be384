"""The segmenter as an objective: the loss of Cellpose, schedule, weights, and that it learns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor

from cellsim.masks.flows import encode_flows
from cellsim.nn.networks import build
from cellsim.steps import parse
from cellsim.train.objectives.base import Objective
from cellsim.train.objectives.segmenter import Segmenter, SegmenterTraining

SMALL = {"kind": "segmentation-unet", "levels": 2, "filters": 6}


def objective(**fields: Any) -> Segmenter:
    found = parse(Objective, {"kind": "segmenter", "network": SMALL, **fields}, "objective")
    assert isinstance(found, Segmenter)
    return found


def begin(**fields: Any) -> SegmenterTraining:
    torch.manual_seed(0)
    example = {name: tensor[0] for name, tensor in squares(1).items()}
    return objective(**fields).begin(example, Fabric(accelerator="cpu", devices=1))


def squares(count: int, seed: int = 0) -> dict[str, Tensor]:
    """Images of one bright square each, and what is to be found."""
    rng = np.random.default_rng(seed)
    labels = np.zeros((count, 24, 24), np.uint16)
    for one in labels:
        y, x = rng.integers(0, 13, 2)
        one[y : y + 11, x : x + 11] = 1
    flow, cell = encode_flows(labels)
    image = np.where(cell > 0, 0.6, -0.6)[:, np.newaxis] + rng.normal(0, 0.1, (count, 1, 24, 24))
    found = {"image": image.astype(np.float32), "flow": flow, "cell": cell}
    return {name: torch.from_numpy(array) for name, array in found.items()}


def test_it_learns_flows_and_cells() -> None:
    training = begin(learning_rate=0.01)
    for i in range(60):
        log = training.step(squares(8, i), 8 * i)
    assert log["cell"] < 0.15
    given = squares(8, 99)
    made = training.examples(given)
    assert ((made[:, 2] > 0) == (given["cell"] > 0)).float().mean() > 0.97
    inside = given["cell"] > 0
    along = (made[:, :2] * given["flow"]).sum(1)[inside].mean()
    assert along > 0.6
    assert float(made.abs().max()) <= 1


def test_the_loss_is_that_of_cellpose() -> None:
    training = begin()
    with torch.no_grad():
        for weight in training.network.last.parameters():  # type: ignore[union-attr]
            weight.zero_()
    batch = squares(4)
    log = training.step(batch, 0)
    assert log["cell"] == pytest.approx(np.log(2), abs=1e-5)
    assert log["flow"] == pytest.approx(float((5 * batch["flow"]).square().mean()) / 2, rel=1e-5)


def test_the_learning_rate_falls_to_nothing() -> None:
    plan = objective(learning_rate=0.01, constant=100, falling=50)
    assert [plan.rate(seen) for seen in (0, 100, 125, 150, 900)] == pytest.approx([0.01, 0.01, 0.005, 0, 0])
    training = begin(constant=8, falling=16)
    rates = [training.step(squares(4), seen)["learning_rate"] for seen in (0, 16)]
    assert rates == pytest.approx([3e-3, 1.5e-3])
    assert training.optimiser.param_groups[0]["lr"] == pytest.approx(1.5e-3)


def test_weights_build_the_network_again() -> None:
    training = begin()
    training.step(squares(4), 0)
    tensors, settings = training.weights()
    network = build(settings["segmenter"])  # type: ignore[arg-type]
    network.load_state_dict({name.removeprefix("network."): tensor for name, tensor in tensors.items()})
    image = squares(2)["image"]
    assert torch.equal(network.eval()(image), training.network.eval()(image))
    assert settings["network"] == "segmenter"


def test_showing_does_not_change_it() -> None:
    training = begin()
    training.step(squares(4), 0)
    before = {name: tensor.clone() for name, tensor in training.network.state_dict().items()}
    training.examples(squares(3))
    assert training.network.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in training.network.state_dict().items())


def test_what_does_not_fit_is_refused() -> None:
    fabric = Fabric(accelerator="cpu", devices=1)
    example = {name: tensor[0] for name, tensor in squares(1).items()}
    with pytest.raises(ValueError, match="examples of kind segmentation-crops"):
        objective().begin({"image": example["image"]}, fabric)
    with pytest.raises(ValueError, match="network must be segmentation-unet, got UnetChain"):
        objective(network={"kind": "unet-chain"}).begin(example, fabric)
    with pytest.raises(ValueError, match="multiples of 16 px"):
        objective(network={"kind": "segmentation-unet"}).begin(example, fabric)
