"""The largest piece of single objects, against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from cellsim.masks.lift import lift_image
from cellsim.masks.pieces import keep_largest, keep_pieces, survey
from tests.strategies import masks

many = st.lists(st.one_of(masks(2, 9), masks(3, 5)), min_size=1, max_size=5)


def largest(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The first largest piece."""
    pieces, n = ndimage.label(mask)
    return mask & (pieces == 1 + np.argmax(np.bincount(pieces.ravel(), minlength=n + 1)[1:])) if n else mask


@given(mask=st.one_of(masks(2), masks(3, 6)))
def test_the_first_of_the_largest_pieces_is_kept(mask: NDArray[np.bool_]) -> None:
    kept = mask.copy()
    keep_largest(lift_image(kept))
    np.testing.assert_array_equal(kept, largest(mask))


@given(mask=st.one_of(masks(2), masks(3, 6)))
def test_a_survey_finds_the_box_and_never_calls_pieces_connected(mask: NDArray[np.bool_]) -> None:
    connected, low, high = survey(lift_image(mask))
    at = np.argwhere(lift_image(mask))
    if len(at):
        assert (list(low), list(high)) == (at.min(axis=0).tolist(), (at.max(axis=0) + 1).tolist())
    else:
        assert high == (0, 0, 0)
    assert not connected or ndimage.label(mask)[1] <= 1


@pytest.mark.parametrize("ndim", [2, 3])
def test_a_ball_is_seen_to_be_connected(ndim: int) -> None:
    ball = (np.indices((9,) * ndim) - 4.2) ** 2
    assert survey(lift_image(ball.sum(axis=0) <= 14))[0]


def test_one_run_in_every_row_is_not_enough() -> None:
    for rows in (["#..", "..#"], ["##.", "...", "##."], ["#.#"]):
        assert not survey(np.array([[[c == "#" for c in row] for row in rows]]))[0]
    apart = np.zeros((2, 1, 4), np.bool_)
    apart[0, 0, :2] = apart[1, 0, 2:] = True
    assert not survey(apart)[0]


@given(found=many, corner=st.integers(-9, 9))
def test_windows_are_cut_to_the_largest_pieces(found: list[NDArray[np.bool_]], corner: int) -> None:
    lifted = [lift_image(mask) for mask in found]
    pixels = np.concatenate([mask.ravel() for mask in lifted])
    start = np.cumsum([0] + [mask.size for mask in lifted])
    shape = np.array([mask.shape for mask in lifted])
    corners, home = np.full_like(shape, corner), np.full_like(shape, 77)
    keep_pieces(pixels, start, shape, corners, home)
    for i, mask in enumerate(lifted):
        cut = pixels[start[i] : start[i + 1]].reshape(shape[i])
        at = np.argwhere(largest(mask)) + corner if mask.any() else home[i : i + 1]
        np.testing.assert_array_equal(np.argwhere(cut) + corners[i], at)
        assert (corners[i] == at.min(axis=0)).all()
        assert (corners[i] + shape[i] == at.max(axis=0) + 1).all()
