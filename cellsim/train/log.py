"""What is written while a training runs: numbers, and pictures of what the networks make."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from cellsim.nn.atomic import replacing

STATS = "stats.jsonl"
EDGE = 4  # px between pictures


class Log:
    """The log of a training: ``stats.jsonl``, sample grids, and TensorBoard's files if it is installed.

    Parameters
    ----------
    folder : Path
        Where they are written.
    seen : int
        Samples seen by the checkpoint that the training goes on from; what was logged after it is dropped.
    """

    def __init__(self, folder: Path, seen: int = 0) -> None:
        self.folder = folder
        lines = [line for line in read_stats(folder) if line["seen"] <= seen]
        with replacing(folder / STATS) as file:
            file.writelines(_line(line) for line in lines)
        self._board = _tensorboard(folder, seen)

    def write(self, seen: int, numbers: dict[str, float]) -> None:
        """Add a line.

        Parameters
        ----------
        seen : int
            Samples seen.
        numbers : dict of str to float
            Losses, scores, rates.
        """
        with (self.folder / STATS).open("ab") as file:
            file.write(_line({"seen": seen} | numbers | {"seen": seen}))
        if self._board is not None:
            for name, number in numbers.items():
                self._board.add_scalar(name, number, seen)
            self._board.flush()

    def picture(self, name: str, sheet: NDArray[np.uint8], seen: int) -> None:
        """Write a picture.

        Parameters
        ----------
        name : str
            Of the file, without ".png".
        sheet : (Y, X, 3) uint8 array
            As `grid` returns it.
        seen : int
            Samples seen.
        """
        path = self.folder / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        with replacing(path) as file:
            Picture.fromarray(sheet).save(file, format="PNG")
        if self._board is not None:
            self._board.add_image(name.partition("/")[0], sheet, seen, dataformats="HWC")

    def close(self) -> None:
        """Close TensorBoard's file."""
        if self._board is not None:
            self._board.close()


def _line(values: Mapping[str, Any]) -> bytes:
    return (json.dumps(dict(values)) + "\n").encode()


def _tensorboard(folder: Path, seen: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder), purge_step=seen + 1)


def read_stats(folder: Path) -> list[dict[str, float]]:
    """Read what was logged.

    Parameters
    ----------
    folder : Path
        Of the training.

    Returns
    -------
    list of dict
        A line each; a line that a killed process left unfinished is left out.
    """
    path = folder / STATS
    if not path.exists():
        return []
    found = []
    for line in path.read_text("utf-8").splitlines():
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return found


def grid(pictures: Sequence[NDArray[np.float32]]) -> NDArray[np.uint8]:
    """Lay pictures out on a sheet about as wide as high.

    Parameters
    ----------
    pictures : sequence of (Y, X, 3) float32 arrays
        In [0, 1], of one shape; at least one.

    Returns
    -------
    (Y', X', 3) uint8 array
        Row by row.
    """
    height, width = pictures[0].shape[:2]
    columns = max(1, round(math.sqrt(len(pictures) * height / width)))
    rows = -(-len(pictures) // columns)
    sheet = np.full((rows * (height + EDGE) + EDGE, columns * (width + EDGE) + EDGE, 3), 255, np.uint8)
    for i, picture in enumerate(pictures):
        y, x = EDGE + i // columns * (height + EDGE), EDGE + i % columns * (width + EDGE)
        sheet[y : y + height, x : x + width] = np.round(picture * 255)
    return sheet
