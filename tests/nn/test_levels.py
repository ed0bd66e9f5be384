"""From images of networks to bytes."""

from __future__ import annotations

import numpy as np
import torch

from cellsim.nn.levels import as_levels


def test_minus_one_to_one_are_all_levels_and_more_is_cut() -> None:
    images = torch.tensor([-3.0, -1.0, -0.5, 0.0, 1.0, 7.0])[None, None, None]
    assert as_levels(images).ravel().tolist() == [0, 0, 64, 128, 255, 255]
    every = torch.arange(256).float()[None, None, None] / 127.5 - 1
    np.testing.assert_array_equal(as_levels(every).ravel(), np.arange(256))


def test_enlarged_images_are_interpolated() -> None:
    ramp = torch.tensor([-1.0, 1.0])[None, None, None].expand(1, 1, 2, 2)
    assert as_levels(ramp, 2).shape == (1, 1, 4, 4)
    assert as_levels(ramp, 2)[0, 0, 1].tolist() == [0, 64, 191, 255]
