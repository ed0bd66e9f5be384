"""A page of the documentation, followed as its reader would: its commands, and its examples in Python."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from cellsim.cli import main

REPO = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(path: Path) -> list[tuple[str, str]]:
    """The fenced blocks of a page that are run: their language and what is in them."""
    found = BLOCK.findall(path.read_text(encoding="utf-8"))
    return [(language, text) for language, text in found if language in ("console", "sh", "python")]


def commands(text: str) -> list[str]:
    """The commands of a block that are ours, with small numbers."""
    lines = [line.removeprefix("$ ").strip() for line in text.replace("\\\n", " ").splitlines()]
    ours = [line for line in lines if line.startswith("cellsim ") and "s3://" not in line]
    few = [re.sub(r"(-n|--samples)[ =]\d+", r"\1 3", line) for line in ours]
    return [re.sub(r"--minutes[ =]\d+", "--minutes 0", line) for line in few]


def run_command(command: str) -> None:
    """Run a command line as a shell would, here and now."""
    words = shlex.split(command, comments=True)
    target = words[words.index(">") + 1] if ">" in words else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), pytest.raises(SystemExit) as end:
        main(words[1 : words.index(">")] if target else words[1:])
    assert end.value.code == 0, f"{command}\n{printed.getvalue()}"
    if target:
        Path(target).write_text(printed.getvalue(), encoding="utf-8")


def run_python(text: str, page: str, names: dict[str, Any]) -> None:
    """Run an example with the names that the examples before it have made."""
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(text, page, "exec"), names)
