"""pix2pix: a network from masks to images, against one that judges pairs of both."""

from __future__ import annotations

import copy
from typing import Annotated, Literal, cast

import torch
from lightning_fabric import Fabric
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Adam

from cellsim.nn.blocks import BatchNorm, Dropout
from cellsim.nn.ema import ema_decay, update_ema
from cellsim.nn.networks import ImageNetwork, Network
from cellsim.nn.patchgan import PatchDiscriminator
from cellsim.steps import parameter
from cellsim.train.objectives.adversarial import AdversarialTraining
from cellsim.train.objectives.base import Batch, Objective, try_out

FOLLOW = 4  # steps between batches that the average of weights is shown for its running statistics
MEMORY = 0.05  # share of such a batch in them

Weight = Annotated[float, Field(ge=0)] | Literal["images"]


class Pix2Pix(Objective):
    """Learn to make images of masks by a conditional GAN [1]_, with the losses of pix2pix or of the de-novo paper [2]_.

    The networks have the channels of the examples, whatever `inputs` and `outputs` say. A step is one of the
    discriminator, whose loss is the mean of those of real and of made pairs, and then one of the generator. Dropout is
    the noise. An average of the generator's weights is kept, with running statistics of its own.

    References
    ----------
    .. [1] Isola, P. et al. (2017). Image-to-image translation with conditional adversarial networks. CVPR.
    .. [2] Cosacak, M. I., Kizil, C. Using conditional generative adversarial networks (GAN) to generate de novo
       synthetic cell nuclei for training machine learning-based image segmentation.
    .. [3] Mao, X. et al. (2017). Least squares generative adversarial networks. ICCV.
    .. [4] Sønderby, C. K. et al. (2017). Amortised MAP inference for image super-resolution. ICLR, section 3.3.
    """

    kind: Literal["pix2pix"] = "pix2pix"
    version: Literal[1] = 1
    generator: Network = parameter(doc="From masks to images: unet-chain, pix2pix-unet, resnet.")
    discriminator: Network = parameter(doc="Judges pairs: patchgan, small-patchgan.")
    loss: Literal["vanilla", "least-squares"] = parameter(
        "vanilla", doc="Cross-entropy, or squared differences from 1 and 0 [3]_."
    )
    l1_weight: Weight = parameter(
        100.0, doc="Weight of the mean absolute difference, >= 0; `images` for the number of examples [2]_."
    )
    learning_rate: float = parameter(2e-4, doc="Learning rate of both networks.", bounds="> 0")
    betas: tuple[float, float] = parameter((0.5, 0.999), doc="Memory of Adam: of the mean and of the square.")
    constant: float | None = parameter(
        None, unit="samples", doc="Samples after which the learning rate falls steadily; null for never.", bounds=">= 0"
    )
    falling: float = parameter(100_000, unit="samples", doc="Samples in which it falls to 0.", bounds="> 0")
    noise: float = parameter(
        0.0,
        doc="Standard deviation of noise on the images that the discriminator sees, which hides what is too exact to "
        "be learnt soon [4]_.",
        bounds=">= 0",
    )
    half_life: float | None = parameter(
        2000, unit="samples", doc="Half-life of the average of weights; null for no average.", bounds="> 0"
    )
    ramp_up: float | None = parameter(
        0.05, doc="The half-life stays below this share of the samples seen; null for none.", bounds="> 0"
    )

    @model_validator(mode="after")
    def _has_memory(self) -> Pix2Pix:
        if not all(0 <= beta < 1 for beta in self.betas):
            raise ValueError(f"betas must be >= 0 and < 1, got {list(self.betas)}")
        return self

    def begin(self, example: Batch, fabric: Fabric) -> Pix2PixTraining:
        """Build networks and optimisers.

        Parameters
        ----------
        example : mapping of str to Tensor
            With "input" and "image", (C, Y, X); and "examples", (), if the weight of L1 follows from it.
        fabric : Fabric
            Puts networks on devices.

        Returns
        -------
        Pix2PixTraining
            Newly initialised from torch's generator.

        Raises
        ------
        ValueError
            If the examples are no pairs, a network is of the wrong sort, or images of this size cannot be made.
        """
        if "input" not in example:
            raise ValueError("pix2pix learns from examples of kind pairs, got examples without an input")
        return Pix2PixTraining(self, example, fabric)

    def rate(self, seen: int) -> float:
        """Tell the learning rate.

        Parameters
        ----------
        seen : int
            Samples seen.

        Returns
        -------
        float
            Of both networks.
        """
        late = 0.0 if self.constant is None else max(0.0, seen - self.constant)
        return self.learning_rate * max(0.0, 1 - late / self.falling)


class Pix2PixTraining(AdversarialTraining):
    """Generator and discriminator, against each other.

    Parameters
    ----------
    objective : Pix2Pix
        Parameters.
    example : mapping of str to Tensor
        One item of the examples.
    fabric : Fabric
        Puts networks on devices.
    """

    def __init__(self, objective: Pix2Pix, example: Batch, fabric: Fabric) -> None:
        self.objective, self.fabric = objective, fabric
        inputs, outputs = len(example["input"]), len(example["image"])
        self.sizes = objective.generator.model_copy(update={"inputs": inputs, "outputs": outputs})
        self.generator, self.discriminator = _networks(objective, self.sizes, inputs + outputs, fabric)
        self.generator.keep_shapes(*example["image"].shape[1:])  # says if it cannot make images of this size
        weight = objective.l1_weight
        self.l1_weight = float(example["examples"]) if weight == "images" else weight
        modules: dict[str, nn.Module] = {"generator": self.generator, "discriminator": self.discriminator}
        optimisers = {
            name: Adam(module.parameters(), objective.learning_rate, objective.betas)
            for name, module in modules.items()
        }
        self.average = self.generator
        if objective.half_life is not None:
            self.average = modules["average"] = _averaging(self.generator)
        super().__init__(modules, dict(optimisers))

    def check(self, example: Batch, count: int) -> None:
        """Refuse crops that are too small for a network, or too few for batch normalisation.

        Parameters
        ----------
        example : mapping of str to Tensor
            With "input" and "image", (C, Y, X).
        count : int
            Examples of a step, in each process.

        Raises
        ------
        ValueError
            If a network cannot be trained on them.
        """
        given, image = example["input"], example["image"]
        try_out("generator", self.generator, (count, *given.shape))
        try_out("discriminator", self.discriminator, (count, len(given) + len(image), *image.shape[1:]))

    def step(self, batch: Batch, seen: int) -> dict[str, float]:
        """Take one step of both networks.

        Parameters
        ----------
        batch : mapping of str to Tensor
            With "input" and "image", (B, C, Y, X) in [-1, 1].
        seen : int
            Samples seen before.

        Returns
        -------
        dict of str to float
            "discriminator" and "generator", the adversarial losses; "l1", the mean absolute difference, without its
            weight; "learning_rate".
        """
        given, real = batch["input"], batch["image"]
        rate = self.objective.rate(seen)
        for optimiser in self.optimisers.values():
            for group in optimiser.param_groups:
                group["lr"] = rate
        with self.fabric.autocast():
            fake = self.generator(given)
        log = {"discriminator": self._discriminator_step(given, real, fake.detach())}
        adversarial, l1 = self._generator_step(given, real, fake)
        self._follow(given, seen)
        return log | {"generator": adversarial, "l1": l1, "learning_rate": rate}

    def _discriminator_step(self, given: Tensor, real: Tensor, fake: Tensor) -> float:
        self.discriminator.requires_grad_(True)
        with self.fabric.autocast():
            of_fake = self._loss(self.discriminator(self._seen(given, fake)), real=False)
            of_real = self._loss(self.discriminator(self._seen(given, real)), real=True)
            loss = 0.5 * (of_fake + of_real)
        self.descend("discriminator", loss)
        return float(loss.detach())

    def _generator_step(self, given: Tensor, real: Tensor, fake: Tensor) -> tuple[float, float]:
        self.discriminator.requires_grad_(False)
        with self.fabric.autocast():
            adversarial = self._loss(self.discriminator(self._seen(given, fake)), real=True)
            l1 = functional.l1_loss(fake, real)
            loss = adversarial + self.l1_weight * l1
        self.descend("generator", loss)
        return float(adversarial.detach()), float(l1.detach())

    def _seen(self, given: Tensor, images: Tensor) -> Tensor:
        """Put masks and images together for the discriminator, with noise on the images."""
        if self.objective.noise:
            images = images + self.objective.noise * torch.randn_like(images)
        return torch.cat([given, images], 1)

    def _loss(self, judged: Tensor, *, real: bool) -> Tensor:
        wanted = torch.full_like(judged, float(real))
        if self.objective.loss == "vanilla":
            return functional.binary_cross_entropy_with_logits(judged, wanted)
        return functional.mse_loss(judged, wanted)

    def _follow(self, given: Tensor, seen: int) -> None:
        """Move the average of weights; now and then measure the statistics of its features."""
        if self.objective.half_life is None:
            return
        total = len(given) * self.fabric.world_size
        decay = ema_decay(total, self.objective.half_life, seen, self.objective.ramp_up)
        update_ema(self.average, self.generator, decay, buffers=False)
        if seen // total % FOLLOW == 0:
            with torch.no_grad(), self.fabric.autocast():
                self.average.train()(given)
            self.average.eval()

    def examples(self, given: Batch) -> Tensor:
        """Make images of masks by the average of the generator, with noise.

        Parameters
        ----------
        given : mapping of str to Tensor
            With "input", (N, C, Y, X).

        Returns
        -------
        (N, C', Y, X) Tensor
            float32 in [-1, 1], on the CPU.
        """
        training = self.average.training
        self.average.eval()
        for module in self.average.modules():
            if isinstance(module, Dropout):
                module.train()
        with torch.no_grad():
            found = self.average(given["input"]).float().clamp(-1, 1).cpu()
        self.average.train(training)
        return found  # type: ignore[no-any-return]

    @property
    def settings(self) -> dict[str, object]:
        """The kind of "network", and the sizes of its "generator"."""
        return {"network": "pix2pix", "generator": self.sizes.model_dump(mode="json")}


def _networks(
    objective: Pix2Pix, sizes: Network, judged: int, fabric: Fabric
) -> tuple[ImageNetwork, PatchDiscriminator]:
    generator, discriminator = sizes(), objective.discriminator.model_copy(update={"inputs": judged})()
    if isinstance(generator, ImageNetwork) and isinstance(discriminator, PatchDiscriminator):
        both = fabric.to_device(generator), fabric.to_device(discriminator)
        return cast("tuple[ImageNetwork, PatchDiscriminator]", both)
    raise ValueError(
        "generator must be unet-chain, pix2pix-unet or resnet, and discriminator patchgan or small-patchgan, got "
        f"{type(sizes).__name__} and {type(objective.discriminator).__name__}"
    )


def _averaging(network: ImageNetwork) -> ImageNetwork:
    """Copy a network as the average of its weights; its running statistics remember less."""
    average = copy.deepcopy(network).eval().requires_grad_(False)
    for module in average.modules():
        if isinstance(module, BatchNorm):
            module.momentum = MEMORY
    return average
