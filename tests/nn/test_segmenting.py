"""From images to labels: intensities, sizes, objects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from cellsim.errors import InputError
from cellsim.masks.flows import encode_flows
from cellsim.nn.networks import ImageNetwork
from cellsim.nn.segmentation_unet import SegmentationUnet
from cellsim.nn.segmenting import SCALE, TrainedSegmenter, objects_of, percentiles_of, stretched
from cellsim.nn.weights import save_weights


def test_percentiles_become_the_ends_of_each_channel() -> None:
    ramp = np.linspace(0, 1, 101, dtype=np.float32)
    image = np.stack([ramp, 0.2 + 0.1 * ramp])[:, np.newaxis]
    seen = stretched(image, *percentiles_of(image, (10, 90)))
    assert seen[0, 0, [0, 10, 50, 90, 100]] == pytest.approx([-1, -1, 0, 1, 1], abs=1e-5)
    assert seen[1] == pytest.approx(seen[0], abs=1e-4)


def test_a_flat_channel_is_dark() -> None:
    image = np.full((1, 4, 4), 0.3, np.float32)
    assert (stretched(image, *percentiles_of(image, (1, 99))) == -1).all()


def test_objects_come_back_from_their_flows() -> None:
    labels = np.zeros((40, 40), np.uint16)
    labels[4:16, 4:16], labels[16:30, 4:16], labels[36:38, 36:38] = 1, 2, 3
    found = objects_of(*encode_flows(labels))
    assert found.max() == 2, "what is smaller than 15 px is dropped"
    for i in (1, 2):
        (name,) = np.unique(found[labels == i])
        assert ((found == name) == (labels == i)).all()


def test_objects_whose_flow_contradicts_them_are_dropped() -> None:
    labels = np.zeros((40, 40), np.uint16)
    labels[8:30, 8:30] = 1
    flow, cell = encode_flows(labels)
    assert objects_of(flow, cell).max() == 1
    assert objects_of(flow * np.float32(0.1), cell).max() == 0


class Oracle(ImageNetwork):
    """A network that knows: bright pixels belong to one square."""

    def __init__(self) -> None:
        super().__init__(16)

    def run(self, images: Tensor, keeps: object) -> Tensor:
        labels = (images[:, 0] > 0).numpy().astype(np.uint16)
        flow, cell = encode_flows(labels)
        return torch.cat([SCALE * torch.from_numpy(flow), torch.from_numpy(20 * cell - 10)[:, None]], 1)


@pytest.mark.parametrize("shape", [(48, 48), (37, 50), (9, 33)])
def test_images_of_any_size_are_segmented(shape: tuple[int, int]) -> None:
    image = np.zeros((1, *shape), np.float32)
    image[0, 1:8, 5:20] = 0.7
    found = TrainedSegmenter(Oracle(), 1, (0.0, 100.0))(image)
    assert found.shape == shape
    assert ((found == 1) == (image[0] > 0)).all()


def test_it_is_read_from_its_weights(tmp_path: Path) -> None:
    torch.manual_seed(1)
    sizes = SegmentationUnet(inputs=2, levels=1, filters=4)
    network = sizes().eval()
    tensors = {f"network.{name}": tensor for name, tensor in network.state_dict().items()}
    settings = {"network": "segmenter", "segmenter": sizes.model_dump(mode="json"), "percentiles": [2, 98]}
    path = tmp_path / "cells.safetensors"
    save_weights(path, tensors, settings)
    found = TrainedSegmenter.load(path)
    assert found.percentiles == (2, 98)
    images = torch.rand(1, 2, 16, 16)
    with torch.inference_mode():
        assert torch.allclose(found.network(images), network(images), atol=1e-2)  # float16 on disk
    with pytest.raises(InputError, match="takes images of 2 channels, got 1"):
        found(np.zeros((1, 16, 16), np.float32))
    save_weights(path, tensors, settings | {"network": "pix2pix"})
    with pytest.raises(InputError, match="must hold a segmenter, got 'pix2pix'"):
        TrainedSegmenter.load(path)
