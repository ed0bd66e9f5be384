"""StyleGAN2 with adaptive discriminator augmentation."""

from __future__ import annotations

import copy
from typing import Literal, cast

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.optim import Optimizer

from cellsim.generators.stylegan import losses
from cellsim.generators.stylegan.ada import AdaptiveProbability
from cellsim.generators.stylegan.augment import Augmentation, Pipeline
from cellsim.generators.stylegan.configuration import Architecture
from cellsim.generators.stylegan.discriminator import Discriminator
from cellsim.generators.stylegan.generator import Generator
from cellsim.nn.blur import blurred
from cellsim.nn.ema import ema_decay, update_ema
from cellsim.steps import parameter
from cellsim.train.objectives.adversarial import AdversarialTraining
from cellsim.train.objectives.base import Batch, Objective
from cellsim.train.objectives.lazy_adam import lazy_adam

ADJUST = 4  # steps between changes of the probability of augmentation
SHRINK = 2  # path lengths are measured in a batch that is smaller by this factor
PATH_MEMORY = 0.99  # weight of the past in the running mean of path lengths
CHUNK = 16  # images that are drawn at a time
HIGHEST = 1e5  # what infinite gradients are replaced by


class StyleGan2(Objective):
    """Learn to draw images by StyleGAN2 [1]_ with adaptive augmentation [2]_.

    The networks have the channels of the examples, and their resolution must be that of the architecture.

    References
    ----------
    .. [1] Karras, T. et al. (2020). Analyzing and improving the image quality of StyleGAN. CVPR.
    .. [2] Karras, T. et al. (2020). Training generative adversarial networks with limited data. NeurIPS.
    .. [3] Sønderby, C. K. et al. (2017). Amortised MAP inference for image super-resolution. ICLR, section 3.3.
    .. [4] Karras, T. et al. (2021). Alias-free generative adversarial networks. NeurIPS, appendix F.
    .. [5] Jolicoeur-Martineau, A. (2019). The relativistic discriminator: a key element missing from standard GAN.
       ICLR.
    .. [6] Huang, Y. et al. (2024). The GAN is dead; long live the GAN! A modern GAN baseline. NeurIPS.
    """

    kind: Literal["stylegan2"] = "stylegan2"
    version: Literal[1] = 1
    architecture: Architecture = parameter(doc="Sizes of the networks, or a name: auto-256, slim-128, tiny-128 ...")
    vectors: tuple[tuple[int, int], ...] = parameter(
        doc="Channels of the y and the x component of vectors, which turn with the image: [[1, 2]] for flows, or []."
    )
    learning_rate: float = parameter(0.0025, doc="Learning rate of both networks.", bounds="> 0")
    gamma: float | None = parameter(
        None, doc="Weight of the gradient penalty R1; by default 0.0002 resolution² / batch.", bounds=">= 0"
    )
    gamma_interval: int = parameter(16, unit="steps", doc="Steps from one gradient penalty to the next.", bounds=">= 1")
    path_weight: float = parameter(2.0, doc="Weight of the regularisation of path lengths.", bounds=">= 0")
    path_interval: int = parameter(4, unit="steps", doc="Steps from one path length to the next.", bounds=">= 1")
    mixing: float = parameter(
        0.9, doc="Share of images whose styles come from two latent vectors.", bounds=">= 0, <= 1"
    )
    half_life: float | None = parameter(
        None, unit="samples", doc="Half-life of the average of weights; by default 312.5 batches.", bounds="> 0"
    )
    ramp_up: float | None = parameter(
        0.05, doc="The half-life stays below this share of the samples seen; null for none.", bounds="> 0"
    )
    noise: float = parameter(
        0.0,
        doc="Standard deviation of noise on all that the discriminator sees, which hides what is too exact to be "
        "learnt soon [3]_.",
        bounds=">= 0",
    )
    blur: float = parameter(
        0.0,
        unit="px",
        doc="Standard deviation of a blur of all that the discriminator sees, in the beginning: coarse shapes are "
        "learnt first [4]_.",
        bounds=">= 0",
    )
    blur_fades: float = parameter(
        200_000, unit="samples", doc="Samples after which the blur is gone; it shrinks steadily.", bounds="> 0"
    )
    pairing: Literal["none", "relativistic"] = parameter(
        "none",
        doc="Whether images are judged for themselves, or each against one of the other sort [5]_, with the gradient "
        "penalty on both sorts [6]_.",
    )
    augmentation: Pipeline = parameter("bg", doc="none, b (blits), bg (and geometry) or bgc (and colour).")
    smooth: bool = parameter(False, doc="Augment with wavelet filters in place of linear interpolation.")
    target: float | None = parameter(
        0.6, doc="Overfitting at which augmentation is held; null for a fixed probability.", bounds=">= -1, <= 1"
    )
    probability: float = parameter(0.0, doc="Probability of augmentation at the beginning.", bounds=">= 0, <= 1")
    limit: float = parameter(0.8, doc="Highest probability: above 0.8 augmentation leaks.", bounds=">= 0, <= 1")
    speed: float = parameter(
        500_000, unit="samples", doc="Samples in which the probability rises from 0 to 1.", bounds="> 0"
    )

    def begin(self, example: Batch, fabric: Fabric) -> StyleGan2Training:
        """Build networks and optimisers.

        Parameters
        ----------
        example : mapping of str to Tensor
            With "image", (C, Y, X).
        fabric : Fabric
            Puts networks on devices.

        Returns
        -------
        StyleGan2Training
            Newly initialised from torch's generator.

        Raises
        ------
        ValueError
            If the image has not the resolution of the architecture, or not the channels of the vectors, or if its
            colours cannot be changed.
        """
        image, edge = example["image"], self.architecture.resolution
        if tuple(image.shape[1:]) != (edge, edge):
            came = " x ".join(str(n) for n in image.shape[1:])
            raise ValueError(f"architecture: images must be {edge} x {edge} px, got {came}")
        components = [channel for pair in self.vectors for channel in pair]
        if not set(components) <= set(range(len(image))):
            raise ValueError(f"vectors: channels must be from 0 to {len(image) - 1}, got {self.vectors}")
        if len(set(components)) < len(components):
            raise ValueError(f"vectors: a channel is one component of one vector, got {self.vectors}")
        self.augment.check(len(image))
        return StyleGan2Training(self, len(image), fabric)

    @property
    def augment(self) -> Augmentation:
        """How images are augmented."""
        return Augmentation(self.augmentation, self.vectors, self.smooth)


class StyleGan2Training(AdversarialTraining):
    """Generator and discriminator, against each other.

    Parameters
    ----------
    objective : StyleGan2
        Parameters.
    channels : int
        Of the images.
    fabric : Fabric
        Puts networks on devices.
    """

    def __init__(self, objective: StyleGan2, channels: int, fabric: Fabric) -> None:
        self.objective, self.fabric, self.augment = objective, fabric, objective.augment
        self.paired, self.sigma = objective.pairing == "relativistic", 0.0
        self.architecture = objective.architecture.model_copy(update={"channels": channels})
        self.generator = cast("Generator", fabric.to_device(Generator(self.architecture)))
        self.discriminator = cast("Discriminator", fabric.to_device(Discriminator(self.architecture)))
        self.average = copy.deepcopy(self.generator).eval().requires_grad_(False)
        steering = AdaptiveProbability(objective.target, objective.speed, objective.probability, objective.limit)
        self.steering = cast("AdaptiveProbability", fabric.to_device(steering))
        self.paths = cast("PathMean", fabric.to_device(PathMean()))
        modules: dict[str, nn.Module] = {
            "generator": self.generator,
            "discriminator": self.discriminator,
            "average": self.average,
            "augmentation": self.steering,
            "paths": self.paths,
        }
        rate, steps = objective.learning_rate, objective
        optimisers: dict[str, Optimizer] = {
            "generator": lazy_adam(self.generator.parameters(), rate, steps.path_interval if steps.path_weight else 0),
            "discriminator": lazy_adam(
                self.discriminator.parameters(), rate, 0 if steps.gamma == 0 else steps.gamma_interval
            ),
        }
        super().__init__(modules, optimisers)

    def step(self, batch: Batch, seen: int) -> dict[str, float]:
        """Take one step of both networks, and of what regularises them when it is due.

        Parameters
        ----------
        batch : mapping of str to Tensor
            With "image", (B, C, Y, X) in [-1, 1].
        seen : int
            Samples seen before.

        Returns
        -------
        dict of str to float
            Losses; "path_length" and "r1" when they were measured; "augmentation", its probability; "overfitting", the
            heuristic r.
        """
        real, objective = batch["image"], self.objective
        total = len(real) * self.fabric.world_size
        number, p = seen // total, float(self.steering.p)
        self.sigma = objective.blur * max(0.0, 1 - seen / objective.blur_fades)
        log = {"generator": self._generator_step(real, p)}
        if objective.path_weight and number % objective.path_interval == 0:
            log["path_length"] = self._path_step(max(1, len(real) // SHRINK))
        log["discriminator"] = self._discriminator_step(real, p)
        if objective.gamma != 0 and number % objective.gamma_interval == 0:
            log["r1"] = self._r1_step(real, p, total)
        half_life = 312.5 * total if objective.half_life is None else objective.half_life
        update_ema(self.average, self.generator, ema_decay(total, half_life, seen, objective.ramp_up))
        if (number + 1) % ADJUST == 0:
            for part in (self.steering.signs, self.steering.count):
                part.copy_(self._averaged(part))
            self.steering.adjust(ADJUST * total)
        return log | {"augmentation": float(self.steering.p), "overfitting": float(self.steering.r)}

    def _generator_step(self, real: Tensor, p: float) -> float:
        self._only("generator")
        with self.fabric.autocast():
            fake = self._judged(self.generator.synthesis(self._styles(len(real), follow=True)), p)
            if self.paired:
                with torch.no_grad():
                    against = self._judged(real, p)
                loss = losses.relativistic_generator_loss(against, fake)
            else:
                loss = losses.generator_loss(fake)
        return self._descend("generator", loss)

    def _path_step(self, count: int) -> float:
        self._only("generator")
        w = self._styles(count)
        images = self.generator.synthesis(w)
        lengths = losses.path_lengths(images, w, torch.randn_like(images))
        mean = self._averaged(lengths.detach().mean())
        self.paths.mean.lerp_(mean, 1 - PATH_MEMORY)
        loss = (lengths - self.paths.mean).square().mean()
        weight = self.objective.path_weight * self.objective.path_interval
        self._descend("generator", loss * weight)
        return float(mean)

    def _discriminator_step(self, real: Tensor, p: float) -> float:
        self._only("discriminator")
        with self.fabric.autocast():
            with torch.no_grad():
                fake = self.generator.synthesis(self._styles(len(real)))
            judged = self._judged(real, p)
            self.steering.observe(judged)
            take = losses.relativistic_discriminator_loss if self.paired else losses.discriminator_loss
            loss = take(judged, self._judged(fake, p))
        return self._descend("discriminator", loss)

    def _r1_step(self, real: Tensor, p: float, total: int) -> float:
        gamma = self.objective.gamma
        if gamma is None:
            gamma = 0.0002 * self.architecture.resolution**2 / total
        self._only("discriminator")
        sorts = [real]
        if self.paired:
            with torch.no_grad():
                sorts.append(self.generator.synthesis(self._styles(len(real))))
        penalty = torch.zeros((), device=real.device)
        for sort in sorts:
            images = sort.detach().clone().requires_grad_()
            penalty = penalty + losses.r1_penalty(self._judged(images, p), images)
        self._descend("discriminator", penalty * (gamma / 2 * self.objective.gamma_interval))
        return float(penalty.detach()) / len(sorts)

    def _judged(self, images: Tensor, p: float) -> Tensor:
        """Let the discriminator see images, out of focus, augmented and noisy."""
        seen = self.augment(blurred(images, self.sigma), p)
        if self.objective.noise:
            seen = seen + self.objective.noise * torch.randn_like(seen)
        logits: Tensor = self.discriminator(seen)
        return logits

    def _styles(self, count: int, follow: bool = False) -> Tensor:
        """Draw vectors w, (B, styles, latent), of one latent vector or of two."""
        layers, mapping = self.architecture.styles, self.generator.mapping
        z = torch.randn(2, count, self.architecture.latent, device=self.fabric.device)
        first: Tensor = mapping(z[0])
        if follow:
            mapping.follow(self._averaged(first.detach().mean(0, keepdim=True)))
        first = first[:, None].expand(-1, layers, -1)
        if not self.objective.mixing:
            return first
        second = mapping(z[1])[:, None].expand(-1, layers, -1)
        mixed = torch.rand(count, 1, device=z.device) < self.objective.mixing
        crossing = torch.randint(1, layers, (count, 1), device=z.device)
        late = mixed & (torch.arange(layers, device=z.device) >= crossing)
        styles: Tensor = torch.where(late[:, :, None], second, first)
        return styles

    def _only(self, name: str) -> None:
        """Let gradients reach one network only."""
        for one in ("generator", "discriminator"):
            self.modules[one].requires_grad_(one == name)
        self.optimisers[name].zero_grad(set_to_none=True)

    def _descend(self, name: str, loss: Tensor) -> float:
        self.fabric.backward(loss)
        gradients = [weight.grad for weight in self.modules[name].parameters() if weight.grad is not None]
        if self.fabric.world_size > 1:
            flat = self._averaged(torch.cat([gradient.flatten() for gradient in gradients]))
            for gradient, mean in zip(gradients, torch.split(flat, [one.numel() for one in gradients]), strict=True):
                gradient.copy_(mean.reshape(gradient.shape))
        for gradient in gradients:
            torch.nan_to_num(gradient, nan=0.0, posinf=HIGHEST, neginf=-HIGHEST, out=gradient)
        self.optimisers[name].step()
        return float(loss.detach())

    def _averaged(self, numbers: Tensor) -> Tensor:
        return (
            numbers
            if self.fabric.world_size == 1
            else cast("Tensor", self.fabric.all_reduce(numbers, reduce_op="mean"))
        )

    def examples(self, given: Batch) -> Tensor:
        """Draw images by the average of the generator.

        Parameters
        ----------
        given : mapping of str to Tensor
            As many examples as images are drawn.

        Returns
        -------
        (N, C, Y, X) Tensor
            float32 in [-1, 1], on the CPU.
        """
        z = torch.randn(len(given["image"]), self.architecture.latent, device=self.fabric.device)
        with torch.no_grad():
            return torch.cat([self.average(some).float().clamp_(-1, 1).cpu() for some in torch.split(z, CHUNK)])

    @property
    def settings(self) -> dict[str, object]:
        """The kind of "network" and its "architecture", as `load_generator` takes them."""
        return {"network": "stylegan2", "architecture": self.architecture.model_dump()}


class PathMean(nn.Module):
    """The running mean of path lengths."""

    mean: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(()))
