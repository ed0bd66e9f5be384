"""The chained U-Nets have the sizes of the paper's Table 1, and see what they should."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from cellsim.nn.networks import count_parameters, draw_keeps
from cellsim.nn.unet import UnetChain

# Table 1: filters, kernel, last activations: 4 levels with 4 and 5 inputs, 6 levels with 4 and 5 inputs
TABLE = """
16 3 tanh: 883873 884017 14164129 14164273
32 3 tanh: 3528001 3528289 56630593 56630881
64 3 tanh: 14097025 14097601 226470529 226471105
16 5 tanh: 2450081 2450481 39323297 39323697
32 5 tanh: 9789761 9790561 157264193 157264993
64 5 tanh: 39137921 39139521 628998785 629000385
16 7 tanh: 4799393 4800177 77062049 77062833
32 7 tanh: 19182401 19183969 308214593 308216161
64 7 tanh: 76699265 76702401 1232791169 1232794305
16 3 tanh tanh: 1767890 1768178 28328402 28328690
16 3 gelu tanh: 1767890 1768178 28328402 28328690
16 5 tanh tanh: 4900562 4901362 78646994 78647794
16 5 gelu tanh: 4900562 4901362 78646994 78647794
16 7 tanh tanh: 9599570 9601138 154124882 154126450
16 7 gelu tanh: 9599570 9601138 154124882 154126450
16 3 tanh tanh tanh: 2652051 2652483 42492819 42493251
16 3 tanh gelu tanh: 2652051 2652483 42492819 42493251
16 5 tanh tanh tanh: 7351443 7352643 117971091 117972291
16 5 tanh gelu tanh: 7351443 7352643 117971091 117972291
16 7 tanh tanh tanh: 14400531 14402883 231188499 231190851
16 7 tanh gelu tanh: 14400531 14402883 231188499 231190851
""".strip().splitlines()


def rows() -> list[tuple[dict[str, Any], int]]:
    found = []
    for line in TABLE:
        sizes, _, counts = line.partition(":")
        filters, kernel, *activations = sizes.split()
        fields = {"filters": int(filters), "kernel": int(kernel), "activations": tuple(activations)}
        shapes = [(levels, inputs) for levels in (4, 6) for inputs in (4, 5)]
        for (levels, inputs), count in zip(shapes, counts.split(), strict=True):
            found.append((fields | {"levels": levels, "inputs": inputs}, int(count)))
    return found


def test_the_table_of_the_paper_has_84_numbers() -> None:
    assert len({tuple(fields.items()) for fields, _ in rows()}) == 84


@pytest.mark.parametrize(("fields", "count"), rows(), ids=str)
def test_a_network_has_as_many_parameters_as_in_the_paper(fields: dict[str, Any], count: int) -> None:
    with torch.device("meta"):
        assert count_parameters(UnetChain(**fields)()).total == count


def test_the_running_statistics_are_counted() -> None:
    assert count_parameters(UnetChain()()) == (882_433, 1_440)
    assert count_parameters(UnetChain()()).total == 883_873


def test_six_levels_see_128_pixels_at_the_lowest() -> None:
    made = UnetChain(levels=6, filters=1)()
    assert made.multiple == 128
    assert made.keep_shapes(128, 256) == [(32, 2, 4), (16, 4, 8)]


@torch.no_grad()
def test_the_next_unet_sees_the_inputs_and_what_came_before() -> None:
    torch.manual_seed(0)
    made = UnetChain(inputs=2, levels=2, filters=2, activations=("tanh", "gelu", "tanh"))().eval()
    seen: list[torch.Tensor] = []
    for unet in made.unets:
        unet.register_forward_hook(lambda _, inputs, output: seen.extend([inputs[0], output]))
    images = torch.randn(1, 2, 16, 16)
    found = made(images)
    assert [seen[k].shape[1] for k in (0, 2, 4)] == [2, 3, 4]
    torch.testing.assert_close(seen[2], torch.cat([images, seen[1]], 1))
    torch.testing.assert_close(seen[4], torch.cat([images, seen[1], seen[3]], 1))
    torch.testing.assert_close(found, seen[5])
    assert seen[1].abs().max() < 1, "tanh"
    assert seen[3].min() >= -0.17, "the least value of gelu"


@torch.no_grad()
def test_what_is_made_moves_with_what_is_seen() -> None:
    torch.manual_seed(0)
    made = UnetChain(inputs=1, levels=2, filters=4, kernel=5)().eval()
    images = torch.zeros(2, 1, 128, 128)
    patch = torch.randn(8, 8)
    images[0, 0, 56:64, 56:64] = patch
    images[1, 0, 56 + made.multiple : 64 + made.multiple, 56:64] = patch
    found = made(images)
    assert found[0].abs().max() > 1e-3
    torch.testing.assert_close(found[1, :, made.multiple :], found[0, :, : -made.multiple], rtol=1e-4, atol=1e-6)


@torch.no_grad()
def test_dropout_of_the_first_two_decoder_blocks_reaches_the_image() -> None:
    torch.manual_seed(0)
    made = UnetChain(inputs=1, levels=4, filters=2)().eval()
    images, rng = torch.randn(1, 1, 32, 32), np.random.default_rng(0)
    keeps = draw_keeps(made.keep_shapes(32, 32), [rng])
    found = made(images, keeps)
    for k in range(2):
        changed = [~keep if i == k else keep for i, keep in enumerate(keeps)]
        assert not torch.allclose(made(images, changed), found, atol=1e-5)


def test_the_finish_sees_the_input_at_full_resolution() -> None:
    torch.manual_seed(0)
    network = UnetChain(levels=1, filters=2, finish=3)().eval()
    given = torch.randn(1, 4, 16, 16, requires_grad=True)
    assert network(given).shape == (1, 1, 16, 16)
    with torch.no_grad():
        network.unets[0].decoder[-1].conv.weight.zero_()  # what came through half the resolution
    (gradient,) = torch.autograd.grad(network(given)[0, 0, 7, 5], given)
    rows, columns = (np.flatnonzero(gradient.abs().sum((0, 1, axis)).numpy()) for axis in (3, 2))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (6, 8, 4, 6)
