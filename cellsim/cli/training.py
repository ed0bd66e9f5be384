"""`cellsim train`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click
from tqdm import tqdm

from cellsim.cli.making import advance
from cellsim.cli.table import table
from cellsim.train.hardware import DEVICES, Hardware

if TYPE_CHECKING:
    from cellsim.train import Fitted, TrainPlan


@click.command()
@click.option("--plan", "-p", required=True, help="A YAML file, or the name of a built-in plan.")
@click.option("--data", "-d", required=True, help="Data set to train on, such as real.zarr or real.zarr@v1.")
@click.option("-o", "--output", default="weights", show_default=True, help="Folder of weights.")
@click.option("--set", "changes", multiple=True, metavar="PATH=VALUE", help="Change a field of the plan.")
@click.option("--device", type=click.Choice(DEVICES), default="auto", show_default=True, help="Where it runs.")
@click.option("--devices", type=int, default=1, show_default=True, help="GPUs, or processes on the CPU.")
@click.option("--threads", type=int, help="On the CPU, of each process.  [default: as PyTorch chooses]")
@click.option("--workers", type=int, default=0, show_default=True, help="Processes that make examples, a device.")
@click.option("--minutes", type=float, help="Stop after this time, with a checkpoint.")
def train(
    plan: str,
    data: str,
    output: str,
    changes: tuple[str, ...],
    device: str,
    devices: int,
    threads: int | None,
    workers: int,
    minutes: float | None,
) -> None:
    """Train networks on a data set, as a plan says.

    Run it again after a stop or a crash and it goes on from the last checkpoint. Writes the weights of the best
    snapshot and a model card; and into a folder of the name of the plan the checkpoint, the log and pictures of what
    the networks make.
    """
    from cellsim.train import TrainPlan, fit  # torch takes seconds to import, and help must not

    loaded = TrainPlan.load(plan, changes)
    hardware = Hardware(device, devices, threads, workers)
    with tqdm(unit=" samples", dynamic_ncols=True, leave=False, disable=None) as bar:
        done = fit(loaded, data, output, hardware=hardware, minutes=minutes, progress=advance(bar))
    if done.first:
        click.echo(summary(done, loaded))


def summary(done: Fitted, plan: TrainPlan) -> str:
    """Say on one screen what was trained.

    Parameters
    ----------
    done : Fitted
        As `cellsim.train.fit` returns it.
    plan : TrainPlan
        What was asked for.

    Returns
    -------
    str
        A few lines.
    """
    share = f"{done.seen:,} of {plan.samples:,}"
    lines = [
        ("weights", str(done.weights)),
        ("card", f"{done.card} (the licences and limits are to be filled in)"),
        ("log", str(Path(done.folder) / "stats.jsonl")),
        ("samples", share if done.finished else f"{share}; the same command goes on from there"),
        ("time", f"{done.seconds:.1f} s ({done.seen / max(done.seconds, 1e-9):.1f} samples a second)"),
    ]
    if done.best is not None and not math.isnan(done.best[1]):
        lines.append(("best", f"{plan.score} {done.best[1]:.4g} at {done.best[0]:,} samples"))
    return table(lines)
