"""Where a training runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cellsim.errors import InputError

if TYPE_CHECKING:
    from lightning_fabric import Fabric

DEVICES = ("auto", "cpu", "cuda")
# Not float16: objectives step bare optimisers, and gradients would stay scaled.
PRECISIONS = {"32": "32-true", "bf16": "bf16-mixed"}


@dataclass(frozen=True)
class Hardware:
    """Where a training runs; it is no part of the plan.

    Parameters
    ----------
    device : {"auto", "cpu", "cuda"}
        "auto" takes a GPU if there is one.
    devices : int
        How many GPUs, or processes on the CPU.
    threads : int, optional
        Of each process on the CPU; as PyTorch chooses if None.
    workers : int
        Processes that make examples, for each device; 0 makes them in the process that trains.

    Raises
    ------
    InputError
        If a value is not allowed, or there is no such device.
    """

    device: str = "auto"
    devices: int = 1
    threads: int | None = None
    workers: int = 0

    def __post_init__(self) -> None:
        if self.device not in DEVICES:
            raise InputError(f"device must be one of {', '.join(DEVICES)}, got {self.device!r}")
        if self.devices < 1 or self.workers < 0 or (self.threads is not None and self.threads < 1):
            raise InputError(
                "devices and threads must be >= 1 and workers >= 0, "
                f"got {self.devices}, {self.threads} and {self.workers}"
            )
        import torch

        if self.accelerator == "cuda" and torch.cuda.device_count() < self.devices:
            raise InputError(f"{self.devices} GPUs were asked for, PyTorch sees {torch.cuda.device_count()}")

    @property
    def accelerator(self) -> str:
        """The device that "auto" stands for."""
        import torch

        if self.device != "auto":
            return self.device
        return "cuda" if torch.cuda.is_available() else "cpu"

    def fabric(self, precision: str) -> Fabric:
        """Set up devices and processes.

        Parameters
        ----------
        precision : {"32", "bf16"}
            As in a plan.

        Returns
        -------
        Fabric
            Launched: with several devices, the others run this program too from here on.
        """
        import torch
        from lightning_fabric import Fabric

        if self.threads is not None:
            torch.set_num_threads(self.threads)
        strategy = "auto" if self.devices == 1 else "ddp"
        fabric = Fabric(
            accelerator=self.accelerator,
            devices=self.devices,
            strategy=strategy,
            precision=PRECISIONS[precision],  # type: ignore[arg-type]
        )
        fabric.launch()
        return fabric
