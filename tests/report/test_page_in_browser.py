"""The page in a real browser: what is drawn, where, and that nothing fails."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

import cellsim
from cellsim.datasets.ingest import IngestOptions
from cellsim.datasets.reader import open_dataset
from cellsim.evaluate.comparison import Comparison, _compared
from cellsim.evaluate.pairing import pair
from cellsim.report.page import save_report
from tests.report.findings import curve

NAMES = ("chromium", "google-chrome", "chromium-browser", "google-chrome-stable")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)
WIDTH, HEIGHT = 1200, 1100
COLOURS = {"real": (230, 30, 40), "synthetic": (30, 160, 50)}

pytestmark = pytest.mark.skipif(BROWSER is None, reason=f"no browser here, looked for {', '.join(NAMES)}")


class Seen:
    """A page as the browser showed it."""

    def __init__(self, page: Path, width: int = WIDTH) -> None:
        shot = page.with_suffix(".png")
        switches = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr"]
        places = [f"--window-size={width},{HEIGHT}", f"--screenshot={shot}", f"--user-data-dir={page.parent / 'user'}"]
        offline = "--host-resolver-rules=MAP * ~NOTFOUND"
        done = subprocess.run(
            [str(BROWSER), *switches, *places, offline, "--dump-dom", page.as_uri()],
            capture_output=True,
            text=True,
            timeout=300,
            check=True,
        )
        self.dom = done.stdout
        self.console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        self.picture = np.asarray(Picture.open(shot).convert("RGB")).astype(int)

    def where(self, colour: tuple[int, int, int]) -> np.ndarray:
        return np.argwhere(np.abs(self.picture - colour).max(axis=2) < 12)


@pytest.fixture(scope="module")
def coloured(found: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """Findings of sets whose images are red (real) and green (synthetic)."""
    folder = tmp_path_factory.mktemp("coloured")
    for name, colour in COLOURS.items():
        for k in range(6):
            labels = np.zeros((64, 64), np.uint8)
            labels[20 + k : 40, 20:40], labels[45:55, 5:15] = 1, 2
            for kind, array in (("images", np.full((64, 64, 3), colour, np.uint8)), ("masks", labels)):
                (folder / name / kind).mkdir(parents=True, exist_ok=True)
                Picture.fromarray(array).save(folder / name / kind / f"{k}.png")
        path = folder / name
        cellsim.ingest(path / "images", path / "masks", folder / f"{name}.zarr", options=IngestOptions((64, 64)))
    opened = [open_dataset(folder / f"{name}.zarr") for name in COLOURS]
    common = pair(opened[0], opened[1], None, None)
    real, synthetic = (_compared(dataset, common, side, 500) for side, dataset in enumerate(opened))
    return replace(found, real=real, synthetic=synthetic, curves=(curve(),))


def test_galleries_stand_side_by_side_and_nothing_fails(coloured: Comparison, tmp_path: Path) -> None:
    seen = Seen(save_report(coloured, tmp_path))
    assert seen.console == []
    real, synthetic = (seen.where(colour) for colour in COLOURS.values())
    assert min(len(real), len(synthetic)) > 50_000  # six pictures each
    assert real[:, 1].max() < WIDTH / 2 < synthetic[:, 1].min()
    assert real[:, 0].min() == synthetic[:, 0].min()
    assert real[:, 0].min() < HEIGHT * 0.75
    assert "<h2>What differs most</h2>" in seen.dom
    assert seen.dom.count("<svg") == 5
    assert re.search(r"http(?!-equiv)", seen.dom) is None
    ground = seen.picture[2, 2]
    assert (np.abs(seen.picture[: real[:, 0].min()] - ground).max(axis=2) > 100).mean() > 0.01  # words above them


def test_galleries_stand_below_each_other_on_a_phone(coloured: Comparison, tmp_path: Path) -> None:
    page = save_report(coloured, tmp_path)
    text = page.read_text(encoding="utf-8")
    start = text.index("<header>"), text.index("</header>") + len("</header>")
    page.write_text(text[: start[0]] + text[start[1] :], encoding="utf-8")  # so that both galleries are in sight
    seen = Seen(page, 500)
    real, synthetic = (seen.where(colour) for colour in COLOURS.values())
    assert min(len(real), len(synthetic)) > 10_000
    assert real[:, 0].max() < synthetic[:, 0].min()
    assert abs(int(real[:, 1].min()) - int(synthetic[:, 1].min())) <= 1


def test_a_reference_to_elsewhere_would_be_seen(tmp_path: Path, coloured: Comparison) -> None:
    page = save_report(coloured, tmp_path)
    planted = page.read_text(encoding="utf-8").replace("<main>", '<main><img src="https://example.org/a.png">')
    page.write_text(planted, encoding="utf-8")
    assert any("example.org" in line for line in Seen(page).console)
