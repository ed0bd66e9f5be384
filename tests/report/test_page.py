"""The page: self-contained, whole, safe whatever a data set is called."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from cellsim.errors import InputError
from cellsim.evaluate.comparison import Comparison
from cellsim.report.page import headline, page, ranking, save_report, telling
from tests.report.findings import copies, difference, distance

EMPTY = {"img", "meta", "link", "input", "br", "path", "rect", "line", "circle"}


class Tree(HTMLParser):
    """Elements of a page as (tag, attributes), its text, and whether what is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def every(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_a_report_is_a_page_and_its_numbers(found: Comparison, tmp_path: Path) -> None:
    path = save_report(found, tmp_path / "new" / "report", "cellsim evaluate real.zarr synthetic.zarr")
    assert path == tmp_path / "new" / "report" / "report.html"
    assert sorted(one.name for one in path.parent.iterdir()) == ["report.html", "report.json"]
    assert json.loads((path.parent / "report.json").read_text(encoding="utf-8"))["cellsim"] == "0.1.0"
    assert path.stat().st_size < 5_000_000
    first = path.read_bytes()
    save_report(found, path.parent, "cellsim evaluate real.zarr synthetic.zarr")
    assert path.read_bytes() == first


def test_a_file_in_the_place_of_the_folder_is_refused(found: Comparison, tmp_path: Path) -> None:
    (tmp_path / "report").write_text("mine")
    with pytest.raises(InputError, match=r"written into a folder, and .*report is a file"):
        save_report(found, tmp_path / "report")
    assert (tmp_path / "report").read_text() == "mine"


def test_the_page_needs_nothing_from_elsewhere(found: Comparison) -> None:
    text = page(found)
    assert re.findall(r"https?://|url\(|@import|<script|<link(?! rel=\"icon\" href=\"data:,\")|<iframe", text) == []
    tree = Tree(text)
    assert all((image["src"] or "").startswith("data:image/webp;base64,") for image in tree.every("img"))
    assert "default-src 'none'" in str(tree.every("meta"))


def test_the_page_holds_all_its_parts_in_order(found: Comparison) -> None:
    tree = Tree(page(found, "cellsim evaluate real.zarr synthetic.zarr"))
    ids = [one["id"] for one in tree.every("section")]
    assert ids == ["galleries", "differences", "distances", "curves", "copies", "tables", "provenance"]
    for text in (
        "second against first",
        "differs from the real one clearly in the form of cells",
        "Synthetic cells are 20\N{NO-BREAK SPACE}% smaller",
        "The size of a pixel is not known.",
        "there is no sign of copying",
        "kind: tissue",
        "cellsim evaluate real.zarr synthetic.zarr",
        found.real.digest,
        found.synthetic.source,
        "Compared by cellsim 0.1.0 in 12.3 s",
    ):
        assert text in tree.text


def test_every_picture_has_words(found: Comparison) -> None:
    tree = Tree(page(found))
    plots = tree.every("svg")
    assert len(plots) == 1 + 2 + 1 + 1
    assert all(plot["role"] == "img" and plot["aria-label"] for plot in plots)
    plain = [image for image in tree.every("img") if image.get("class") != "outlined"]
    assert len(plain) == 6 + 6 + 2 * 4
    assert all(re.fullmatch(r"(real|synthetic) image \d+: \d+ cells", image["alt"] or "") for image in plain)
    assert tree.every("html")[0]["lang"] == "en-GB"


@pytest.mark.parametrize("evil", ['<script>alert(1)</script>"&', "</title><img src=x onerror=alert(1)>", "{{ 7 * 7 }}"])
def test_names_cannot_break_out_of_their_place(found: Comparison, evil: str) -> None:
    plainer = len(Tree(page(found, "x")).elements)
    bad = replace(
        found,
        real=replace(found.real, name=evil, structure="cells"),
        synthetic=replace(found.synthetic, recipe={"name": evil}, created_by=evil),
        differences=(difference(evil), *found.differences[1:]),
        notes=(evil,),
    )
    tree = Tree(page(bad, evil))
    assert tree.every("script") == []
    assert tree.text.count(evil) >= 5
    assert len(tree.elements) == plainer


def test_suspects_are_shown_first_and_marked(found: Comparison) -> None:
    text = page(replace(found, copies=(copies(4, 2),)))
    kinship = text[text.index('id="copies"') : text.index('id="tables"')]
    assert re.findall(r'alt="(synthetic image \d|real image \d)', kinship) == [
        *("synthetic image 4", "real image 1"),
        *("synthetic image 2", "real image 3"),
    ]
    assert 'class="sentence suspected"' in kinship
    assert "Suspects" in kinship


def test_without_suspects_the_nearest_pairs_are_shown(found: Comparison) -> None:
    text = page(found)
    kinship = text[text.index('id="copies"') : text.index('id="tables"')]
    assert re.findall(r'alt="synthetic image (\d)', kinship) == ["1", "2", "0", "3"]
    assert re.findall(r"distance (\d)<", kinship) == ["1", "2", "3", "4"]
    assert "suspected" not in kinship


def test_the_largest_effects_are_shown_but_not_all_of_one_kind() -> None:
    forms = [difference(f"form {k}", effect=2.0 - 0.1 * k) for k in range(6)]
    light = difference("noise", group="light", effect=-0.4)
    small = difference("texture", group="light", effect=0.1)
    unknown = difference("edge", group="light", effect=np.nan)
    names = [one.statistic for one in telling([small, light, unknown, *forms[::-1]])]
    assert names == ["form 0", "form 1", "form 2", "noise"]
    assert [one.statistic for one in telling([small, unknown])] == ["texture"]
    assert [one.statistic for one in ranking([small, light, forms[0]])] == ["form 0", "noise", "texture"]


def test_the_headline_tells_the_most_important_numbers(found: Comparison) -> None:
    told = {name: much.replace("\N{NO-BREAK SPACE}", " ") for name, much, _ in headline(found)}
    assert told == {
        "Compared": "6 | 6",
        "Largest difference": "0.95 sd",
        "Distance of images": "3 ×",
        "Suspected copies": "0",
    }
    both = replace(found, distances=(distance(of="masks"),), copies=(copies(1, 2), copies(2)))
    assert {"Distance of masks": "3 ×", "Suspected copies": "2"}.items() <= {n: m for n, m, _ in headline(both)}.items()


def test_what_was_not_measured_leaves_no_empty_part(found: Comparison) -> None:
    bare = replace(found, differences=(), curves=(), distances=(), copies=(), notes=())
    tree = Tree(page(bare))
    assert [one["id"] for one in tree.every("section")] == ["galleries", "tables", "provenance"]
    assert tree.every("aside") == []
