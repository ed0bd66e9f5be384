"""Gradient vector flow, against its Euler equation."""

from __future__ import annotations

import numpy as np

from cellsim.masks.vector_flow import STIFFNESS, _relax, encode_vector_flow
from tests.masks.test_flows import TOUCHING, disks


def test_field_solves_the_euler_equation() -> None:
    inside = np.pad(TOUCHING == 2, 1).astype(np.float64)
    slope = np.gradient(inside)
    weight = slope[0] ** 2 + slope[1] ** 2
    for axis in range(2):
        field = _relax(inside, axis, STIFFNESS)
        bend = np.zeros_like(field)
        for step, along in ((1, 0), (-1, 0), (1, 1), (-1, 1)):
            bend += np.roll(inside, step, along) * (np.roll(field, step, along) - field)
        left = STIFFNESS * bend - weight * (field - slope[axis])
        assert abs(left[inside > 0]).max() < 1e-3


def test_vectors_point_inwards_and_have_unit_length() -> None:
    labels = disks((20.2, 30.3, 14))
    flow, probability = encode_vector_flow(labels)
    np.testing.assert_array_equal(probability, labels > 0)
    assert not flow[:, labels == 0].any()
    y, x = np.nonzero(labels)
    away = np.stack([y - 20.2, x - 30.3])
    distance = np.linalg.norm(away, axis=0)
    assert np.linalg.norm(flow[:, y, x], axis=0)[distance > 2].min() > 0.999
    assert (-(flow[:, y, x] * away).sum(axis=0) / distance)[distance > 2].min() > 0.85  # steps of the rim


def test_objects_do_not_know_each_other() -> None:
    together, _ = encode_vector_flow(TOUCHING)
    for i in range(1, 5):
        alone, _ = encode_vector_flow(np.where(i == TOUCHING, TOUCHING, 0))
        np.testing.assert_array_equal(together[:, i == TOUCHING], alone[:, i == TOUCHING])
