"""House rules that no linter knows: sizes of files and functions, sections of docstrings."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import cellsim

PACKAGE = Path(cellsim.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

FILE_LINES = 400
FUNCTION_LINES = 60  # without the docstring
ARGUMENTS = 6

Function = ast.FunctionDef | ast.AsyncFunctionDef


def complaints(text: str, in_cli: bool = False) -> list[str]:
    """What in a file breaks the rules."""
    tree = ast.parse(text)
    found = [] if len(text.splitlines()) <= FILE_LINES else [f"the file has {len(text.splitlines())} lines"]
    sizes = [(node.name, _length(node)) for node in ast.walk(tree) if isinstance(node, Function)]
    found += [f"{name} has {n} lines" for name, n in sizes if n > FUNCTION_LINES]
    for node, method in public(tree.body):
        if ast.get_docstring(node) is None:
            found.append(f"{node.name} has no docstring")
        elif isinstance(node, Function):
            found += [f"{node.name} {problem}" for problem in _of_function(node, method, in_cli)]
        elif _is_plain_data(node) and "Parameters\n---" not in str(ast.get_docstring(node)):
            found.append(f"{node.name} has fields, and no section Parameters")
    return found


def public(body: list[ast.stmt], method: bool = False) -> Iterator[tuple[Function | ast.ClassDef, bool]]:
    """Public classes, functions and methods; of the dunders only `__call__`."""
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and (node.name == "__call__" or not node.name.startswith("_")):
            yield node, method
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public(node.body, method=True)


def _length(node: Function) -> int:
    first = node.body[0]
    doc = first.end_lineno - first.lineno + 1 if ast.get_docstring(node) is not None else 0
    return node.end_lineno - node.lineno + 1 - doc


def _of_function(node: Function, method: bool, in_cli: bool) -> Iterator[str]:
    marks = {ast.unparse(mark).split("(")[0] for mark in node.decorator_list}
    own = node.args.posonlyargs + node.args.args
    own = own[1:] if method and "staticmethod" not in marks else own
    arguments = own + node.args.kwonlyargs + [a for a in (node.args.vararg, node.args.kwarg) if a]
    if len(arguments) > ARGUMENTS and not in_cli:
        yield f"takes {len(arguments)} arguments"
    if {"property", "cached_property"} & marks or (in_cli and any(mark.startswith(("click", "cli")) for mark in marks)):
        return  # documented like a field; as help for the terminal
    doc = str(ast.get_docstring(node))
    sections = {
        line for line, under in zip(doc.splitlines(), [*doc.splitlines()[1:], ""], strict=True) if _is_rule(under)
    }
    if arguments and "Parameters" not in sections:
        yield "has no section Parameters"
    described = {name.strip() for line in doc.splitlines() if " : " in line for name in line.split(" : ")[0].split(",")}
    described |= {line.strip() for line in doc.splitlines()}
    for name in (a.arg for a in arguments):
        if "Parameters" in sections and name not in described:
            yield f"does not describe {name}"
    if _returns(node) and not {"Returns", "Yields"} & sections:
        yield "has no section Returns"


def _is_rule(line: str) -> bool:
    return len(line) >= 3 and set(line.strip()) == {"-"}


def _returns(node: Function) -> bool:
    if node.returns is not None:
        return ast.unparse(node.returns) not in ("None", "NoReturn")
    inner = {id(x) for f in ast.walk(node) if isinstance(f, Function) and f is not node for x in ast.walk(f)}
    own = [x for x in ast.walk(node) if id(x) not in inner]
    return any(isinstance(x, ast.Yield | ast.YieldFrom) or (isinstance(x, ast.Return) and x.value) for x in own)


def _is_plain_data(node: ast.ClassDef) -> bool:
    marked = any("dataclass" in ast.unparse(mark) for mark in node.decorator_list)
    return marked or any(ast.unparse(base) == "NamedTuple" for base in node.bases)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_keeps_the_house_rules(path: Path) -> None:
    assert complaints(path.read_text("utf-8"), in_cli=PACKAGE / "cli" in path.parents) == []


DOC = '''"""Do.

    Parameters
    ----------
    a, b : int
        What.

    Returns
    -------
    int
        That.
    """'''
CLASS = '''class A:
    """A."""

    @property
    def f(self) -> int:
        """What."""

    def __len__(self):
        return 1
'''


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x = 1\n" * 401, "the file has 401 lines"),
        ("def _f():\n" + "    x = 1\n" * 60, "_f has 61 lines"),
        ("def f():\n    pass", "f has no docstring"),
        ("class A:\n    pass", "A has no docstring"),
        ('class A:\n    """A."""\n    def f(self):\n        pass', "f has no docstring"),
        ('def f(a):\n    """Do."""', "f has no section Parameters"),
        ('class A:\n    """A."""\n    def __call__(self, a):\n        """Do."""', "__call__ has no section Parameters"),
        ('def f() -> int:\n    """Do."""', "f has no section Returns"),
        ('def f():\n    """Do."""\n    yield 3', "f has no section Returns"),
        ("def f(a, c) -> int:\n    " + DOC, "f does not describe c"),
        (f"def f({', '.join('abcdefg')}) -> int:\n    {DOC}", "f takes 7 arguments"),
        ('@dataclass(frozen=True)\nclass A:\n    """A."""\n    x: int', "A has fields, and no section Parameters"),
    ],
)
def test_a_planted_fault_is_seen(text: str, complaint: str) -> None:
    assert complaint in complaints(text)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1\n" * 400,
        "def f(a, b) -> int:\n    " + DOC,
        'def f() -> None:\n    """Do."""',
        "def _f(a):\n    return a",
        CLASS,
        "def _f():\n    " + '"""A\n' + "doc\n" * 80 + '    """\n    x = 1',
        "class _A:\n    def f(self):\n        pass",
    ],
)
def test_what_keeps_the_rules_is_let_be(text: str) -> None:
    assert complaints(text) == []
