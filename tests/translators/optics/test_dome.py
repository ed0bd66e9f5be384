"""Domes, and the distances beneath them, against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellsim.translators.optics.dome import domes
from tests.strategies import label_images


def by_brute_force(labels: np.ndarray, spacing: tuple[float, ...], edge: float) -> np.ndarray:
    """From the centre of each pixel to the nearest point of a pixel that is not of its object."""
    expected = np.zeros(labels.shape)
    places = np.argwhere(np.ones(labels.shape, bool))
    for at in np.argwhere(labels > 0):
        foreign = places[labels.ravel() != labels[tuple(at)]]
        gaps = np.maximum(abs(foreign - at) - 0.5, 0) * spacing
        u = min(np.sqrt((gaps**2).sum(axis=1)).min(initial=np.inf) / edge, 1)
        expected[tuple(at)] = u * (2 - u)
    return expected


@pytest.mark.parametrize("ndim", [2, 3])
@given(data=st.data(), edge=st.sampled_from([0.3, 1.7, 4.0, 50.0]))
def test_domes_rise_from_the_border_of_each_object(ndim: int, data: st.DataObject, edge: float) -> None:
    labels = data.draw(label_images(ndim, most=2))
    spacing = tuple(data.draw(st.sampled_from([0.5, 1.0, 1.3])) for _ in range(ndim))
    labels.flags.writeable = False
    found = domes(labels, spacing, edge)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, by_brute_force(labels, spacing, edge), atol=2e-6)


def test_the_profile_of_a_straight_border_is_a_parabola() -> None:
    labels = np.zeros((5, 40), np.uint16)
    labels[:, 20:] = 1
    x = np.arange(20) * 0.5 + 0.25
    u = np.minimum(x / 6.0, 1)
    found = domes(labels, (1.0, 0.5), 6.0)
    np.testing.assert_allclose(found[2, 20:], u * (2 - u), atol=1e-6)
    assert not found[:, :20].any()
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(domes(labels, (1.0, 0.5), 6.5)[2, 20:], u * (2 - u), atol=1e-6)


def test_between_touching_objects_there_is_a_groove() -> None:
    labels = np.ones((1, 20), np.uint16)
    labels[:, 10:] = 2
    found = domes(labels, (1.0, 1.0), 4.0)[0]
    assert found[9] == found[10] == found.min()
    np.testing.assert_array_equal(found[[0, 19]], 1)  # the border of the canvas is none
