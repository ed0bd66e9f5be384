"""The command line: one file a group of verbs; each parses, calls a function of the same name, prints."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from keyword import iskeyword
from typing import Any

import click

from cellsim import __version__
from cellsim.errors import CellsimError

# Verb -> module and function; a module is imported when its verb is called, so that `cellsim --help` is quick.
VERBS = {
    "make": ("cellsim.cli.making", "Make a data set from a recipe."),
    "preview": ("cellsim.cli.recipes", "Draw a few samples of a recipe as a picture, in seconds."),
    "check": ("cellsim.cli.recipes", "Validate a recipe; say what would be made, how big, how long."),
    "kinds": ("cellsim.cli.recipes", "List samplers and translators, or the fields of one."),
    "ingest": ("cellsim.cli.ingesting", "Turn real annotated images into a data set."),
    "fit-recipe": ("cellsim.cli.fitting", "Estimate a recipe from real annotated images."),
    "train": ("cellsim.cli.training", "Train networks on a data set, as a plan says."),
    "score": ("cellsim.cli.scoring", "Score a segmentation against the truth."),
    "evaluate": ("cellsim.cli.evaluating", "Say how like real images synthetic ones are, on one page."),
    "study": ("cellsim.cli.studying", "Say whether synthetic samples help a segmenter."),
    "export": ("cellsim.cli.exporting", "Write a data set in the format of other programs."),
    "import": ("cellsim.cli.exporting", "Turn a folder in the format of another program into a data set."),
    "card": ("cellsim.cli.exporting", "Write what a data set is, how it was made, how to cite it."),
    "info": ("cellsim.cli.sets", "Say what a data set holds."),
    "versions": ("cellsim.cli.sets", "List the versions of a data set."),
    "mix": ("cellsim.cli.mixing", "Make one data set of several, real and synthetic."),
    "curate": ("cellsim.cli.mixing", "Leave samples out, as a new version."),
    "push": ("cellsim.cli.moving", "Copy a data set to a bucket; only what is missing moves."),
    "pull": ("cellsim.cli.moving", "Copy a data set from a bucket or web site to this machine."),
    "verify": ("cellsim.cli.sets", "Check every sample of a data set against its digest."),
}


class Verbs(click.Group):
    """A group that knows its commands by name and imports them when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of use.

        Parameters
        ----------
        ctx : click.Context
            Not used.

        Returns
        -------
        list of str
            The verbs.
        """
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import a command.

        Parameters
        ----------
        ctx : click.Context
            Not used.
        name : str
            The verb.

        Returns
        -------
        click.Command or None
            None if there is no such verb.
        """
        if name not in VERBS:
            return None
        function = f"{name}_" if iskeyword(name) else name.replace("-", "_")
        command: click.Command = getattr(importlib.import_module(VERBS[name][0]), function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Print the list of verbs without importing them.

        Parameters
        ----------
        ctx : click.Context
            Not used.
        formatter : click.HelpFormatter
            Prints.
        """
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in VERBS.items()])


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cellsim")
def cli() -> None:
    """Synthetic annotated microscopy: masks, images, versioned data sets."""


def main(arguments: Sequence[str] | None = None) -> Any:
    """Run the command line; what cellsim refuses is one line on standard error.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process if None.

    Returns
    -------
    object
        Never: it exits with 0 (done), 1 (refused or failed), 2 (wrong usage) or 130 (Ctrl-C).
    """
    try:
        cli.main(args=list(arguments) if arguments is not None else None, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except CellsimError as error:
        click.echo(f"cellsim: {error}", err=True)
        sys.exit(1)
    except (KeyboardInterrupt, click.Abort):
        click.echo("cellsim: stopped; what is finished is kept, the same command goes on from there", err=True)
        sys.exit(130)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"cellsim: {where}{error.strerror or error}", err=True)
        sys.exit(1)
    sys.exit(0)
