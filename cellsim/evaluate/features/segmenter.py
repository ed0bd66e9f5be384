"""Features of a segmenter that was trained on the real set: what matters in these images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from pydantic import ValidationInfo, field_validator

from cellsim.errors import InputError
from cellsim.evaluate.features.base import Compared, Features, Floats, image_of
from cellsim.sample import Sample
from cellsim.steps import near_miss, parameter


class Segmenter(Features):
    """Means of layers of a network over the image, such as the deepest ones of a segmenter trained on the real set.

    Networks for photographs do not know cells. A segmenter that was trained on the real images does, and what it does
    not see does no harm to training with the synthetic ones.

    Examples
    --------
    >>> import torch
    >>> from cellsim.evaluate.features.segmenter import Segmenter
    >>> network = torch.nn.Sequential(torch.nn.Conv2d(1, 8, 3), torch.nn.ReLU())
    >>> Segmenter(network=network, layers=("1",)).title
    'segmenter'
    """

    kind: Literal["segmenter"] = "segmenter"
    version: Literal[1] = 1
    network: Any = parameter(doc="A torch module that takes (N, C, Y, X) float32 images in [0, 1].")
    layers: tuple[str, ...] = parameter(doc="Names of its submodules whose outputs are described.")

    @field_validator("network")
    @classmethod
    def _is_a_module(cls, network: Any) -> Any:
        from torch import nn

        if not isinstance(network, nn.Module):
            raise ValueError(f"must be a torch module, got {type(network).__name__}")  # noqa: TRY004 - pydantic's way
        return network

    @field_validator("layers")
    @classmethod
    def _are_there(cls, layers: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        known = [name for name, _ in info.data["network"].named_modules() if name] if "network" in info.data else layers
        if unknown := [layer for layer in layers if layer not in known]:
            raise ValueError(f"no layer '{unknown[0]}'{near_miss(unknown[0], known)} (layers: {', '.join(known)})")
        if not layers:
            raise ValueError(f"must name one layer or more (layers: {', '.join(known)})")
        return layers

    @property
    def title(self) -> str:
        """For people."""
        return "segmenter"

    @property
    def of(self) -> Compared:
        """Of images."""
        return "images"

    def __call__(self, samples: Sequence[Sample]) -> Floats:
        """Describe images.

        Parameters
        ----------
        samples : sequence of Sample
            2D, with the channels that the network takes.

        Returns
        -------
        (N, F) float64 array
            F is the number of channels of all layers together.

        Raises
        ------
        InputError
            If a sample is 3D or has no image, or the network does not take it.
        """
        import torch

        images = torch.from_numpy(np.stack([image_of(sample) for sample in samples]))
        try:
            return layer_means(self.network, self.layers, images)
        except RuntimeError as error:
            shape = tuple(images.shape)
            raise InputError(f"features 'segmenter': the network does not take images {shape} ({error})") from None


def layer_means(network: Any, layers: Sequence[str], images: Any) -> Floats:
    """Run a network, and take the means of some of its layers over the image.

    Parameters
    ----------
    network : torch.nn.Module
        Is run in evaluation mode, and left in the mode it is in.
    layers : sequence of str
        Names of submodules with outputs (N, C, ...).
    images : (N, C, Y, X) float32 tensor
        As the network takes them, on any device.

    Returns
    -------
    (N, F) float64 array
        F is the number of channels of all layers together.
    """
    import torch

    found: dict[str, Any] = {}
    modules = dict(network.named_modules())
    taps = [modules[name].register_forward_hook(_keep(found, name)) for name in layers]
    training, where = network.training, next(network.parameters(), images).device
    try:
        with torch.inference_mode():
            network.eval()(images.to(where))
    finally:
        network.train(training)
        for tap in taps:
            tap.remove()
    return np.concatenate([found[name] for name in layers], axis=1)


def _keep(found: dict[str, Any], name: str) -> Any:
    """Build a hook that keeps the means of a layer."""

    def hook(_module: Any, _inputs: Any, output: Any) -> None:
        found[name] = output.flatten(2).mean(dim=2).double().cpu().numpy()

    return hook
