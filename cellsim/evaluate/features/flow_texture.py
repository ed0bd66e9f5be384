"""Features of masks in flow space: wavelets of the flows that masks are encoded as."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from cellsim.evaluate.features.base import Compared, Features, Floats, seen_labels
from cellsim.evaluate.features.wavelets import scalar_statistics, vector_statistics, whole_blocks
from cellsim.masks.flows import encode_flows
from cellsim.sample import Labels, Sample


class FlowTexture(Features):
    """Statistics of encoded flows on several scales.

    Masks are compared in flow space, as Tasnadi and others [1]_ compare them, because flows tell apart objects that
    touch. Theirs are features of a network made for photographs; these are the cover, wavelets of the cell probability,
    and energies of divergence, curl and stretch of the flows on scales of 2 to 32 pixels. A mask that is flipped or
    turned by 90 degrees has the same features, if its sides are multiples of 32.

    References
    ----------
    .. [1] Tasnadi, E., Sliz-Nagy, A., Horvath, P. (2023). Structure preserving adversarial generation of labeled
       training samples for single-cell segmentation. Cell Reports Methods 3(9).
    """

    kind: Literal["flow-texture"] = "flow-texture"
    version: Literal[1] = 1

    @property
    def title(self) -> str:
        """For people."""
        return "flow texture"

    @property
    def of(self) -> Compared:
        """Of masks."""
        return "masks"

    def __call__(self, samples: Sequence[Sample]) -> Floats:
        """Describe masks.

        Parameters
        ----------
        samples : sequence of Sample
            2D, with the same number S of structures.

        Returns
        -------
        (N, F) float64 array
            F is 61 S.

        Raises
        ------
        InputError
            If a sample is 3D.
        """
        rows = [[value for plane in seen_labels(sample) for value in _described(plane)] for sample in samples]
        return np.array(rows, np.float64)


def _described(labels: Labels) -> list[float]:
    flow, probability = encode_flows(labels)
    down, across, inside = whole_blocks(np.concatenate([flow, probability[np.newaxis]]))
    return [float(inside.mean()), *scalar_statistics(inside), *vector_statistics(down, across)]
