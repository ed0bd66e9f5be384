"""Lightning trains on the two parts of a data set."""

from __future__ import annotations

import pytest
import torch

from tests.consumers.conftest import Follow


@pytest.mark.filterwarnings("ignore")  # Lightning warns of few workers and much else
def test_lightning_trains_on_it(follow: Follow, torchvision: None) -> None:
    names = follow("lightning")
    trainer = names["trainer"]
    assert (trainer.current_epoch, trainer.global_step) == (2, 2 * 4)
    assert 0 < trainer.callback_metrics["validation loss"] < 2
    train, validation = names["data"].train_dataloader(), names["data"].val_dataloader()
    assert (len(train.dataset), len(validation.dataset)) == (13, 3)
    assert set(train.dataset.indices) & set(validation.dataset.indices) == set()
    item = validation.dataset[0]
    assert torch.equal(item["image"], names["dataset"].torch()[validation.dataset.indices[0]]["image"])
