"""The mapping network: from latent vectors z to intermediate ones, w."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from cellsim.generators.stylegan.configuration import Architecture
from cellsim.generators.stylegan.layers import EPSILON, Linear

RATE = 0.01  # of learning, relative to that of synthesis
MEMORY = 0.995  # weight of the past in the running mean of w, per batch


class Mapping(nn.Module):
    """Fully connected layers from z to w, with a running mean of w.

    Parameters
    ----------
    architecture : Architecture
        Sizes.
    """

    mean: Tensor

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        size = architecture.latent
        self.layers = nn.Sequential(*(Linear(size, size, True, RATE) for _ in range(architecture.mapping_layers)))
        self.register_buffer("mean", torch.zeros(size))

    def forward(self, z: Tensor) -> Tensor:
        """Map latent vectors.

        Parameters
        ----------
        z : (B, ..., latent) Tensor
            Normally distributed.

        Returns
        -------
        (B, ..., latent) Tensor
            The vectors w.
        """
        found: Tensor = self.layers(z * torch.rsqrt(z.square().mean(-1, keepdim=True) + EPSILON))
        return found

    def follow(self, w: Tensor) -> None:
        """Let the running mean follow.

        Parameters
        ----------
        w : (B, latent) Tensor
            Of a batch.
        """
        with torch.no_grad():
            self.mean.lerp_(w.detach().mean(0).to(self.mean), 1 - MEMORY)

    def truncate(self, w: Tensor, truncation: float) -> Tensor:
        """Move vectors towards their mean, which trades variety for likeness.

        Parameters
        ----------
        w : (B, ..., latent) Tensor
            Vectors.
        truncation : float
            1 leaves them as they are, 0 gives the mean.

        Returns
        -------
        (B, ..., latent) Tensor
            Between the mean and `w`.
        """
        return w if truncation == 1 else torch.lerp(self.mean, w, truncation)
