"""A place that fsspec knows: single files in and out of it, and plain words for what goes wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from cellsim.errors import StoreError

R = TypeVar("R")

TRIES = 3
WAIT = 1.0  # seconds before the second try, twice as many before the third
LOST = ("aiohttp", "botocore", "urllib3", "aiobotocore")  # whose errors are not all OSErrors


class Remote:
    """A folder, bucket or site.

    Parameters
    ----------
    url : str
        Of a data set: ``s3://bucket/set.zarr``, ``https://site/set.zarr`` or a path.

    Raises
    ------
    StoreError
        If what it needs is not installed, or there is no such protocol.
    """

    def __init__(self, url: str) -> None:
        import fsspec

        self.url = url.rstrip("/")
        try:
            self.files, self.root = fsspec.core.url_to_fs(self.url, use_listings_cache=False)
        except (ImportError, ValueError) as error:
            raise StoreError(f"cannot reach {self.url}: {error}") from None
        self.is_local = "file" in self.files.protocol

    def get(self, key: str) -> bytes | None:
        """Read a small file.

        Parameters
        ----------
        key : str
            Below the root.

        Returns
        -------
        bytes or None
            None if there is none.
        """
        try:
            return bytes(self._try(lambda: self.files.cat_file(f"{self.root}/{key}"), f"reading {key}"))
        except FileNotFoundError:
            return None

    def put(self, key: str, data: bytes) -> None:
        """Write a small file.

        Parameters
        ----------
        key : str
            Below the root.
        data : bytes
            All of it.
        """
        self._make_room(key)
        with self._telling_missing(key):
            self._try(lambda: self.files.pipe_file(f"{self.root}/{key}", data), f"writing {key}")

    def size(self, key: str) -> int | None:
        """Ask for the size of a file.

        Parameters
        ----------
        key : str
            Below the root.

        Returns
        -------
        int or None
            None if there is none; -1 if the server does not say.
        """
        try:
            known = self._try(lambda: self.files.info(f"{self.root}/{key}"), f"looking for {key}")
        except FileNotFoundError:
            return None
        return -1 if known.get("size") is None else int(known["size"])

    def download(self, key: str, path: Path) -> None:
        """Copy a file to this machine; it is there whole or not at all.

        Parameters
        ----------
        key : str
            Below the root.
        path : Path
            Where.

        Raises
        ------
        StoreError
            If it is gone.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._telling_missing(key):
            self._try(lambda: self.files.get_file(f"{self.root}/{key}", str(path)), f"reading {key}")

    def upload(self, key: str, path: Path) -> None:
        """Copy a file from this machine.

        Parameters
        ----------
        key : str
            Below the root.
        path : Path
            Of the file.

        Raises
        ------
        StoreError
            If there is no such bucket.
        """
        self._make_room(key)
        with self._telling_missing(key):
            self._try(lambda: self.files.put_file(str(path), f"{self.root}/{key}"), f"writing {key}")

    def check_bucket(self) -> None:
        """See that the bucket is there; of other places than S3 nothing is asked.

        Raises
        ------
        StoreError
            If it is not; some servers answer a write to such a bucket with any error.
        """
        if "s3" not in self.files.protocol:
            return
        bucket = self.root.split("/")[0]
        with self._telling_missing(bucket):
            self._try(lambda: self.files.call_s3("head_bucket", Bucket=bucket), f"looking for {bucket}")

    def _make_room(self, key: str) -> None:
        if self.is_local:
            Path(f"{self.root}/{key}").parent.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def _telling_missing(self, key: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise StoreError(
                f"{self.url}: no such bucket, folder or file ({key}: {error.strerror or error})"
            ) from error

    def _try(self, act: Callable[[], R], doing: str) -> R:
        for attempt in range(1, TRIES + 1):
            try:
                return act()
            except FileNotFoundError:
                raise
            except PermissionError as error:
                raise StoreError(
                    f"{self.url}: no right to go on with {doing} ({error}): are the keys right?"
                ) from error
            except Exception as error:
                if type(error).__name__ in ("NoCredentialsError", "PartialCredentialsError"):
                    raise StoreError(f"{self.url}: {error}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY") from error
                if not _is_of_the_connection(error):
                    raise
                if attempt == TRIES:
                    raise StoreError(
                        f"{doing} at {self.url} failed {TRIES} times ({_words(error)}): run the same command again, "
                        "what has arrived is kept"
                    ) from error
            time.sleep(WAIT * 2 ** (attempt - 1))
        raise AssertionError("unreachable")


def _is_of_the_connection(error: Exception) -> bool:
    return isinstance(error, OSError | TimeoutError) or type(error).__module__.split(".")[0] in LOST


def _words(error: Any) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
