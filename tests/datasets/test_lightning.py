"""A data set under Lightning: it trains, and no field of view is in both parts."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import cellsim
from cellsim.datasets.lightning import data_module
from cellsim.datasets.split import split_by_parent
from cellsim.datasets.torch import Items
from tests.recipes import small_recipe


@pytest.mark.filterwarnings("ignore")  # Lightning warns of few workers and much else
def test_lightning_trains_on_it(tmp_path: Path, torchvision: None) -> None:
    import lightning

    class Network(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Conv2d(1, 1, 3, padding=1)
            self.seen: list[int] = []
            self.checked: list[int] = []

        def training_step(self, batch: dict[str, torch.Tensor], _: int) -> torch.Tensor:
            self.seen += batch["index"].tolist()
            return ((self.layer(batch["image"]) - batch["boundaries"].float()) ** 2).mean()

        def validation_step(self, batch: dict[str, torch.Tensor], _: int) -> None:
            self.checked += batch["index"].tolist()

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), 0.1)

    cellsim.make(small_recipe(), 20, tmp_path / "a.zarr", workers=1)
    items = Items(["index", "image", "boundaries"])
    dataset = cellsim.open_dataset(tmp_path / "a.zarr")
    data = data_module(dataset, 0.3, items, batch_size=4)
    network = Network()
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    trainer = lightning.Trainer(max_epochs=1, accelerator="cpu", num_sanity_val_steps=0, **quiet)
    trainer.fit(network, datamodule=data)
    split = split_by_parent(dataset, 0.3)
    assert sorted(network.seen) == list(split.train)
    assert sorted(network.checked) == list(split.validation)
    assert sorted(network.seen + network.checked) == list(range(20))
