"""A segmenter that learns flows and the probability of a cell, with the loss of Cellpose."""

from __future__ import annotations

from typing import Literal, cast

import torch
from lightning_fabric import Fabric
from torch import Tensor
from torch.nn import functional
from torch.optim import AdamW

from cellsim.nn.networks import ImageNetwork, Network
from cellsim.nn.segmentation_unet import SegmentationNetwork
from cellsim.nn.segmenting import SCALE
from cellsim.steps import parameter
from cellsim.train.objectives.base import Batch, Objective, Training, try_out


class Segmenter(Objective):
    """Learn to find objects in images as Cellpose does [1]_.

    The loss is that of Cellpose: half the mean squared error of five times the flow, and the cross-entropy of the
    probability of a cell. The optimiser is AdamW [2]_, whose learning rate falls to 0. The network has the channels of
    the examples, whatever `inputs` says.

    References
    ----------
    .. [1] Stringer, C., Wang, T., Michaelos, M., Pachitariu, M. (2021). Cellpose: a generalist algorithm for cellular
       segmentation. Nature Methods 18, 100-106.
    .. [2] Loshchilov, I., Hutter, F. (2019). Decoupled weight decay regularization. ICLR.
    """

    kind: Literal["segmenter"] = "segmenter"
    version: Literal[1] = 1
    network: Network = parameter(doc="From images to three planes: segmentation-unet.")
    learning_rate: float = parameter(3e-3, doc="Learning rate.", bounds="> 0")
    weight_decay: float = parameter(1e-4, doc="Share of the weights taken off a step, times the rate.", bounds=">= 0")
    constant: float | None = parameter(
        None, unit="samples", doc="Samples after which the learning rate falls steadily; null for never.", bounds=">= 0"
    )
    falling: float = parameter(10_000, unit="samples", doc="Samples in which it falls to 0.", bounds="> 0")

    def begin(self, example: Batch, fabric: Fabric) -> SegmenterTraining:
        """Build network and optimiser.

        Parameters
        ----------
        example : mapping of str to Tensor
            With "image", "flow" and "cell".
        fabric : Fabric
            Puts the network on devices.

        Returns
        -------
        SegmenterTraining
            Newly initialised from torch's generator.

        Raises
        ------
        ValueError
            If the examples have no flows, the network is of the wrong sort, or takes no images of this size.
        """
        if "flow" not in example:
            raise ValueError("segmenter learns from examples of kind segmentation-crops, got examples without a flow")
        return SegmenterTraining(self, example, fabric)

    def rate(self, seen: int) -> float:
        """Tell the learning rate.

        Parameters
        ----------
        seen : int
            Samples seen.

        Returns
        -------
        float
            Now.
        """
        late = 0.0 if self.constant is None else max(0.0, seen - self.constant)
        return self.learning_rate * max(0.0, 1 - late / self.falling)


class SegmenterTraining(Training):
    """A segmenter that is being trained.

    Parameters
    ----------
    objective : Segmenter
        Parameters.
    example : mapping of str to Tensor
        One item of the examples.
    fabric : Fabric
        Puts the network on devices.
    """

    def __init__(self, objective: Segmenter, example: Batch, fabric: Fabric) -> None:
        self.objective, self.fabric = objective, fabric
        self.sizes = objective.network.model_copy(update={"inputs": len(example["image"])})
        self.network = _network(self.sizes, fabric)
        self.network.keep_shapes(*example["image"].shape[1:])  # says if it takes no images of this size
        self.optimiser = AdamW(self.network.parameters(), objective.learning_rate, weight_decay=objective.weight_decay)
        super().__init__({"network": self.network}, {"network": self.optimiser})

    def check(self, example: Batch, count: int) -> None:
        """Refuse crops that are too small and too few for batch normalisation.

        Parameters
        ----------
        example : mapping of str to Tensor
            With "image", (C, Y, X).
        count : int
            Examples of a step, in each process.

        Raises
        ------
        ValueError
            If the network cannot be trained on them.
        """
        try_out("network", self.network, (count, *example["image"].shape))

    def step(self, batch: Batch, seen: int) -> dict[str, float]:
        """Take one step.

        Parameters
        ----------
        batch : mapping of str to Tensor
            "image" (B, C, Y, X), "flow" (B, 2, Y, X) and "cell" (B, Y, X).
        seen : int
            Samples seen before.

        Returns
        -------
        dict of str to float
            "flow" and "cell", the parts of the loss; "learning_rate".
        """
        rate = self.objective.rate(seen)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        with self.fabric.autocast():
            made = self.network(batch["image"])
            flow = functional.mse_loss(made[:, :2].float(), SCALE * batch["flow"]) / 2
            cell = functional.binary_cross_entropy_with_logits(made[:, 2].float(), batch["cell"])
        self.descend("network", flow + cell)
        return {"flow": float(flow.detach()), "cell": float(cell.detach()), "learning_rate": rate}

    def examples(self, given: Batch) -> Tensor:
        """Segment images.

        Parameters
        ----------
        given : mapping of str to Tensor
            With "image", (N, C, Y, X).

        Returns
        -------
        (N, 3, Y, X) Tensor
            Flow (y, x) and the probability of a cell, all in [-1, 1], on the CPU.
        """
        training = self.network.training
        self.network.eval()
        with torch.no_grad():
            made = self.network(given["image"]).float()
        self.network.train(training)
        cell = torch.sigmoid(made[:, 2:]) * 2 - 1
        return torch.cat([(made[:, :2] / SCALE).clamp(-1, 1), cell], 1).cpu()

    def weights(self) -> tuple[dict[str, Tensor], dict[str, object]]:
        """Return the network.

        Returns
        -------
        tensors : dict of str to Tensor
            Names begin with "network.".
        settings : dict of str to JSON value
            "network", and "segmenter", from which it is built.
        """
        tensors = {f"network.{name}": tensor for name, tensor in self.network.state_dict().items()}
        return tensors, {"network": "segmenter", "segmenter": self.sizes.model_dump(mode="json")}


def _network(sizes: Network, fabric: Fabric) -> ImageNetwork:
    network = sizes()
    if isinstance(network, SegmentationNetwork):
        return cast("ImageNetwork", fabric.to_device(network))
    raise ValueError(f"network must be segmentation-unet, got {type(sizes).__name__}")
