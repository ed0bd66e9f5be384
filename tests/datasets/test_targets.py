"""Which fields there are, and what they are."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.datasets.targets import TARGETS, check_fields, compute
from cellsim.errors import InputError


def test_volumes_have_no_fields_of_images() -> None:
    assert check_fields(["boundaries", "layers"], 3, has_image=True) == ("boundaries", "layers")
    with pytest.raises(
        InputError, match="fields of 3D samples with images must be some of image, labels, index, bound"
    ):
        check_fields(["flows"], 3, has_image=True)


def test_without_fields_it_is_what_is_stored() -> None:
    assert check_fields(None, 2, has_image=True) == ("labels", "image")
    assert check_fields(None, 2, has_image=False) == ("labels",)
    with pytest.raises(InputError, match="without images must be some of labels, index"):
        check_fields(["image"], 2, has_image=False)


def test_every_field_has_a_plane_for_each_structure() -> None:
    labels = np.zeros((2, 12, 14), np.int64)
    labels[0, 2:5, 2:6] = 7
    labels[1, 6:9, 6:9] = 1
    for name in TARGETS:
        found = compute(name, labels, 0)
        assert found.shape[0] == 2, name
        assert found.shape[-2:] == (12, 14), name
        assert found[0, ..., 3, 3].any() or name == "boundaries"
        assert not found[1, ..., 2:5, 2:6].any(), name


def test_layers_of_a_sample_are_always_the_same() -> None:
    labels = np.arange(1, 37).reshape(1, 6, 6).repeat(6, axis=1).repeat(6, axis=2)
    labels = labels * (np.arange(36) % 6 > 0) * (np.arange(36) % 6 > 0)[:, np.newaxis]
    one, other = compute("layers", labels, 3), compute("layers", labels, 4)
    np.testing.assert_array_equal(one, compute("layers", labels, 3))
    assert (one != other).any()
    assert (one.sum(axis=1) == (labels > 0)).all()
