"""Writes the pages of all commands and keys: `python -m tests.command_reference docs`."""

from __future__ import annotations

import sys
from pathlib import Path

from trigdash.cli import whole_parser
from trigdash.commands.reference import page
from trigdash.ui.input import key_reference

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "commands.md"
KEYS = DOCS / "keys.md"


def written() -> str:
    """The page of commands as the program has it now."""
    return page(whole_parser())


def written_keys() -> str:
    """The page of keys as the program has it now."""
    return key_reference.page()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    (folder / "commands.md").write_text(written(), encoding="utf-8")
    (folder / "keys.md").write_text(written_keys(), encoding="utf-8")
