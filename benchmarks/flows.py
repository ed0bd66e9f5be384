"""Flow encoding against Cellpose, and how much noise each encoding bears; draws docs/pictures/flow-noise.png."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy import ndimage

from benchmarks.timing import interleaved_ms, median_ms, row
from cellsim.masks.encodings import ENCODINGS, Encoding
from cellsim.masks.flows import decode_flows, encode_flows
from cellsim.masks.relabel import whole_cells
from cellsim.recipe import Recipe
from cellsim.sample import Labels
from cellsim.seeds import Rng, stream

PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "flow-noise.png"
SIGMAS = (0, 5, 10, 20, 30, 40, 60, 80, 100)
IMAGES = 4
BLUR = 3.0  # px; of noise that is smooth, as the errors of a generator are
SIZES = ((128, 15, 15), (256, 30, 15), (1024, 500, 3))  # edge, cells, rounds


def cells(side: int, number: int, rng: Rng) -> Labels:
    """Draw ellipses on a jittered grid, which touch here and there."""
    across = round(np.ceil(number**0.5))
    step = side / across
    labels = np.zeros((side, side), np.uint16)
    for i in range(number):
        cy, cx = (np.array(divmod(i, across)) + 0.5) * step + rng.normal(0, 0.05 * step, 2)
        low = np.maximum(np.array([cy - step, cx - step]).astype(int), 0)
        y, x = np.ogrid[low[0] : min(low[0] + 2 * int(step), side), low[1] : min(low[1] + 2 * int(step), side)]
        turn, radii = rng.uniform(0, np.pi), step * rng.uniform(0.35, 0.55, 2)
        along = (y - cy) * np.cos(turn) + (x - cx) * np.sin(turn)
        beside = (x - cx) * np.cos(turn) - (y - cy) * np.sin(turn)
        window = labels[y[0, 0] : y[-1, 0] + 1, x[0, 0] : x[0, -1] + 1]
        window[((along / radii[0]) ** 2 + (beside / radii[1]) ** 2 <= 1) & (window == 0)] = i + 1
    return labels


def f1(truth: Labels, found: Labels) -> float:
    """F1 of objects that overlap by more than half (IoU)."""
    common = np.zeros((int(truth.max()) + 1, int(found.max()) + 1))
    np.add.at(common, (truth.ravel(), found.ravel()), 1)
    union = common.sum(axis=1, keepdims=True) + common.sum(axis=0) - common
    hits = np.count_nonzero(common[1:, 1:] > 0.5 * union[1:, 1:])
    return 2 * hits / max(int(truth.max()) + int(found.max()), 1)


def noisy(image: NDArray[np.uint8], sigma: float, blur: float, rng: Rng) -> NDArray[np.uint8]:
    """Add normal noise of a standard deviation in grey levels, white or smooth."""
    noise = rng.standard_normal(image.shape)
    if blur:
        noise = ndimage.gaussian_filter(noise, (0, blur, blur), mode="wrap")
    noise *= sigma / noise.std()
    return np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)


def tolerance(encoding: Encoding, blur: float, masks: list[Labels]) -> list[float]:
    """Mean F1 of masks that were encoded, made noisy and decoded, over `SIGMAS`."""
    rng = stream(0, 0, f"noise for {encoding.name}")
    images = [encoding.encode(mask) for mask in masks]
    return [
        float(np.mean([f1(m, encoding.decode(noisy(i, s, blur, rng))) for m, i in zip(masks, images, strict=True)]))
        for s in SIGMAS
    ]


def draw_tolerance() -> None:
    """Draw the F1 of every encoding over white and smooth noise."""
    recipe = Recipe.load("epidermis", ["generator.membrane=0"])
    masks = [whole_cells(recipe.draw(i).labels[0], 30)[0] for i in range(IMAGES)]
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    for i, (name, blur) in enumerate({"white noise": 0.0, "smooth noise": BLUR}.items()):
        axes = figure.add_subplot(1, 2, i + 1, xlabel="standard deviation, grey levels", ylim=(-0.03, 1.03), title=name)
        axes.set_ylabel("F1 at IoU 0.5" if i == 0 else "")
        for encoding in ENCODINGS.values():
            found = tolerance(encoding, blur, masks)
            axes.plot(SIGMAS, found, "o-", markersize=3, label=encoding.name)
            row(f"{encoding.name}, {name}", ", ".join(f"{one:.2f}" for one in found), f"F1 at {SIGMAS}")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    figure.savefig(PICTURE, dpi=110, metadata={"Software": None})


def compare(side: int, number: int, rounds: int) -> None:
    """Time both directions, in turn with Cellpose's functions."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from cellpose import dynamics

    torch.set_num_threads(1)
    labels = cells(side, number, stream(0, 0, "benchmark"))
    signed = labels.astype(np.int32)
    flow, probability = encode_flows(labels)
    score = 12 * probability - 6
    calls: dict[str, Callable[[], object]] = {
        "encode": lambda: encode_flows(labels),
        "Cellpose, encode": lambda: dynamics.masks_to_flows_cpu(signed),
        "decode": lambda: decode_flows(flow, probability, smallest=15),
        "Cellpose, decode": lambda: dynamics.compute_masks(5 * flow, score, flow_threshold=0.0, min_size=15),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of sparse tensors
        found = interleaved_ms(calls, rounds)
    for name in ("encode", "decode"):
        ours, theirs = found[name], found[f"Cellpose, {name}"]
        row(
            f"{name}, {side} x {side}, {number} cells",
            f"{ours:.2f} ms",
            "<= 4 ms" if (side, name) == (128, "decode") else "",
        )
        row(f"the same in Cellpose 3.1.1.3, {side} x {side}", f"{theirs:.1f} ms", f"{theirs / ours:.1f} x; >= 5 x")


def main() -> None:
    """Time flows and the other encodings, and measure what noise they bear."""
    for size in SIZES:
        compare(*size)
    labels = cells(128, 15, stream(0, 0, "benchmark"))
    for encoding in ENCODINGS.values():
        image = encoding.encode(labels)
        row(f"{encoding.name}, encode, 128 x 128", f"{median_ms(partial(encoding.encode, labels), 30):.2f} ms")
        row(f"{encoding.name}, decode, 128 x 128", f"{median_ms(partial(encoding.decode, image), 30):.2f} ms")
    draw_tolerance()
