"""Morphology features."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cellsim.evaluate.features.forms import FEATURES, Forms
from cellsim.sample import Sample
from tests.evaluate.features.samples import disks, many, turned


def test_features_are_of_what_they_are_named() -> None:
    labels = np.zeros((1, 60, 60), np.uint16)
    y, x = np.mgrid[:60, :60]
    for i, centre in enumerate([(20, 20), (20, 40), (40, 20)]):
        labels[0, (y - centre[0]) ** 2 + (x - centre[1]) ** 2 < 8**2] = i + 1
    found = Forms()([Sample(labels, (0.5, 0.5))])[0]
    assert found.shape == (FEATURES,)
    assert found[0] == pytest.approx(np.log(3 / 900))
    assert found[1] == pytest.approx(3 * np.pi * 64 / 3600, rel=0.05)
    assert found[2:5] == pytest.approx(np.log(4), abs=0.03)  # quantiles of the radius in µm
    assert found[6:9] == pytest.approx(0, abs=0.02)
    assert found[12:14] == pytest.approx([0, 1])  # none touches, all are whole
    assert found[14] == pytest.approx(np.log(20 / 8), abs=0.03)


def test_an_empty_mask_lacks_forms_and_has_no_cover() -> None:
    found = Forms()([Sample(np.zeros((1, 32, 32), np.uint16), (1.0, 1.0))])[0]
    assert np.isfinite(found[:2]).all()
    assert np.isnan(found[2:]).all()


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("quarters", [1, 2])
def test_a_turned_mask_has_the_same_features(flip: bool, quarters: int) -> None:
    sample = disks(3)
    np.testing.assert_allclose(Forms()([turned(sample, flip, quarters)]), Forms()([sample]), rtol=1e-6, atol=1e-9)


def test_structures_are_described_one_after_the_other() -> None:
    sample = disks(0)
    both = replace(sample, labels=np.concatenate([sample.labels] * 2), structures=("cells", "nuclei"))
    one = Forms()([sample])
    np.testing.assert_array_equal(Forms()([both]), np.concatenate([one, one], axis=1))


def test_larger_objects_have_larger_radii() -> None:
    small, large = Forms()(many(5, radius=4.0)), Forms()(many(5, radius=8.0))
    assert np.nanmean(large[:, 3] - small[:, 3]) == pytest.approx(np.log(2), abs=0.25)
