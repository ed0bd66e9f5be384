"""Features of masks in flow space."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cellsim.evaluate.features.flow_texture import FlowTexture
from tests.evaluate.features.samples import disks, many, turned


def test_every_mask_has_a_row_of_finite_numbers() -> None:
    found = FlowTexture()([*many(2), replace(disks(0), labels=np.zeros((1, 64, 64), np.uint16))])
    assert found.shape == (3, 61)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_mask_has_the_same_features(flip: bool, quarters: int) -> None:
    sample = disks(1, objects=4)
    found = FlowTexture()([turned(sample, flip, quarters)])
    np.testing.assert_allclose(found, FlowTexture()([sample]), rtol=0.02, atol=0.02)  # centres are rounded to pixels


def test_objects_that_touch_are_told_from_their_union() -> None:
    labels = np.zeros((1, 64, 64), np.uint16)
    labels[0, 16:48, 8:56] = 1
    split = labels.copy()
    split[0, 16:48, 32:56] = 2
    one, two = FlowTexture()(
        [replace(disks(0), labels=labels, image=None), replace(disks(0), labels=split, image=None)]
    )
    np.testing.assert_allclose(one[:26], two[:26])  # the cover and its wavelets are the same
    assert np.abs(one - two)[26:].max() > 0.5


def test_the_names_of_objects_do_not_count() -> None:
    sample = disks(2)
    names = np.r_[0, 1 + np.random.default_rng(0).permutation(sample.count)].astype(np.uint16)
    np.testing.assert_allclose(FlowTexture()([replace(sample, labels=names[sample.labels])]), FlowTexture()([sample]))
