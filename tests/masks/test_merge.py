"""Objects of two parts in common windows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cellsim.masks.crops import Crops
from cellsim.masks.merge import merged


@given(st.integers(0, 999), st.sampled_from([2, 3]))
def test_parts_are_where_they_were_and_share_nothing(seed: int, ndim: int) -> None:
    rng = np.random.default_rng(seed)
    n = 5
    parts = []
    for _ in range(2):
        crops = Crops.from_list([rng.random(tuple(rng.integers(1, 5, ndim))) < 0.7 for _ in range(n)], ndim)
        crops.corner[:, 3 - ndim :] = rng.integers(-4, 6, (n, ndim))
        parts.append(crops)
    there = rng.random((2, n)) < 0.7
    there[0] |= ~there.any(axis=0)
    both, first, second = merged(parts[0], parts[1], there)
    for i in range(n):
        expected = [set(), set()]
        for k in range(2):
            if there[k, i]:
                expected[k] = {tuple(at) for at in np.argwhere(parts[k].crop(i)) + parts[k].corner[i, 3 - ndim :]}
        found = [{tuple(at) for at in np.argwhere(c.crop(i)) + c.corner[i, 3 - ndim :]} for c in (first, second, both)]
        assert found == [expected[0], expected[1] - expected[0], expected[0] | expected[1]]
