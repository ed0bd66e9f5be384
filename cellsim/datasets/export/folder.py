"""A folder that is filled by many threads, and perhaps by several runs: a file is there whole, or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import get_ident

from cellsim.errors import StoreError

TEMPORARY = ".unfinished"  # ends the names of files that are being written


class Folder:
    """A folder of an export.

    Parameters
    ----------
    root : Path
        Is made if it is not there.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, content: bytes | str) -> None:
        """Write a file: under another name first, for a killed run must not leave half of one.

        Parameters
        ----------
        name : str
            Relative to the root.
        content : bytes or str
            Text is encoded as UTF-8.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        with self.replacing(name) as path:
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    @contextmanager
    def replacing(self, name: str) -> Iterator[Path]:
        """Give a path to write to, a file or a folder; it gets its name at the end of the block.

        Parameters
        ----------
        name : str
            Relative to the root.

        Yields
        ------
        Path
            Nothing is there.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        path = self.root / name
        unfinished = path.with_name(f".{path.name}.{os.getpid()}-{get_ident()}{TEMPORARY}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            yield unfinished
            if path.is_dir():
                shutil.rmtree(path)
            unfinished.replace(path)
        except StoreError:
            raise
        except OSError as error:
            advice = "free some space, then " if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
            raise StoreError(
                f"writing {path} failed: {error.strerror or error}; {advice}run the same command again, "
                "what is finished is kept"
            ) from error
        finally:
            if unfinished.is_dir():
                shutil.rmtree(unfinished, ignore_errors=True)
            else:
                unfinished.unlink(missing_ok=True)

    def has(self, name: str) -> bool:
        """Say whether a file or folder is there, which means that it is whole.

        Parameters
        ----------
        name : str
            Relative to the root.

        Returns
        -------
        bool
            True if it is.
        """
        return (self.root / name).exists()

    def clean(self) -> None:
        """Remove what killed runs left unfinished."""
        for path in sorted(self.root.rglob(f".*{TEMPORARY}")):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
