"""Cellpose trains from scratch on an exported folder, and on the data set itself."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import cellsim
from tests.consumers.conftest import PAGES, Follow
from tests.pages import run_command

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def _installed() -> None:
    pytest.importorskip("cellpose")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give Cellpose a small network, which trains in seconds; `eval` wants 256 features at its end."""
    from cellpose import models
    from cellpose.resnet_torch import CPnet

    def network(nbase: list[int], *args: Any, **kwargs: Any) -> CPnet:
        return CPnet([nbase[0], 4, 8, 16, 256], *args, **kwargs)

    monkeypatch.setattr(models, "CPnet", network)


def test_cellpose_trains_on_the_folder_and_on_the_data_set(follow: Follow, small: None) -> None:
    names = follow("cellpose")
    dataset, parts = names["dataset"], names["parts"]
    here = [i for i, part in enumerate(parts) if part == "train"]
    assert len(names["images"]) == len(here) == 16 - len(names["test_images"])
    for i, image, labels in zip(here, names["images"], names["labels"], strict=True):
        np.testing.assert_array_equal(image, dataset.raw([i])["image"][0][0])
        assert_same_objects(labels, dataset[i].labels[0])
    assert Path("for-cellpose/models/cells").stat().st_size > 1e5
    assert Path("for-cellpose/models/cells-again").exists()
    assert len(names["losses"]) == 2
    assert (names["losses"] > 0).all()
    assert names["model"].diam_labels == pytest.approx(names["network"].diam_labels.item())
    assert [found.shape for found in names["found"]] == [(96, 96)] * len(names["test_images"])


def assert_same_objects(found: NDArray[Any], wanted: NDArray[Any]) -> None:
    """The objects are the same, whatever their ids: training renumbers them."""
    pairs = np.unique(np.stack([found, wanted]).reshape(2, -1), axis=1)
    assert pairs.shape[1] == len(np.unique(found)) == len(np.unique(wanted))
    assert (pairs[:, 0] == 0).all()


@pytest.mark.slow
def test_a_small_network_of_cellpose_learns_cells(cells: Path, tmp_path: Path, small: None) -> None:
    import torch
    from cellpose import models, train

    torch.manual_seed(0)
    dataset = cellsim.open_dataset(cells)
    model = models.CellposeModel(pretrained_model=False)
    images, labels = ([sample.image[0] for sample in dataset], [sample.labels[0] for sample in dataset])
    kwargs = {"channels": [0, 0], "bsize": 96, "min_train_masks": 1, "rescale": False}
    train.train_seg(model.net, images[:12], labels[:12], n_epochs=200, save_path=tmp_path, **kwargs)
    found, *_ = model.eval(images[12:], channels=[0, 0], rescale=1.0)
    scores = cellsim.score(labels[12:], list(found)).at(0.5)
    assert sum(one.tp for one in scores) > 0.5 * sum(one.tp + one.fn for one in scores)


@pytest.mark.slow
def test_the_command_line_of_cellpose_trains_on_the_folder(
    cells: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: None
) -> None:
    from cellpose.__main__ import main

    monkeypatch.chdir(tmp_path)
    run_command(f"cellsim export {cells} --format cellpose -o for-cellpose --split 0.8/0.2")
    words = "--dir for-cellpose/train --test_dir for-cellpose/val --img_filter _img --pretrained_model None --chan 0"
    assert f"cellpose --train {words}\n" in (PAGES / "cellpose.md").read_text()
    brief = "--n_epochs 1 --min_train_masks 1 --model_name_out cells"
    monkeypatch.setattr(sys, "argv", ["cellpose", "--train", *words.split(), *brief.split()])
    main()
    assert Path("for-cellpose/train/models/cells").exists()
