"""What features see of a sample, and how they are found by name."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.errors import RecipeError
from cellsim.evaluate.features import KINDS
from cellsim.evaluate.features.base import Features, find_features, seen_labels
from cellsim.evaluate.features.texture import Texture
from cellsim.sample import Sample
from cellsim.steps import find


def test_features_are_found_by_name_and_by_mapping() -> None:
    assert find_features("texture") == find_features({"kind": "texture"}) == Texture()
    assert find_features(Texture()) == Texture()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_there(kind: str) -> None:
    assert issubclass(find(Features.room, kind), Features)


def test_an_unknown_kind_is_refused_with_the_near_miss() -> None:
    with pytest.raises(RecipeError, match="did you mean 'texture'"):
        find_features("texure")


def planes(*names: str) -> Sample:
    """A sample whose plane i is i + 1 in row i, and where i is odd in column 0 too."""
    labels = np.zeros((len(names), 4, 4), np.uint16)
    for i in range(len(names)):
        labels[i, i] = i + 1
        labels[i, :, 0] = i + 1 if i % 2 else 0
    return Sample(labels, (1.0, 1.0), structures=names)


def test_planes_of_one_structure_are_laid_over_each_other() -> None:
    (seen,) = seen_labels(planes("cells-1", "cells-2"))
    np.testing.assert_array_equal(seen[:2], [[2, 1, 1, 1], [2, 2, 2, 2]])


def test_the_visible_plane_is_what_is_seen() -> None:
    sample = planes("cells-1", "cells-2", "cells-visible", "golgi")
    cells, golgi = seen_labels(sample)
    np.testing.assert_array_equal(cells, sample.labels[2])
    np.testing.assert_array_equal(golgi, sample.labels[3])


def test_planes_without_names_are_structures() -> None:
    assert len(seen_labels(Sample(np.zeros((3, 4, 4), np.uint16), (1.0, 1.0)))) == 3
