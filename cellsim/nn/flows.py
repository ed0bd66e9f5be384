"""Flows of objects on any device, equal to those of `cellsim.masks.flows` but for rounding."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from cellsim.masks.boxes import bounding_boxes
from cellsim.masks.flows import STEPS, gather_sinks
from cellsim.masks.flows import encode_flows as encode_by_kernel
from cellsim.masks.heat import FAINT_DOUBLE, HEAT_DOUBLE, sources_of_objects
from cellsim.masks.sinks import STILL

AROUND = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]


@torch.no_grad()
def encode_flows(labels: Tensor) -> tuple[Tensor, Tensor]:
    """Encode a batch of objects as flows; `cellsim.masks.flows.encode_flows` on the device of the labels.

    All objects of the batch spread their heat at once, in double precision, each as often as the extent of its
    bounding box asks. Images in which the heat does not reach every pixel are encoded by the kernel, on the host.

    Parameters
    ----------
    labels : (B, Y, X) integer tensor
        0 is background; ids from 1 to 65,535.

    Returns
    -------
    flow : (B, 2, Y, X) float32 tensor
        Unit vectors (y, x) towards the centre, 0 outside.
    probability : (B, Y, X) float32 tensor
        1 inside, 0 outside.
    """
    host = labels.cpu().numpy().astype(np.uint16)
    frame = functional.pad(labels.long(), (1, 1, 1, 1))
    name, (_, height, width) = frame.flatten(), frame.shape
    cells = torch.nonzero(name).squeeze(1)
    place = torch.full_like(name, len(cells))  # among the cells; the place after the last is always cold
    place[cells] = torch.arange(len(cells), device=labels.device)
    offsets = torch.tensor([dy * width + dx for dy, dx in AROUND], device=labels.device)
    near = cells + offsets.unsqueeze(1)
    near = torch.where(name[near] == name[cells], place[near], len(cells))
    heat = _diffuse(near, place, _sources(host).to(labels.device), frame)
    flow = torch.zeros(2, len(name), device=labels.device)
    flow[:, cells] = _directions(heat[near[7]] - heat[near[1]], heat[near[5]] - heat[near[3]]).float()
    flow = flow.view(2, *frame.shape)[:, :, 1:-1, 1:-1].movedim(0, 1).contiguous()
    for i in torch.unique(cells[heat[:-1] < FAINT_DOUBLE] // (height * width)).tolist():
        flow[i] = torch.as_tensor(encode_by_kernel(host[i])[0]).to(flow)
    return flow, (labels > 0).float()


def _sources(images: NDArray[np.uint16]) -> Tensor:
    """List image, id, y, x and number of times of every object's source."""
    rows = []
    for i, image in enumerate(images):
        boxes = bounding_boxes(image[np.newaxis], int(image.max(initial=0)))
        found = sources_of_objects(image, boxes)
        ids = np.flatnonzero(found[:, 2])
        rows.append(np.column_stack([np.full(len(ids), i), ids + 1, found[ids]]))
    return torch.as_tensor(np.concatenate(rows or [np.zeros((0, 5), np.int64)]))


def _diffuse(near: Tensor, place: Tensor, sources: Tensor, frame: Tensor) -> Tensor:
    """Spread heat from all sources, each as often as it asks; of every cell pixel, and 0 at the end."""
    _, height, width = frame.shape
    image, label, y, x, rounds = sources.unbind(1)
    start = place[(image * height + y + 1) * width + x + 1]
    most = int(rounds.max()) if len(rounds) else 0
    table = torch.zeros(len(frame), int(frame.max()) + 1 if frame.numel() else 1, dtype=torch.long, device=near.device)
    table[image, label] = rounds
    cells = torch.nonzero(frame.flatten()).squeeze(1)
    asked = table[cells // (height * width), frame.flatten()[cells]]
    heat = torch.zeros(near.shape[1] + 1, dtype=torch.float64, device=near.device)
    for step in range(most):
        heat[start] += HEAT_DOUBLE * (rounds > step).double()
        heat[:-1] = torch.where(asked > step, heat[near].sum(dim=0) / 9, heat[:-1])
    return heat


def _directions(down: Tensor, along: Tensor) -> Tensor:
    """Return unit vectors, or 0; squares can underflow before they are scaled."""
    greater = torch.maximum(down.abs(), along.abs())
    vectors = torch.stack([down, along]) / torch.where(greater > 0, greater, 1)
    length = torch.linalg.vector_norm(vectors, dim=0)
    return vectors / torch.where(length > 0, length, 1)


@torch.no_grad()
def decode_flows(
    flow: Tensor,
    probability: Tensor,
    threshold: float = 0.5,
    smallest: int = 1,
    error: float | None = None,
    steps: int = STEPS,
) -> tuple[Tensor, Tensor]:
    """Decode a batch of flows; `cellsim.masks.flows.track_flows` on the device of the flow.

    Paths are followed on the device. Their ends are gathered into objects on the host.

    Parameters
    ----------
    flow : (B, 2, Y, X) float tensor
        (y, x) components in pixels a step.
    probability : (B, Y, X) float tensor
        Of a cell.
    threshold, smallest, error, steps : float, int, float or None, int
        See `cellsim.masks.flows.track_flows`.

    Returns
    -------
    labels : (B, Y, X) int32 tensor
        Ids 1..N in every image.
    converged : (B,) float64 tensor
        Share of the cell pixels whose paths end at a sink.

    Raises
    ------
    ValueError
        If the flow is not finite.
    """
    if not torch.isfinite(flow).all():
        raise ValueError("flow must be finite, got NaN or infinity")
    inside = probability > threshold
    ends = _follow(flow.float() * inside.unsqueeze(1), inside, steps).cpu().numpy()
    fields = flow.float().cpu().numpy()
    found = []
    for one, field in zip(ends, fields, strict=True):
        votes = np.bincount(one[one >= 0], minlength=one.size).astype(np.int32).reshape(one.shape)
        found.append(gather_sinks((one, votes), field, smallest, error))
    labels = np.array([image for image, _ in found], np.int32).reshape(probability.shape)
    converged = torch.tensor([share for _, share in found], dtype=torch.float64)
    return torch.as_tensor(labels).to(flow.device), converged.to(flow.device)


def _follow(field: Tensor, inside: Tensor, steps: int) -> Tensor:
    """Flat index of the pixel where the path from each pixel ends, -1 outside; as `cellsim.masks.sinks.follow`."""
    _, height, width = inside.shape
    image, *start = torch.nonzero(inside).unbind(1)
    here = torch.stack(start).float()
    last, moving = here.clone(), torch.arange(len(image), device=field.device)
    down, along = functional.pad(field, (0, 1, 0, 1)).movedim(1, 0).reshape(2, -1)
    corner = image * (height + 1) * (width + 1)
    limit = torch.tensor([[height - 1.0], [width - 1.0]], device=field.device)
    for step in range(steps):
        at, before = here[:, moving], last[:, moving]
        first = at.long()
        share = at - first
        flat = corner[moving] + first[0] * (width + 1) + first[1]
        shift = torch.stack([_between(part, flat, share, width + 1) for part in (down, along)])
        new = torch.minimum((at + shift).clamp(min=0), limit)
        last[:, moving], here[:, moving] = at, new
        if step:
            moving = moving[((new - before) ** 2).sum(dim=0) >= STILL]
        if len(moving) == 0:
            break
    y, x = (0.5 * (here + last) + 0.5).long()
    ends = torch.full(inside.shape, -1, dtype=torch.int32, device=field.device)
    ends[inside] = (y * width + x).int()
    return ends


def _between(values: Tensor, flat: Tensor, share: Tensor, width: int) -> Tensor:
    """Interpolate between four pixels."""
    (down, along), (up, back) = share, 1 - share
    between: Tensor = up * (back * values[flat] + along * values[flat + 1])
    between += down * (back * values[flat + width] + along * values[flat + width + 1])
    return between
