"""Forms of single masks: those of the masks, whatever stands beside them."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.evaluate.single_forms import FORMS, single_forms


def ellipse(a: float, b: float) -> np.ndarray:
    y, x = np.mgrid[:64, :64] - 31.5
    return (y / a) ** 2 + (x / b) ** 2 <= 1


def test_forms_of_ellipses_are_known() -> None:
    log_area, log_elongation, roughness, solidity = single_forms(np.stack([ellipse(10, 20), ellipse(16, 16)])).T
    assert len(FORMS) == 4
    np.testing.assert_allclose(np.exp(log_area), np.pi * np.array([200, 256]), rtol=0.01)
    np.testing.assert_allclose(np.exp(log_elongation), [2, 1], rtol=0.01)
    assert roughness.max() < 0.03
    assert solidity.min() > 0.98


def test_a_mask_is_the_same_beside_any_other() -> None:
    masks = np.stack([ellipse(9, 14), np.ones((64, 64), np.bool_), ellipse(20, 12)])
    np.testing.assert_allclose(single_forms(masks)[[0, 2]], single_forms(masks[[0, 2]]))


def test_masks_of_a_few_pixels_are_left_out() -> None:
    assert len(single_forms(np.stack([ellipse(1, 1), ellipse(9, 9)]))) == 1


def test_a_dent_lowers_the_solidity() -> None:
    dented = ellipse(20, 20)
    dented[:32, 29:35] = False
    forms = single_forms(np.stack([ellipse(20, 20), dented]))
    assert forms[1, 3] < forms[0, 3] - 0.03
    assert forms[1, 2] > 2 * forms[0, 2]
    assert forms[1, 0] == pytest.approx(forms[0, 0], abs=0.2)
