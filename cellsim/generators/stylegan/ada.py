"""How much to augment: as much as keeps the discriminator from learning the images by heart."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class AdaptiveProbability(nn.Module):
    """The probability of augmentation, steered by how often real images are told [1]_.

    The heuristic r is the mean sign of the logits of real images: 0 if the discriminator does not know them, 1 if it
    always does. While r is above the target, the probability rises.

    Parameters
    ----------
    target : float or None
        Of r; None keeps the probability as it begins.
    samples_per_unit : float
        Images in which the probability goes from 0 to 1, if r stays on one side.
    initial, limit : float
        Where the probability begins, and what it does not pass.

    References
    ----------
    .. [1] Karras, T. et al. (2020). Training generative adversarial networks with limited data. NeurIPS, section 3.1.
    """

    p: Tensor
    r: Tensor
    signs: Tensor
    count: Tensor

    def __init__(
        self, target: float | None = 0.6, samples_per_unit: float = 500_000, initial: float = 0.0, limit: float = 1.0
    ) -> None:
        super().__init__()
        self.target, self.samples_per_unit, self.limit = target, samples_per_unit, limit
        self.register_buffer("p", torch.tensor(float(initial)))
        for name in ("r", "signs", "count"):
            self.register_buffer(name, torch.zeros(()))

    def observe(self, logits: Tensor) -> None:
        """Remember how a batch of real images was judged.

        Parameters
        ----------
        logits : (B,) Tensor
            Of augmented real images.
        """
        self.signs += logits.detach().sign().sum()
        self.count += len(logits)

    def adjust(self, seen: float) -> None:
        """Change the probability by what was remembered, and forget that; nothing if there is nothing.

        Parameters
        ----------
        seen : float
            Images seen since the last time, of all processes.
        """
        if not self.count:
            return
        self.r.copy_(self.signs / self.count)
        if self.target is not None:
            step = torch.sign(self.r - self.target) * (seen / self.samples_per_unit)
            self.p.add_(step).clamp_(0.0, self.limit)
        self.signs.zero_()
        self.count.zero_()
