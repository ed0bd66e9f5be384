"""How arrays of samples are cut into chunks and shards: small samples whole, large volumes into blocks."""

from __future__ import annotations

import math
from collections.abc import Sequence

SHARD = 64  # samples of a shard, if they are not large
CHUNK = 128  # pixels; the longest edge of a chunk of a large volume
SHARD_BYTES = 2**28  # of a shard of large volumes, images and labels together, not compressed


def is_large(shape: Sequence[int]) -> bool:
    """Say whether samples are chunked within.

    Parameters
    ----------
    shape : (D,) ints
        Of the canvas in pixels.

    Returns
    -------
    bool
        True for volumes of more than 128 x 128 x 128 pixels; images are one chunk, whatever their size.
    """
    return len(shape) == 3 and math.prod(shape) > CHUNK**3


def chunk_shape(shape: Sequence[int]) -> tuple[int, ...]:
    """Cut the canvas into chunks of nearly equal size, so that little is padded.

    Parameters
    ----------
    shape : (D,) ints
        Of the canvas in pixels.

    Returns
    -------
    (D,) ints
        Of a chunk: at most 128 along each axis of a large volume, 130 become two of 65; else the canvas.
    """
    if not is_large(shape):
        return tuple(shape)
    return tuple(math.ceil(n / math.ceil(n / CHUNK)) for n in shape)


def samples_a_shard(shape: Sequence[int], pixel: int) -> int:
    """Say how many samples a shard has: as a worker holds all of them in memory, fewer if they are large.

    Parameters
    ----------
    shape : (D,) ints
        Of the canvas in pixels.
    pixel : int
        Bytes stored for each pixel, of all structures and channels.

    Returns
    -------
    int
        64; of large volumes as many as 256 MiB hold, but at least 1 and at most 64.
    """
    if not is_large(shape):
        return SHARD
    return min(SHARD, max(1, SHARD_BYTES // (math.prod(shape) * pixel)))
