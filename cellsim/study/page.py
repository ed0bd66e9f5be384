"""What is written of a study: a table, a picture, and a page that says what was done."""

from __future__ import annotations

from pathlib import Path

from cellsim.errors import StoreError
from cellsim.study.augment import AugmentStudy
from cellsim.study.figure import save_figure
from cellsim.study.results import as_csv, as_markdown, tabulate

HOW = """\
{title}. {tested} test images, whose parents are in no training; every training takes {steps:,} steps, with {synthetic}
synthetic samples where there are any ({segmenter}). Mean ± standard deviation over seeds; a gain is over the same real
images alone, seed by seed.
"""


def write_page(study: AugmentStudy) -> tuple[str, list[Path]]:
    """Write ``table.csv``, ``augment.png`` and ``study.md`` into the folder of a study.

    Parameters
    ----------
    study : AugmentStudy
        As `study_augment` returns it.

    Returns
    -------
    text : str
        The table.
    files : list of Path
        Without the picture if Matplotlib is not installed.

    Raises
    ------
    StoreError
        If they cannot be written.
    """
    rows, folder, design = tabulate(study.results), study.folder, study.design
    text = as_markdown(rows)
    how = HOW.format(
        title=study.title[:1].upper() + study.title[1:],
        tested=study.tested,
        steps=design.steps,
        synthetic=design.synthetic,
        segmenter=design.segmenter,
    )
    try:
        (folder / "table.csv").write_text(as_csv(study.results), "utf-8")
        picture = save_figure(rows, study.title, folder / "augment.png")
        shown = ["![Scores over the number of real images](augment.png)\n"] if picture else []
        said = [f"- {warning}\n" for warning in study.warnings]
        parts = ["# Do synthetic samples help?\n", how, *said, text, *shown]
        (folder / "study.md").write_text("\n".join(parts), "utf-8")
    except OSError as error:
        raise StoreError(f"{folder}: the page of the study cannot be written: {error.strerror or error}") from error
    return text, [folder / "table.csv", folder / "study.md", *([picture] if picture else [])]
