"""The directive {commands}: every command with its options, as click knows them."""

from __future__ import annotations

import inspect

import click
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from cellsim.cli import cli


def page() -> str:
    """Return a section for each command, in Markdown."""
    context = click.Context(cli, info_name="cellsim")
    return "\n\n".join(section(verb, context) for verb in cli.list_commands(context))


def section(verb: str, parent: click.Context) -> str:
    """Return what `cellsim VERB --help` says, in Markdown, and the same of its parts if it is a group."""
    group = parent.command
    command = group.get_command(parent, verb) if isinstance(group, click.Group) else None
    if command is None:
        raise LookupError(f"{parent.command_path} names {verb!r}, but there is no such command")
    context = click.Context(command, parent=parent, info_name=verb)
    usage = command.get_usage(context).removeprefix("Usage: ")
    help_text = inspect.cleandoc(command.help or "").replace("\b\n", "").replace("<", "&lt;")
    parts = [f"## `{context.command_path}`", f"```text\n{usage}\n```", help_text]
    records = [parameter.get_help_record(context) for parameter in command.params]
    rows = [f"| `{names}` | {_cell(text)} |" for names, text in filter(None, records) if text]
    if rows:
        parts.append("\n".join(["| option | what it does |", "|---|---|", *rows]))
    if isinstance(command, click.Group):
        parts += [section(name, context) for name in command.list_commands(context)]
    return "\n\n".join(parts)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


class Commands(SphinxDirective):
    """Put the sections of all commands where it stands."""

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()  # the command line is not a file that Sphinx watches
        return self.parse_text_to_nodes(page(), allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("commands", Commands)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
