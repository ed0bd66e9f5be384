"""One page a kind, written from its schema into docs/kinds/, with a picture that the code draws."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import filter_pictures
import flow_pictures
import layer_pictures
import object_pictures
import pictures
import point_pictures
import spatial_pictures
import volume_pictures
import yaml
from examples import EXAMPLES
from numpydoc.docscrape import ClassDoc
from pydantic import BaseModel, PlainValidator
from pydantic.fields import FieldInfo
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from cellsim.catalogue import ROOMS, fields_of, find_kind, table_of
from cellsim.distributions import EachObject
from cellsim.steps import Step, kinds, nested

# Room -> what it is, and where in a recipe its steps stand.
PLACES = {
    "generators": ("Chance -> labels.", "generator"),
    "points": ("Where objects stand: point processes.", "generator.seeds"),
    "fields": ("Numbers and directions that change from place to place.", "generator.seeds.profile"),
    "shapes": ("What one object looks like.", "generator.shape"),
    "outlines": ("The region of the canvas that tissue covers.", "generator.outline"),
    "translators": ("Labels -> image, image -> image.", "translators"),
    "psf": ("What a microscope makes of a point of light: point spread functions.", "translators.psf"),
}


def lacking() -> list[str]:
    """Return what keeps a kind or a room from having a page."""
    every = [(room, kind) for room, module in ROOMS.items() for kind in kinds(module)]
    without = [f"kind '{kind}' ({room})" for room, kind in every if kind not in EXAMPLES]
    return without + [f"room '{room}'" for room in ROOMS if room not in pictures.ROOMS or room not in PLACES]


def write_pages(docs: Path) -> None:
    """Write every page and draw every picture."""
    missing = lacking()
    if missing:
        raise ExtensionError(f"{', '.join(missing)}: no example; add one to docs/_ext/examples.py")
    drawn = docs / "pictures" / "generated"
    pages = {"index": index()}
    with pictures.workplace():
        every = (object_pictures, point_pictures, filter_pictures, flow_pictures, layer_pictures)
        for drawings in (*every, volume_pictures, spatial_pictures):
            for draw in drawings.PICTURES:
                draw(drawn)
        for room, module in ROOMS.items():
            for kind in kinds(module):
                pictures.draw_kind(room, kind, EXAMPLES[kind], drawn / f"kind-{kind}.png")
                pages[kind] = page(room, kind)
    folder = docs / "kinds"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.md"):
        if old.stem not in pages:
            old.unlink()
    for name, text in pages.items():
        _write(folder / f"{name}.md", text)


def index() -> str:
    """Return the list of all kinds, room by room."""
    parts = [
        "# Kinds of steps",
        "A recipe names its steps by kind. These pages, and what `cellsim kinds` prints, come from the code.",
    ]
    every = []
    for room, module in ROOMS.items():
        rows = [f"| [`{kind}`]({kind}.md) | {_plain(line)} |" for kind, line in table_of(module).items()]
        parts += [f"## {room.capitalize()}", PLACES[room][0], "\n".join(["| kind | what it is |", "|---|---|", *rows])]
        every += list(kinds(module))
    parts.append("```{toctree}\n:hidden:\n\n" + "\n".join(every) + "\n```")
    return "\n\n".join(parts) + "\n"


def page(room: str, kind: str) -> str:
    """Return the page of a kind."""
    _, step = find_kind(kind)
    doc = ClassDoc(step)
    example = EXAMPLES[kind]
    caption = f"`{kind}` over `{example.vary}`, all else and the random stream equal." if example.vary else f"`{kind}`."
    parts = [
        f"# {kind}",
        f"One of the [{room}](index.md#{room}).",
        _text([*doc["Summary"], "", *doc["Extended Summary"]]),
        f"$$\n{example.equation}\n$$",
        f":::{{figure}} ../pictures/generated/kind-{kind}.png\n:alt: Picture of {kind}\n\n{caption}\n:::",
        "## In a recipe",
        f"```yaml\n{_in_recipe(room, {'kind': kind, **example.step})}```",
        "## Fields",
        _fields(step),
    ]
    if doc["References"]:
        parts += ["## References", _references(doc["References"])]
    return "\n\n".join(parts) + "\n"


def _text(lines: list[str]) -> str:
    return "\n".join(lines).strip().replace("<", "&lt;")


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _references(lines: list[str]) -> str:
    """Turn numpydoc's ``.. [1] ...`` into a list."""
    items = " ".join(line.strip() for line in lines).split(".. [")
    return "\n".join(f"{item.replace('] ', '. ', 1).strip()}" for item in items if item.strip())


def _in_recipe(room: str, step: dict[str, Any]) -> str:
    """Show the step where a recipe has it."""
    values: Any = step
    for key in reversed(PLACES[room][1].split(".")):
        values = {key: [values] if key == "translators" else values}
    return yaml.safe_dump(values, sort_keys=False)


def _fields(step: type[Step]) -> str:
    rows = [_row(name, field) for name, field in fields_of(step)]
    if not rows:
        return "It has none."
    return "\n".join(
        ["| field | unit | bounds | default | may vary | what it does |", "|---|---|---|---|---|---|", *rows]
    )


def _row(name: str, field: FieldInfo) -> str:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    bounds = extra.get("bounds")
    limits = ", ".join(f"{sign} {value:g}" for sign, value in bounds.items()) if isinstance(bounds, dict) else ""
    default = "required" if field.is_required() else f"`{_shown(field.default)}`"
    cells = [f"`{name}`", str(extra.get("unit", "")), limits, default, _varies(field), _description(field)]
    return f"| {' | '.join(map(_plain, cells))} |"


def _description(field: FieldInfo) -> str:
    """Describe a field; of one that holds a step, link the kinds there are."""
    model, _ = nested(field.annotation)  # type: ignore[arg-type]
    if model is None or not issubclass(model, Step) or not model.room:
        return str(field.description)
    links = ", ".join(f"[{kind}]({kind}.md)" for kind in kinds(model.room))
    return f"{field.description} One of: {links}."


def _varies(field: FieldInfo) -> str:
    """Say whether a distribution may stand here, and how often it is drawn."""
    if EachObject in field.metadata:
        return "per object"
    return "per sample" if any(isinstance(item, PlainValidator) for item in field.metadata) else ""


def _shown(value: object) -> str:
    if isinstance(value, BaseModel):
        return str(value.model_dump())
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float | int) else "none" if value is None else str(value)


def _write(path: Path, text: str) -> None:
    """Leave a page alone that has not changed, so that Sphinx does not read it again."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", lambda app: write_pages(Path(app.srcdir)))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
