"""One piece, no hole, whole: or no single object."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from cellsim.masks.singles import is_single


def picture(text: str) -> np.ndarray:
    return np.array([[c == "#" for c in row] for row in text.split("/")])


@pytest.mark.parametrize(
    ("text", "single"),
    [
        ("...../.##../.###./...../.....", True),
        ("...../.#.#./.###./...../.....", True),  # a bay
        ("...../.###./.#.#./.###./.....", False),  # a hole
        ("...../.##../.#.#./..##./.....", False),  # a ring whose pieces meet at corners is two pieces
        ("...../.#.../...#./...../.....", False),  # two pieces
        ("...../.#.../..#../...../.....", False),  # corners do not join
        ("...../...../...../...../.....", False),
    ],
)
def test_pictures_are_told_apart(text: str, single: bool) -> None:
    assert is_single(picture(text)) is single


@pytest.mark.parametrize("turn", range(4))
def test_an_object_at_the_border_may_be_cut(turn: int) -> None:
    mask = np.ascontiguousarray(np.rot90(picture("#..../##.../...../....."), turn))
    assert not is_single(mask)
    assert is_single(mask, whole=False)


@given(arrays(np.bool_, st.tuples(st.integers(3, 9), st.integers(3, 9))))
def test_it_agrees_with_pieces_and_filled_holes(mask: np.ndarray) -> None:
    filled = ndimage.binary_fill_holes(mask)
    assert is_single(mask, whole=False) == (ndimage.label(mask)[1] == 1 and bool((filled == mask).all()))
