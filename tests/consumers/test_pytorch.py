"""A U-Net of the documentation trains on a data set, and what it finds is decoded and scored."""

from __future__ import annotations

import numpy as np
import pytest

from tests.consumers.conftest import Follow


def test_a_plain_unet_trains_on_it(follow: Follow) -> None:
    names = follow("pytorch")
    assert (len(names["split"].train), len(names["split"].validation)) == (13, 3)
    assert len(names["losses"]) == 2 * 4
    assert np.isfinite(names["losses"]).all()
    for item, objects in zip(names["truth"], names["objects"], strict=True):
        assert item.shape == objects.shape == (96, 96)
        assert item.max() > 2


@pytest.mark.slow
def test_it_learns_cells_that_it_has_not_seen(follow: Follow) -> None:
    names = follow("pytorch", epochs=60)
    assert np.mean(names["losses"][-4:]) < np.mean(names["losses"][:4]) / 2
    assert names["pooled"](names["scores"].at(0.5)).f1 > 0.5
