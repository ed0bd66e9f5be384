"""Checkpoints: all from which a training goes on as if it had never stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cellsim.errors import StoreError
from cellsim.nn.atomic import replacing
from cellsim.train.objectives.base import Training

FORMAT = 1
SHOWN = 3  # fields in a message


@dataclass(frozen=True)
class Identity:
    """What a checkpoint is of.

    Parameters
    ----------
    name : str
        Of the plan.
    digest : str
        Of the plan.
    plan : dict
        The plan as plain values.
    data : str
        Where the data set lies, and its version, for people.
    data_digest : str
        Of the content of that version.
    """

    name: str
    digest: str
    plan: dict[str, Any]
    data: str
    data_digest: str


@dataclass
class Clock:
    """Where a training stands.

    Parameters
    ----------
    seen : int
        Samples seen, of all processes.
    seconds : float
        Spent on them, over all runs.
    sums : dict of str to list of float
        What was logged since the last tick: name -> [sum, number of steps].
    scores : list of list of float
        [samples seen, score] of every snapshot; the score is nan if there is none.
    """

    seen: int = 0
    seconds: float = 0.0
    sums: dict[str, list[float]] = field(default_factory=dict)
    scores: list[list[float]] = field(default_factory=list)


def save_checkpoint(path: Path, of: Identity, clock: Clock, training: Training, generators: dict[str, Tensor]) -> None:
    """Write a checkpoint, whole or not at all.

    Parameters
    ----------
    path : Path
        Of the file.
    of : Identity
        Of the training.
    clock : Clock
        Where it stands.
    training : Training
        Its networks and optimisers.
    generators : dict of str to (P, K) uint8 Tensor
        States of torch's generators in each of P processes.

    Raises
    ------
    StoreError
        If it cannot be written; an earlier one is kept.
    """
    state = {
        "format": FORMAT,
        "of": asdict(of),
        "clock": asdict(clock),
        "modules": {name: dict(module.state_dict()) for name, module in training.modules.items()},
        "optimisers": {name: optimiser.state_dict() for name, optimiser in training.optimisers.items()},
        "generators": generators,
    }
    with replacing(path) as file:
        torch.save(state, file)


def load_checkpoint(path: Path, of: Identity, training: Training) -> tuple[Clock, dict[str, Tensor]] | None:
    """Read a checkpoint into a training.

    Parameters
    ----------
    path : Path
        Of the file.
    of : Identity
        Of the training that goes on.
    training : Training
        Just begun; its networks and optimisers take over the state.

    Returns
    -------
    (Clock, dict of str to Tensor) or None
        Where it stands, and the states of torch's generators; None if there is no checkpoint.

    Raises
    ------
    StoreError
        If the file is damaged, or is of another plan or another data set.
    """
    if not path.exists():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        was, clock = Identity(**state["of"]), Clock(**state["clock"])
    except Exception as error:  # unpickling raises all kinds of errors on damaged bytes
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise StoreError(f"{path} cannot be read as a checkpoint: {reason}; remove it to begin anew") from None
    _check(path, was, of)
    for name, module in training.modules.items():
        module.load_state_dict(state["modules"][name])
    for name, optimiser in training.optimisers.items():
        optimiser.load_state_dict(state["optimisers"][name])
    return clock, state["generators"]


def _check(path: Path, was: Identity, now: Identity) -> None:
    advice = "take another folder, or remove it"
    if was.digest != now.digest:
        changed = list(_differences(was.plan, now.plan, ""))
        shown = ", ".join(changed[:SHOWN]) + (", ..." if len(changed) > SHOWN else "")
        raise StoreError(f"{path} is of the plan '{was.name}', not of this '{now.name}' ({shown}): {advice}")
    if was.data_digest != now.data_digest:
        raise StoreError(f"{path} was trained on {was.data}, not on {now.data}: {advice}")


def _differences(was: object, now: object, path: str) -> Iterator[str]:
    if isinstance(was, dict) and isinstance(now, dict):
        for key in sorted({*was, *now}):
            yield from _differences(was.get(key), now.get(key), f"{path}.{key}".lstrip("."))
    elif was != now:
        yield f"{path}: {was!r} there, {now!r} here"
