"""From the tensors of a file of weights to one of the networks they are of."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

SHOWN = 3  # names in a message


def load_part(network: nn.Module, tensors: Mapping[str, Tensor], part: str) -> int:
    """Give a network its tensors.

    Parameters
    ----------
    network : Module
        Filled in place.
    tensors : mapping of str to Tensor
        Of several networks; names begin with the part and a dot.
    part : str
        Such as "generator".

    Returns
    -------
    int
        How many tensors were taken.

    Raises
    ------
    ValueError
        If one is missing, is not known, or has another shape.
    """
    prefix, state = f"{part}.", network.state_dict()
    own = {name.removeprefix(prefix): one for name, one in tensors.items() if name.startswith(prefix)}
    wrong = {
        "are missing": [name for name in state if name not in own],
        "do not belong": [name for name in own if name not in state],
        "have another shape": [name for name in state if name in own and state[name].shape != own[name].shape],
    }
    said = [f"{len(names)} {what} ({_shown(names)})" for what, names in wrong.items() if names]
    if said:
        raise ValueError(f"tensors of the {part} do not fit the architecture: {', '.join(said)}")
    network.load_state_dict(own)
    return len(own)


def _shown(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
