"""What an objective is, and the training that it begins."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, cast

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from cellsim.steps import Step

if TYPE_CHECKING:
    from lightning_fabric import Fabric  # takes seconds to import, and plans are checked without it

Batch = Mapping[str, Tensor]  # a batch of what the examples of a plan return, (B, ...) each


class Training(ABC):
    """Networks that are being trained.

    The loop seeds torch's generators, saves and restores them; `step` draws from them and from nothing else. All that
    changes from step to step is in `modules` (numbers too, as buffers) and `optimisers`, so that a checkpoint of both
    and of the generators is the whole state.

    Parameters
    ----------
    modules : dict of str to Module
        Networks, their moving averages, and numbers kept as buffers.
    optimisers : dict of str to Optimizer
        By the names of what they optimise.
    """

    fabric: Fabric

    def __init__(self, modules: dict[str, nn.Module], optimisers: dict[str, Optimizer]) -> None:
        self.modules = modules
        self.optimisers = optimisers

    def check(self, example: Batch, count: int) -> None:
        """Refuse batches that the networks cannot be trained on, before the first step; none unless overridden.

        Parameters
        ----------
        example : mapping of str to Tensor
            One item of the examples, without a batch axis.
        count : int
            Examples of a step, in each process.

        Raises
        ------
        ValueError
            If they are too small or too few.
        """
        return

    def descend(self, name: str, loss: Tensor) -> None:
        """Take a step of an optimiser down the gradient of a loss, which is averaged over processes.

        Parameters
        ----------
        name : str
            Of the optimiser, and of the network that it optimises.
        loss : 0-d Tensor
            Of this process.
        """
        optimiser = self.optimisers[name]
        optimiser.zero_grad(set_to_none=True)
        self.fabric.backward(loss)
        if self.fabric.world_size > 1:
            for weight in self.modules[name].parameters():
                if weight.grad is not None:
                    weight.grad.copy_(cast("Tensor", self.fabric.all_reduce(weight.grad, reduce_op="mean")))
        optimiser.step()

    @abstractmethod
    def step(self, batch: Batch, seen: int) -> dict[str, float]:
        """Take one step of every optimiser.

        Parameters
        ----------
        batch : mapping of str to Tensor
            On the device of the networks.
        seen : int
            Samples seen in training before this batch, of all processes: the clock of every schedule.

        Returns
        -------
        dict of str to float
            What is logged: losses and such.
        """

    @abstractmethod
    def examples(self, given: Batch) -> Tensor:
        """Make what the networks make now, for pictures and for scores.

        Parameters
        ----------
        given : mapping of str to Tensor
            N examples that are not trained on, on the device of the networks. What is made of noise alone takes only
            their number from them.

        Returns
        -------
        (N, C, Y, X) Tensor
            float32 in [-1, 1], on the CPU.
        """

    @abstractmethod
    def weights(self) -> tuple[dict[str, Tensor], dict[str, object]]:
        """Return what is kept of a training: the weights that a recipe uses, and those that another begins from.

        Returns
        -------
        tensors : dict of str to Tensor
            By name, such as "generator.synthesis.4.weight".
        settings : dict of str to JSON value
            From which the networks are built again.
        """

    def start_from(self, tensors: Mapping[str, Tensor]) -> int:
        """Take over weights of an earlier training, before the first step.

        Here those whose name is that of a module, a dot and a name in its state; an objective that keeps a network
        and its moving average puts the one into both.

        Parameters
        ----------
        tensors : mapping of str to Tensor
            As `weights` returned them.

        Returns
        -------
        int
            How many were taken over.

        Raises
        ------
        ValueError
            If one has another shape than here.
        """
        taken = 0
        for name, module in self.modules.items():
            state = module.state_dict()
            found = {key: tensors[f"{name}.{key}"] for key in state if f"{name}.{key}" in tensors}
            for key, tensor in found.items():
                if tensor.shape != state[key].shape:
                    raise ValueError(
                        f"{name}.{key} must be of shape {tuple(state[key].shape)}, got {tuple(tensor.shape)}"
                    )
            module.load_state_dict(found, strict=False)
            taken += len(found)
        return taken


class Objective(Step):
    """Networks, losses and optimisers of a paper, as parameters."""

    room: ClassVar[str] = "cellsim.train.objectives"

    @abstractmethod
    def begin(self, example: Batch, fabric: Fabric) -> Training:
        """Build networks and optimisers.

        Parameters
        ----------
        example : mapping of str to Tensor
            One item of the examples, without a batch axis: its shapes decide those of the networks.
        fabric : Fabric
            Puts networks on devices and in processes (`fabric.setup`) and steps backwards (`fabric.backward`).

        Returns
        -------
        Training
            Newly initialised from torch's generator.

        Raises
        ------
        ValueError
            If the networks do not fit such an example.
        """


def try_out(name: str, network: nn.Module, shape: tuple[int, ...]) -> None:
    """Find out whether a network can be trained on images of some shape, without computing anything.

    Parameters
    ----------
    name : str
        Of the network, for the message.
    network : Module
        Left as it is.
    shape : (4,) ints
        Of a batch of images, (B, C, Y, X).

    Raises
    ------
    ValueError
        If a layer cannot take what reaches it.
    """
    copied = copy.deepcopy(network).to("meta").train()
    try:
        with torch.no_grad():
            copied(torch.empty(shape, device="meta"))
    except (RuntimeError, ValueError) as error:
        count, _, height, width = shape
        why = str(error).partition("\n")[0]
        raise ValueError(
            f"{name} must be smaller, or crops or batch larger: it cannot be trained on {count} images of {height} x "
            f"{width} px ({why})"
        ) from None
