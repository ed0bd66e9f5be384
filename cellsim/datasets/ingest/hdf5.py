"""Arrays in HDF5 files, named ``file.h5::/array``; the name may be left out where a file holds one array."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from cellsim.errors import InputError

EXTENSIONS = (".h5", ".hdf5")
MARK = "::"


def split(path: Path) -> tuple[Path, str]:
    """Split a path into that of a file or folder and the name of an array.

    Parameters
    ----------
    path : Path
        Such as ``a.h5::/raw``, or ``folder::/raw`` for all files of a folder.

    Returns
    -------
    path : Path
        Without the name.
    array : str
        The name, from the root of the file; "" if there is none.
    """
    place, mark, name = str(path).partition(MARK)
    return (Path(place), f"/{name.strip('/')}") if mark and not path.exists() else (path, "")


def name(path: Path, array: str) -> Path:
    """Join what `split` parts.

    Parameters
    ----------
    path : Path
        Of a file.
    array : str
        Of an array in it, or "".

    Returns
    -------
    Path
        Such as ``a.h5::/raw``.
    """
    return Path(f"{path}{MARK}{array}") if array else path


def is_hdf5(path: Path) -> bool:
    """Say whether a path is that of an HDF5 file, or of an array in one.

    Parameters
    ----------
    path : Path
        Of any file.

    Returns
    -------
    bool
        By the extension.
    """
    return split(path)[0].suffix.lower() in EXTENSIONS


def read_array(path: Path) -> bytes:
    """Read an array, so that what else is in the file and how it is compressed do not matter.

    Parameters
    ----------
    path : Path
        Such as ``a.h5::/raw``.

    Returns
    -------
    bytes
        Of a ``.npy`` file that holds the array.

    Raises
    ------
    InputError
        If the file cannot be read, the array is not in it, or h5py is not installed.
    """
    place, wanted = split(path)
    try:
        import h5py
    except ModuleNotFoundError:
        raise InputError(f"{place} is read with h5py: pip install 'cellsim-toolkit[hdf5]'") from None
    try:
        with h5py.File(place, "r") as file:
            known: list[str] = []
            file.visititems(lambda name, item: known.append(f"/{name}") if isinstance(item, h5py.Dataset) else None)
            found = np.asarray(file[_choose(place, wanted, known)])
    except (OSError, RuntimeError) as error:
        raise InputError(f"{place} cannot be read as an HDF5 file: {error}") from None
    return _npy(found)


def _choose(place: Path, wanted: str, known: list[str]) -> str:
    """Return the name of the array that is meant."""
    listed = ", ".join(known) or "none"
    if wanted and wanted not in known:
        raise InputError(f"{place} holds no array '{wanted}' (arrays: {listed})")
    if not wanted and len(known) != 1:
        raise InputError(
            f"{place} must hold one array, or say which as {place.name}{MARK}/name, got {len(known)} ({listed})"
        )
    return wanted or known[0]


def _npy(array: Any) -> bytes:
    content = BytesIO()
    np.save(content, np.ascontiguousarray(array, array.dtype.newbyteorder("=")), allow_pickle=False)
    return content.getvalue()
