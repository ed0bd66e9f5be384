"""Reading the records of the objects of a sample."""

from __future__ import annotations

from typing import cast

import numpy as np
import zarr
from numpy.typing import NDArray

from cellsim.datasets.layout import array_of
from cellsim.sample import Records

Table = tuple[list[str], NDArray[np.float32]]


def read_table(group: zarr.Group, shard: int) -> Table:
    """Read the table of the objects of a shard.

    Parameters
    ----------
    group : zarr.Group
        Of the data set.
    shard : int
        Index of the shard.

    Returns
    -------
    columns : list of str
        "sample" (within the shard), "id", then ``name.k``; empty if the samples have no records.
    rows : (M, K) float32 array
        Ascending in sample, then id.
    """
    name = f"objects/{shard}"
    if name not in group:
        return [], np.zeros((0, 2), np.float32)
    array = array_of(group, name)
    return list(cast("list[str]", array.attrs["columns"])), np.asarray(array[:])


def records_of(table: Table, index: int) -> Records:
    """Cut the records of one sample out of the table of its shard.

    Parameters
    ----------
    table : (columns, rows)
        As `read_table` returns it.
    index : int
        Of the sample within its shard.

    Returns
    -------
    mapping of str to (N, K) float32 arrays
        Row i belongs to the object with id i + 1.
    """
    columns, rows = table
    first, last = np.searchsorted(rows[:, 0], [index, index + 1])
    names = dict.fromkeys(column.rpartition(".")[0] for column in columns[2:])
    where = {name: [k for k, column in enumerate(columns) if column.rpartition(".")[0] == name] for name in names}
    return {name: rows[first:last, positions] for name, positions in where.items()}
