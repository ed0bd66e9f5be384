"""The generator of single masks, against its discriminator."""

from __future__ import annotations

import copy
from typing import Literal

import torch
from lightning_fabric import Fabric
from torch import Tensor
from torch.nn import functional
from torch.optim import Adam, Optimizer

from cellsim.nn.ema import ema_decay, update_ema
from cellsim.nn.mask_gan import MaskDiscriminator, MaskGenerator
from cellsim.steps import parameter
from cellsim.train.objectives.adversarial import AdversarialTraining
from cellsim.train.objectives.base import Batch, Objective

RAMP_UP = 0.05  # the half-life of the average stays below this share of the samples seen
CHUNK = 256  # masks that are drawn at a time


class MaskGan(Objective):
    """Learn to draw masks of single objects, by a small pair of networks [1]_ and binary cross-entropy [2]_.

    The de-novo nuclei paper [3]_ does not say how its network was trained. Real masks are of two values almost
    everywhere, and a network's are not: noise on all that the discriminator sees hides the difference [4]_, and the
    penalty R1 on its gradient at real masks holds it back [5]_.

    References
    ----------
    .. [1] Radford, A., Metz, L., Chintala, S. (2016). Unsupervised representation learning with deep convolutional
       generative adversarial networks. ICLR.
    .. [2] Goodfellow, I. et al. (2014). Generative adversarial nets. NIPS.
    .. [3] Cosacak, M. I., Kizil, C. Using conditional generative adversarial networks (GAN) to generate de novo
       synthetic cell nuclei for training machine learning-based image segmentation.
    .. [4] Sønderby, C. K. et al. (2017). Amortised MAP inference for image super-resolution. ICLR, section 3.3.
    .. [5] Mescheder, L., Geiger, A., Nowozin, S. (2018). Which training methods for GANs do actually converge? ICML.
    .. [6] Salimans, T. et al. (2016). Improved techniques for training GANs. NIPS, section 3.4.
    """

    kind: Literal["mask-gan"] = "mask-gan"
    version: Literal[1] = 1
    latent: int = parameter(64, doc="Random numbers that a mask is made from.", bounds=">= 1")
    filters: int = parameter(32, doc="Channels of both networks at half the resolution.", bounds=">= 1")
    learning_rate: float = parameter(0.0002, doc="Learning rate of both networks.", bounds="> 0")
    momentum: float = parameter(0.5, doc="First beta of Adam.", bounds=">= 0, < 1")
    smoothing: float = parameter(
        0.1, doc="How far below 1 the discriminator is to put real masks [6]_.", bounds=">= 0, < 0.5"
    )
    noise: float = parameter(0.1, doc="Standard deviation of noise on all that the discriminator sees.", bounds=">= 0")
    gamma: float = parameter(1.0, doc="Weight of the gradient penalty R1; 0 for none.", bounds=">= 0")
    gamma_interval: int = parameter(4, unit="steps", doc="Steps from one gradient penalty to the next.", bounds=">= 1")
    half_life: float = parameter(
        10_000, unit="samples", doc="Half-life of the average of weights that is kept; 0 for none.", bounds=">= 0"
    )

    def begin(self, example: Batch, fabric: Fabric) -> MaskGanTraining:
        """Build networks and optimisers.

        Parameters
        ----------
        example : mapping of str to Tensor
            With "image", (1, Y, X).
        fabric : Fabric
            Puts networks on devices.

        Returns
        -------
        MaskGanTraining
            Newly initialised from torch's generator.

        Raises
        ------
        ValueError
            If the image is not a square of one channel, with an edge that is a multiple of 4.
        """
        channels, height, width = example["image"].shape
        if channels != 1 or height != width:
            raise ValueError(f"masks must be squares of one channel, got {channels} x {height} x {width}")
        return MaskGanTraining(self, height, fabric)


class MaskGanTraining(AdversarialTraining):
    """Generator and discriminator, against each other.

    Parameters
    ----------
    objective : MaskGan
        Parameters.
    edge : int
        Of the masks in px.
    fabric : Fabric
        Puts networks on devices.
    """

    def __init__(self, objective: MaskGan, edge: int, fabric: Fabric) -> None:
        self.objective, self.fabric = objective, fabric
        self.sizes = MaskGenerator(edge=edge, latent=objective.latent, filters=objective.filters)
        networks = self.sizes(), MaskDiscriminator(edge=edge, filters=objective.filters)()
        self.average = fabric.to_device(copy.deepcopy(networks[0]).eval().requires_grad_(False))
        modules = {
            name: fabric.to_device(one) for name, one in zip(("generator", "discriminator"), networks, strict=True)
        }
        rate, betas = objective.learning_rate, (objective.momentum, 0.999)
        optimisers: dict[str, Optimizer] = {name: Adam(one.parameters(), rate, betas) for name, one in modules.items()}
        super().__init__({**modules, "average": self.average}, optimisers)

    def step(self, batch: Batch, seen: int) -> dict[str, float]:
        """Take one step of the discriminator and one of the generator.

        Parameters
        ----------
        batch : mapping of str to Tensor
            With "image", (B, 1, Y, X) in [-1, 1].
        seen : int
            Samples seen before.

        Returns
        -------
        dict of str to float
            Losses; "r1", the penalty; "right", the share of masks that the discriminator tells.
        """
        real = batch["image"]
        fake = self.modules["generator"](self._latent(len(real)))
        total, steps = len(real) * self.fabric.world_size, self.objective.gamma_interval
        penalised = self.objective.gamma > 0 and seen // total % steps == 0
        log = self._discriminator_step(real, fake.detach(), penalised)
        self.modules["discriminator"].requires_grad_(False)
        loss = functional.softplus(-self._judged(fake)).mean()
        self.descend("generator", loss)
        self.modules["discriminator"].requires_grad_(True)
        kept = ema_decay(total, self.objective.half_life, seen, RAMP_UP)
        update_ema(self.average, self.modules["generator"], kept)
        return log | {"generator": float(loss.detach())}

    def _discriminator_step(self, real: Tensor, fake: Tensor, penalised: bool) -> dict[str, float]:
        shown = self._noisy(real).requires_grad_(penalised)
        of_real, of_fake = self.modules["discriminator"](shown), self._judged(fake)
        wanted = torch.full_like(of_real, 1 - self.objective.smoothing)
        loss = functional.binary_cross_entropy_with_logits(of_real, wanted) + functional.softplus(of_fake).mean()
        log = {"discriminator": float(loss.detach())}
        log["right"] = float(torch.cat([of_real > 0, of_fake < 0]).float().mean())
        if penalised:
            (slope,) = torch.autograd.grad(of_real.sum(), shown, create_graph=True)
            penalty = slope.square().sum((1, 2, 3)).mean()
            weight = self.objective.gamma * self.objective.gamma_interval
            log["r1"], loss = float(penalty.detach()), loss + weight / 2 * penalty
        self.descend("discriminator", loss)
        return log

    def _latent(self, count: int) -> Tensor:
        return torch.randn(count, self.objective.latent, device=self.fabric.device)

    def _noisy(self, images: Tensor) -> Tensor:
        return images + self.objective.noise * torch.randn_like(images)

    def _judged(self, images: Tensor) -> Tensor:
        logits: Tensor = self.modules["discriminator"](self._noisy(images))
        return logits

    def examples(self, given: Batch) -> Tensor:
        """Draw masks by the average of the generator.

        Parameters
        ----------
        given : mapping of str to Tensor
            As many examples as masks are drawn.

        Returns
        -------
        (N, 1, Y, X) Tensor
            float32 in [-1, 1], on the CPU.
        """
        z = self._latent(len(given["image"]))
        with torch.no_grad():
            return torch.cat([self.average(some).float().cpu() for some in torch.split(z, CHUNK)])

    @property
    def settings(self) -> dict[str, object]:
        """The "network" that is built again."""
        return {"network": self.sizes.model_dump(mode="json")}
