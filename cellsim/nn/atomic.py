"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cellsim.errors import StoreError


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Write a file beside its place, and move it there when it is complete.

    A process that is killed leaves the earlier file as it was.

    Parameters
    ----------
    path : Path
        Of the file; its folder is there.

    Yields
    ------
    file : binary file
        To be written to.

    Raises
    ------
    StoreError
        If it cannot be written; the earlier file is kept.
    """
    temporary: Path | None = None
    try:
        number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        with os.fdopen(number, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        kept = "; the earlier file is kept" if path.exists() else ""
        raise StoreError(f"{path} cannot be written: {error.strerror or error}{kept}") from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def _umask() -> int:
    """Read the mask of new files, which can only be read by setting it; temporary files are private without it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
