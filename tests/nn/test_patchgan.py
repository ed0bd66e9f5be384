"""The discriminators have the published sizes, and judge patches of the published size."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from cellsim.nn.networks import count_parameters
from cellsim.nn.patchgan import PatchGan, SmallPatchGan


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({"inputs": 6}, 2_768_705),
        ({"inputs": 3, "norm": "instance"}, 2_764_737),
        ({"inputs": 2}, 2_764_609),
        ({"inputs": 1}, 2_763_585),
        ({"inputs": 1, "norm": "instance"}, 2_762_689),
        ({"inputs": 6, "layers": 0}, 9_024),
    ],
)
def test_a_discriminator_has_as_many_weights_as_published(fields: dict[str, Any], count: int) -> None:
    with torch.device("meta"):
        assert count_parameters(PatchGan(**fields)()).trainable == count


@pytest.mark.parametrize(("inputs", "count"), [(5, 695_041), (6, 695_297)])
def test_the_small_one_has_as_many_parameters_as_published(inputs: int, count: int) -> None:
    with torch.device("meta"):
        assert count_parameters(SmallPatchGan(inputs=inputs)()).total == count


def out(network: torch.nn.Module, inputs: int, *size: int) -> tuple[int, ...]:
    return tuple(network.to("meta")(torch.zeros(1, inputs, *size, device="meta")).shape[1:])


def test_there_is_a_number_a_patch() -> None:
    assert out(PatchGan(inputs=1, filters=2)(), 1, 256, 256) == (1, 30, 30)
    assert out(PatchGan(inputs=1, filters=2)(), 1, 512, 768) == (1, 62, 94)
    assert out(PatchGan(inputs=1, filters=2, layers=0)(), 1, 20, 30) == (1, 20, 30)
    assert out(SmallPatchGan(filters=2)(), 5, 128, 128) == (1, 18, 18)


@pytest.mark.parametrize(("layers", "edge"), [(0, 1), (1, 16), (2, 34), (3, 70), (4, 142)])
def test_a_number_judges_its_patch(layers: int, edge: int) -> None:
    torch.manual_seed(0)
    made = PatchGan(inputs=1, filters=2, layers=layers)().eval()
    images = torch.randn(1, 1, 320, 320, requires_grad=True)
    logits = made(images)
    logits[0, 0, logits.shape[2] // 2, logits.shape[3] // 2].backward()
    assert images.grad is not None
    rows, columns = (images.grad[0, 0] != 0).nonzero().T
    assert (int(rows.max() - rows.min() + 1), int(columns.max() - columns.min() + 1)) == (edge, edge)
