"""Training: one loop for every paper; plans say what is trained, on what, for how long."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cellsim.train.hardware import Hardware as Hardware
    from cellsim.train.plan import TrainPlan as TrainPlan
    from cellsim.train.training import Fitted as Fitted
    from cellsim.train.training import fit as fit

# Imported on first use, so that the tables of kinds in this room are read without torch.
DOORS = {
    "Fitted": "cellsim.train.training",
    "Hardware": "cellsim.train.hardware",
    "TrainPlan": "cellsim.train.plan",
    "fit": "cellsim.train.training",
}

__all__ = ["Fitted", "Hardware", "TrainPlan", "fit"]


def __getattr__(name: str) -> Any:
    if name not in DOORS:
        raise AttributeError(f"module 'cellsim.train' has no attribute {name!r}")
    return getattr(importlib.import_module(DOORS[name]), name)
