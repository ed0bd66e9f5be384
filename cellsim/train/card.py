"""Model cards: what a person should know of weights before using them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import yaml

from cellsim.train.checkpoint import Clock, Identity

CARD = """# {name}

{what}

| | |
|---|---|
| objective | {objective} |
| trained on | {data}, content {digest} |
| licence of the data | unknown: fill in before you share the weights |
| licence of the weights | unknown: fill in before you share them |
| samples seen | {seen:,} |
| time | {hours:.2f} h |
| chosen | {chosen} |

## Limits

Fill in: what the data show and what they do not, what the weights should not be used for.

## Snapshots

{scores}

## Plan

```yaml
{plan}```
"""


def write_card(of: Identity, clock: Clock, score: str | None) -> str:
    """Write the model card of a training.

    Parameters
    ----------
    of : Identity
        What was trained, on what.
    clock : Clock
        How long, and the scores of its snapshots.
    score : str or None
        Name of the score.

    Returns
    -------
    str
        Markdown, with places to be filled in by a person.
    """
    rows = [f"| {int(seen):,} | {value:.4g} |" for seen, value in clock.scores]
    table = "\n".join([f"| samples seen | {score} |", "|---|---|", *rows]) if score and rows else "Not scored."
    return CARD.format(
        name=of.name,
        what="Weights trained by cellsim. Fill in: what they are for.",
        objective=of.plan["objective"]["kind"],
        data=of.data,
        digest=of.data_digest[:12],
        seen=clock.seen,
        hours=clock.seconds / 3600,
        chosen=_chosen(best_of(clock.scores), score),
        scores=table,
        plan=yaml.safe_dump(of.plan, sort_keys=False, allow_unicode=True, default_flow_style=None),
    )


def _chosen(best: tuple[int, float] | None, score: str | None) -> str:
    if best is None:
        return "the last state; there was no snapshot"
    seen, value = best
    return f"the snapshot at {seen:,} samples" + (f", {score} {value:.4g}" if score else ", the last one")


def best_of(scores: Sequence[Sequence[float]]) -> tuple[int, float] | None:
    """Find the snapshot whose weights are kept.

    Parameters
    ----------
    scores : sequence of (samples seen, score)
        In order; scores are nan if there are none, infinite if what was made cannot be compared.

    Returns
    -------
    (int, float) or None
        The first of those with the least score, or the last if there are no finite ones; None if there is no snapshot.
    """
    if not scores:
        return None
    scored = [one for one in scores if math.isfinite(one[1])]
    seen, value = min(scored, key=lambda one: one[1]) if scored else scores[-1]
    return int(seen), value
