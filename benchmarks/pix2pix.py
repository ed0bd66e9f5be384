"""The translator pix2pix beside its bare network, and a step of training: images a second."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric

from benchmarks.timing import interleaved_ms, row
from cellsim.nn.networks import build, draw_keeps, for_inference
from cellsim.nn.weights import save_weights
from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.train.plan import TrainPlan
from cellsim.translators.pix2pix import Pix2Pix

EDGE = 256
CHAINS = {"1x": (("tanh",), ">= 30"), "3x": (("tanh", "gelu", "tanh"), ">= 6")}  # half of what two cores must reach
STEPS = 5


def sample() -> Sample:
    """Sixty squares of nuclear size."""
    labels = np.zeros((1, EDGE, EDGE), np.uint16)
    places = np.random.default_rng(0).integers(0, EDGE - 16, (60, 2))
    for i, (y, x) in enumerate(places.tolist(), 1):
        labels[0, y : y + 16, x : x + 16] = i
    ids = np.unique(labels, return_inverse=True)[1].reshape(labels.shape)
    return Sample(ids.astype(np.uint16), (1.0, 1.0))


def weights(folder: Path, sizes: dict[str, Any]) -> Path:
    """Weights that were not trained."""
    path = folder / f"{len(sizes['activations'])}.safetensors"
    tensors = {f"generator.{name}": tensor for name, tensor in build(sizes).state_dict().items()}
    given = {"encoding": "layers", "layers": 4, "gap": 2}
    save_weights(
        path,
        tensors,
        {"network": "pix2pix", "generator": sizes, "input": given, "low": [0], "high": [1], "channels": ["gray"]},
    )
    return path


def images(folder: Path) -> None:
    """Time the translator beside its network with noise, and beside it without."""
    given = sample()
    for name, (activations, goal) in CHAINS.items():
        sizes = {"kind": "unet-chain", "activations": list(activations)}
        step, network = Pix2Pix(weights=weights(folder, sizes)), for_inference(build(sizes))
        layers = torch.randn(1, 4, EDGE, EDGE).contiguous(memory_format=torch.channels_last)
        keeps = draw_keeps(network.keep_shapes(EDGE, EDGE), [np.random.default_rng(0)])
        calls = {
            "network": lambda network=network, layers=layers, keeps=keeps: network(layers, keeps),
            "translator": lambda step=step: step(given, stream(0, 0, "pix2pix")),
        }
        with torch.inference_mode():
            found = interleaved_ms(calls, 20)
        row(
            f"translator on one core, {name} U-Net, 16 filters, {EDGE} x {EDGE}",
            f"{1e3 / found['translator']:.1f} images/s",
            goal,
        )
        row(f"its time, of its network's, {name}", f"{found['translator'] / found['network']:.2f} x")


def training() -> None:
    """Time a step of the plan, by the processor's clock."""
    plan = TrainPlan.load("nuclei-pix2pix")
    example = {"input": torch.zeros(4, 128, 128), "image": torch.zeros(1, 128, 128)}
    began = plan.objective.begin(example, Fabric(accelerator="cpu", devices=1))
    form = torch.channels_last
    for module in began.modules.values():
        module.to(memory_format=form)  # type: ignore[call-overload]
    batch = {k: torch.rand(plan.batch, *x.shape).contiguous(memory_format=form) for k, x in example.items()}
    began.step(batch, 0)
    start = time.process_time()
    for i in range(STEPS):
        began.step(batch, plan.batch * (i + 1))
    seconds = time.process_time() - start
    row("a step of nuclei-pix2pix", f"{STEPS * plan.batch / seconds:.1f} images per second of a core")


def main() -> None:
    """Time images and training."""
    with tempfile.TemporaryDirectory() as folder:
        images(Path(folder))
    training()
