"""What examples are: samples of a data set as tensors that a network learns from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset as MapDataset

from cellsim.datasets.layout import show
from cellsim.datasets.reader import Dataset
from cellsim.errors import InputError
from cellsim.report.colours import grey_to_rgb
from cellsim.steps import Step

Item = dict[str, Tensor]


class ExampleSet(MapDataset[Item], ABC):
    """Map-style dataset of dicts of tensors, without an end.

    Item i is example ``i % len``; what chance decides about it follows from i, so that it differs from one pass to the
    next and does not depend on workers, nor on where a training was interrupted.
    """

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __getitem__(self, index: int) -> Item: ...


class Examples(Step):
    """How samples become examples, as parameters."""

    room: ClassVar[str] = "cellsim.train.examples"

    @abstractmethod
    def __call__(self, dataset: Dataset, indices: Sequence[int] | None = None, seed: int = 0) -> ExampleSet:
        """Make examples of samples.

        Parameters
        ----------
        dataset : Dataset
            An open version of a data set.
        indices : sequence of int, optional
            Samples that are used; all if None.
        seed : int
            Of what chance decides.

        Returns
        -------
        ExampleSet
            Items are dicts of tensors; "image" is (C, Y, X) float32 in [-1, 1].

        Raises
        ------
        InputError
            If no example can be made of these samples.
        """

    def settled(self, dataset: Dataset, indices: Sequence[int]) -> Self:
        """Fill in what is measured on the samples that are trained on; nothing unless overridden.

        Parameters
        ----------
        dataset : Dataset
            An open version of a data set.
        indices : sequence of int
            Of the samples that are trained on.

        Returns
        -------
        Self
            Examples of validation samples are made by it too.
        """
        return self

    @property
    def settings(self) -> dict[str, object]:
        """What those who use the trained networks must know of their examples; nothing unless overridden."""
        return {}

    def picture(self, image: Tensor) -> NDArray[np.float32]:
        """Show an image such as those that networks learn to make.

        Parameters
        ----------
        image : (C, Y, X) Tensor
            float32 in [-1, 1].

        Returns
        -------
        (Y, X', 3) float32 array
            In [0, 1].
        """
        return grey_to_rgb(np.asarray(image.numpy(), np.float32).clip(-1, 1) / 2 + 0.5)

    def compared(self, image: Tensor, given: Item) -> NDArray[np.float32]:
        """Show an image that networks made of an example, or in place of it: the image alone unless overridden.

        Parameters
        ----------
        image : (C, Y, X) Tensor
            float32 in [-1, 1].
        given : dict of str to Tensor
            The example.

        Returns
        -------
        (Y, X', 3) float32 array
            In [0, 1].
        """
        return self.picture(image)


def plane_of(structure: str | None, dataset: Dataset, kind: str) -> int:
    """Find the labels that examples are made of.

    Parameters
    ----------
    structure : str or None
        Its name; the first if None.
    dataset : Dataset
        Where it is looked for.
    kind : str
        Of the examples, for messages.

    Returns
    -------
    int
        Index of the label plane.

    Raises
    ------
    InputError
        If the samples are volumes, or have no such structure.
    """
    spec, where = dataset.spec, show(dataset.location)
    if len(spec.shape) != 2:
        raise InputError(f"{where}: {kind} are of 2D samples, got {len(spec.shape)} axes")
    if structure is not None and structure not in spec.structures:
        raise InputError(f"{where}: no structure '{structure}' (structures: {', '.join(spec.structures)})")
    return 0 if structure is None else spec.structures.index(structure)
