"""How the command line lays out facts: a name and a text a line."""

from __future__ import annotations

from collections.abc import Sequence


def table(facts: Sequence[tuple[str, str]]) -> str:
    """Lay out facts, names aligned to the right.

    Parameters
    ----------
    facts : sequence of (str, str)
        Name and text.

    Returns
    -------
    str
        A line each.
    """
    width = max(len(name) for name, _ in facts) + 1
    return "\n".join(f"{name:>{width}}  {text}" for name, text in facts)
