"""Writes the page of all commands: `python -m tests.command_reference docs/commands.md`."""

from __future__ import annotations

import sys
from pathlib import Path

from trigdash.cli import whole_parser
from trigdash.commands.reference import page

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"


def written() -> str:
    """The page as the program has it now."""
    return page(whole_parser())


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(written(), encoding="utf-8")
