"""How long it takes to begin."""

from __future__ import annotations

from benchmarks.timing import command_ms, row

HELP = "from cellsim.cli import main; main(['--help'])"


def main() -> None:
    """Time imports and help in fresh processes."""
    row("an empty Python process", f"{command_ms('pass'):.0f} ms")
    row("`import cellsim`", f"{command_ms('import cellsim'):.0f} ms", "< 150 ms")
    row("`cellsim --help`", f"{command_ms(HELP):.0f} ms", "< 300 ms")
