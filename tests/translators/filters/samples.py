"""Images without objects, as filters take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.translators.base import Translator


def filtered(step: Translator, image: ArrayLike, spacing: Sequence[float] = (1.0, 1.0), index: int = 0) -> NDArray[Any]:
    """What a translator makes of an image; one without a channel axis is taken for one channel."""
    given = np.asarray(image, np.float32)
    channels = given.reshape(-1, *given.shape[given.ndim - len(spacing) :])
    labels = np.zeros((1, *channels.shape[1:]), np.uint16)
    found = step(Sample(labels, tuple(spacing), channels), stream(0, index, "filter")).image
    assert found is not None
    return found.reshape(given.shape)


def blank(ndim: int = 2) -> Sample:
    """A sample without an image."""
    return Sample(np.zeros((1, *(4,) * ndim), np.uint16), (1.0,) * ndim)
