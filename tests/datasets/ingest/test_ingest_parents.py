"""Parents: read from CSV and JSON, for every image."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cellsim.datasets.ingest.parents import find_parents
from cellsim.errors import InputError

ROWS = [{"id": "a", "parent": "P", "shape": [1, 2]}, {"id": "b", "parent": "Q"}, {"id": "c", "parent": "P"}]


def table(tmp_path: Path, text: Any, name: str) -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_without_a_table_each_image_is_its_own_parent() -> None:
    assert find_parents(["a", "b"], None) == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", "image,parent\na,P\nb,Q\nc,P\n"),
        ("t.CSV", "\ufeffparent,site,image\r\nP,1,a\r\nQ,1,b\r\nP,2,c\r\n"),
        ("t.json", json.dumps({"a": "P", "b": "Q", "c": "P"})),
        ("t.json", json.dumps(ROWS)),
        ("t.json", json.dumps({"name": "set", "items": ROWS})),
    ],
)
def test_every_form_of_table_is_read(tmp_path: Path, name: str, text: str) -> None:
    assert find_parents(["a", "b", "c"], table(tmp_path, text, name)) == ["P", "Q", "P"]


def test_images_that_are_not_ingested_may_stand_in_the_table(tmp_path: Path) -> None:
    assert find_parents(["c"], table(tmp_path, json.dumps(ROWS), "t.json")) == ["P"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("t.txt", "", r"must be a \.csv or \.json file, got .*t\.txt"),
        ("t.csv", "stem;parent\na;P\n", r"its first line must be 'image,parent', got 'stem;parent'"),
        ("t.csv", "", r"its first line must be 'image,parent', got ''"),
        ("t.csv", "image,parent\nz,P\n", r"names no parent for 2 of 2 images, such as 'a'; it names .* such as 'z'"),
        ("t.csv", "image,parent\n", r"names no parent for 2 of 2 images, such as 'a'; it names none"),
        ("t.csv", "image,parent\na,P\na,Q\n", r"names two parents for 'a': 'P' and 'Q'"),
        ("t.csv", "image,parent\na\n", r"an image and its parent must be names, got 'a' and None"),
        ("t.csv", "image,parent\na,\n", r"must be names, got 'a' and ''"),
        ("t.csv", b"image,parent\na,\xff\n", r"t\.csv cannot be read as a table of parents"),
        ("t.json", "{", r"t\.json cannot be read as a table of parents"),
        ("t.json", "3", r"it must hold \{image: parent"),
        ("t.json", "[1]", r"it must hold \{image: parent"),
        ("t.json", '[{"id": "a"}]', r"must be names, got 'a' and None"),
        ("t.json", '{"a": ["P"]}', r"must be names, got 'a' and \['P'\]"),
    ],
)
def test_a_bad_table_is_refused(tmp_path: Path, name: str, text: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        find_parents(["a", "b"], table(tmp_path, text, name))


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"t\.csv cannot be read: No such file"):
        find_parents(["a"], tmp_path / "t.csv")
