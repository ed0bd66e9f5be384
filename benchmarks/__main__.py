"""Run all benchmarks: `python -m benchmarks [name ...]`."""

from __future__ import annotations

import os
import platform
import sys

from benchmarks import (
    distances,
    export,
    filters,
    flows,
    gibbs,
    images,
    layers,
    loading,
    main_job,
    masks,
    nuclei_golgi,
    pix2pix,
    points,
    populations,
    scaling,
    scores,
    simcep,
    spatial,
    startup,
    store,
    unets,
    volumes,
)

ALL = {
    "startup": startup,
    "masks": masks,
    "flows": flows,
    "points": points,
    "gibbs": gibbs,
    "populations": populations,
    "images": images,
    "simcep": simcep,
    "filters": filters,
    "nuclei_golgi": nuclei_golgi,
    "volumes": volumes,
    "scores": scores,
    "spatial": spatial,
    "layers": layers,
    "unets": unets,
    "pix2pix": pix2pix,
    "scaling": scaling,
    "store": store,
    "loading": loading,
    "export": export,
    "distances": distances,
    "main_job": main_job,
}


def main() -> None:
    """Print a table for each benchmark named on the command line, or for all."""
    print(f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}; medians\n")
    for name in sys.argv[1:] or ALL:
        print(f"**{name}**\n\n| what | measured | to reach |\n|---|---|---|")
        ALL[name].main()
        print(flush=True)


if __name__ == "__main__":
    main()
