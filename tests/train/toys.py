"""A tiny objective and plans for tests of everything around it: run as a script it is `cellsim` that knows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from cellsim.steps import kinds, parameter
from cellsim.train.examples.base import Examples
from cellsim.train.objectives.base import Batch, Objective, Training
from cellsim.train.scores import SCORES, Judge

LATENT = 4


class ToyTraining(Training):
    """An autoencoder with noise in its code and a moving average of its decoder."""

    def __init__(self, fabric: Fabric, side: int, step: Toy) -> None:
        encoder = nn.Sequential(nn.Flatten(), nn.Linear(side * side, LATENT))
        decoder, average = nn.Linear(LATENT, side * side), nn.Linear(LATENT, side * side).requires_grad_(False)
        average.load_state_dict(decoder.state_dict())
        both = nn.ModuleDict({"encoder": encoder, "decoder": decoder})
        network, optimiser = fabric.setup(_Through(both), torch.optim.Adam(both.parameters(), step.rate))
        super().__init__({"network": network, "average": average.to(fabric.device)}, {"network": optimiser})
        self.fabric, self.side, self.diverges = fabric, side, step.diverges_after

    def step(self, batch: Batch, seen: int) -> dict[str, float]:
        image = batch["image"]
        loss = nn.functional.mse_loss(self.modules["network"](image), image.flatten(1))
        self.optimisers["network"].zero_grad()
        self.fabric.backward(loss)
        self.optimisers["network"].step()
        with torch.no_grad():
            ours = self.modules["network"].parts["decoder"].parameters()
            for mean, now in zip(self.modules["average"].parameters(), ours, strict=True):
                mean.lerp_(now, 0.1)
        return {"loss": float("nan") if seen >= self.diverges else loss.item(), "clock": float(seen)}

    def examples(self, given: Batch) -> Tensor:
        count = len(given["image"])
        code = torch.randn(count, LATENT, device=self.fabric.device)
        return self.modules["average"](code).reshape(count, 1, self.side, self.side).clamp(-1, 1).cpu()

    def start_from(self, tensors: Mapping[str, Tensor]) -> int:
        taken = super().start_from(tensors)
        self.modules["network"].parts["decoder"].load_state_dict(self.modules["average"].state_dict())
        return taken

    def weights(self) -> tuple[dict[str, Tensor], dict[str, object]]:
        state = self.modules["average"].state_dict()
        return {f"average.{name}": tensor for name, tensor in state.items()}, {"side": self.side}


class _Through(nn.Module):
    def __init__(self, parts: nn.ModuleDict) -> None:
        super().__init__()
        self.parts = parts

    def forward(self, image: Tensor) -> Tensor:
        code = self.parts["encoder"](image)
        return self.parts["decoder"](code + 0.1 * torch.randn_like(code))


class Toy(Objective):
    """A toy."""

    kind: Literal["toy"] = "toy"
    version: Literal[1] = 1
    rate: float = parameter(0.01, doc="Learning rate.", bounds="> 0")
    diverges_after: int = parameter(10**9, doc="Samples.", bounds=">= 0")

    def begin(self, example: Batch, fabric: Fabric) -> Training:
        _, height, width = example["image"].shape
        if height != width:
            raise ValueError(f"the toy needs square images, got {height} x {width}")
        return ToyTraining(fabric, height, self)


def brightness(examples: Examples, reference: Tensor) -> Judge:
    """Difference of the means."""
    return lambda made: float((reference.mean() - made.mean()).abs())


def register() -> None:
    """Make the toys known."""
    kinds(Objective.room)["toy"] = "tests.train.toys:Toy"
    SCORES["brightness"] = "tests.train.toys:brightness"


PLAN: dict[str, Any] = {
    "name": "toy",
    "seed": 3,
    "objective": {"kind": "toy"},
    "examples": {"kind": "mask-crops", "shape": [16, 16], "encoding": "binary", "objects": 1},
    "batch": 4,
    "samples": 80,
    "tick": 20,
    "snapshot": 40,
    "score": "brightness",
    "scored": 8,
    "validation": 0.25,
}

if __name__ == "__main__":
    from cellsim.cli import main

    register()
    main()
