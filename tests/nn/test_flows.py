"""Flows by PyTorch, against those of the kernels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from cellsim.masks import flows as kernels
from cellsim.nn.flows import decode_flows, encode_flows
from cellsim.sample import Labels
from tests.masks.test_flows import CLOSE, TOUCHING
from tests.strategies import label_images

STACK = np.stack([TOUCHING, TOUCHING[::-1, ::-1], np.zeros_like(TOUCHING), np.minimum(TOUCHING, 1)])


def assert_equal_flows(found: torch.Tensor, expected: np.ndarray) -> None:
    np.testing.assert_array_equal((found != 0).any(dim=-3).numpy(), (expected != 0).any(axis=-3))
    assert np.mean(abs(found.numpy() - expected) > CLOSE) < 1e-3
    cosine = (found.numpy() * expected).sum(axis=-3)[(expected != 0).any(axis=-3)]
    assert cosine.min(initial=1) > 0.9999


def test_flows_are_those_of_the_kernels() -> None:
    flow, probability = encode_flows(torch.as_tensor(STACK.astype(np.int64)))
    expected, inside = kernels.encode_flows(STACK)
    assert_equal_flows(flow, expected)
    np.testing.assert_array_equal(probability.numpy(), inside)
    assert flow.dtype == probability.dtype == torch.float32


def test_a_further_piece_and_a_long_thin_object_have_flows() -> None:
    labels = np.zeros((8, 200), np.uint16)
    labels[1], labels[4, :20], labels[6:, 60:70] = 1, 2, 2
    flow, _ = encode_flows(torch.as_tensor(labels[np.newaxis].astype(np.int32)))
    assert_equal_flows(flow[0], kernels.encode_flows(labels)[0])


@settings(max_examples=10)
@given(labels=label_images(2, largest=12))
def test_any_objects_have_the_flows_of_the_kernels(labels: Labels) -> None:
    flow, _ = encode_flows(torch.as_tensor(labels[np.newaxis].astype(np.int32)))
    expected, _ = kernels.encode_flows(labels)
    np.testing.assert_array_less(abs(np.linalg.norm(flow[0], axis=0) - np.linalg.norm(expected, axis=0)), 1e-3)


@pytest.mark.parametrize("noise", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("error", [None, 0.4])
def test_labels_are_those_of_the_kernels(noise: float, error: float | None) -> None:
    rng = np.random.default_rng(1)
    flow, probability = kernels.encode_flows(STACK)
    flow += noise * rng.standard_normal(flow.shape, np.float32)
    probability += 0.1 * noise * rng.standard_normal(probability.shape, np.float32)
    expected = kernels.track_flows(flow, probability, 0.5, 5, error)
    labels, converged = decode_flows(torch.as_tensor(flow), torch.as_tensor(probability), 0.5, 5, error)
    assert labels.dtype == torch.int32
    np.testing.assert_array_equal(labels.numpy(), expected.labels)
    np.testing.assert_allclose(converged.numpy(), expected.converged)


def test_a_flow_that_is_no_number_is_refused() -> None:
    flow, probability = encode_flows(torch.as_tensor(STACK.astype(np.int64)))
    flow[1, 0, 20, 20] = torch.inf
    with pytest.raises(ValueError, match="flow must be finite"):
        decode_flows(flow, probability)
