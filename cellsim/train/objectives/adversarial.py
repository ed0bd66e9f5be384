"""What trainings of a generator against a discriminator have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

from torch import Tensor

from cellsim.nn.tensors import load_part
from cellsim.train.objectives.base import Training


class AdversarialTraining(Training):
    """A generator against a discriminator: modules of these names, and "average" if that of the generator is kept."""

    @property
    @abstractmethod
    def settings(self) -> dict[str, object]:
        """From what the generator is built again, JSON values."""

    def weights(self) -> tuple[dict[str, Tensor], dict[str, object]]:
        """Return the generator, as its average if there is one, and the discriminator.

        Returns
        -------
        tensors : dict of str to Tensor
            Names begin with "generator." or "discriminator.".
        settings : dict of str to JSON value
            As `settings`.
        """
        kept = {
            "generator": self.modules.get("average", self.modules["generator"]),
            "discriminator": self.modules["discriminator"],
        }
        tensors = {f"{name}.{key}": value for name, one in kept.items() for key, value in one.state_dict().items()}
        return tensors, self.settings

    def start_from(self, tensors: Mapping[str, Tensor]) -> int:
        """Take over weights of an earlier training, before the first step.

        Parameters
        ----------
        tensors : mapping of str to Tensor
            As `weights` returned them, of both networks or of one; those of the generator also begin its average.

        Returns
        -------
        int
            How many were taken over.

        Raises
        ------
        ValueError
            If they are of another architecture.
        """
        taken = 0
        for name in ("generator", "discriminator"):
            if any(key.startswith(f"{name}.") for key in tensors):
                taken += load_part(self.modules[name], tensors, name)
        if "average" in self.modules:
            self.modules["average"].load_state_dict(self.modules["generator"].state_dict())
        return taken
