"""Writes the pages of all commands and keys, and the manual page:
`python -m tests.command_reference docs`.

The help of each command goes beside its tests, one file each."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from trigdash.cli import whole_parser
from trigdash.commands.man_page import man_page
from trigdash.commands.parser_tree import leaves
from trigdash.commands.reference import page
from trigdash.ui.input import key_reference

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "commands.md"
KEYS = DOCS / "keys.md"
MANUAL = DOCS / "trigdash.1"
HELP = Path(__file__).parent / "help"
"""What `--help` says of each command, 100 columns wide, as Python 3.11 lays it out."""


def written() -> str:
    """The page of commands as the program has it now."""
    return page(whole_parser())


def written_keys() -> str:
    """The page of keys as the program has it now."""
    return key_reference.page()


def written_manual() -> str:
    """The manual page as the program has it now."""
    return man_page(whole_parser())


def written_help() -> Mapping[str, str]:
    """The help of each command as the program has it now, by the name of its file."""
    os.environ["COLUMNS"] = "100"
    return {
        f"{'-'.join(words)}.txt": parser.format_help() for words, parser in leaves(whole_parser())
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    (folder / "commands.md").write_text(written(), encoding="utf-8")
    (folder / "keys.md").write_text(written_keys(), encoding="utf-8")
    (folder / "trigdash.1").write_text(written_manual(), encoding="utf-8")
    HELP.mkdir(exist_ok=True)
    for old in HELP.iterdir():
        old.unlink()
    for name, text in written_help().items():
        (HELP / name).write_text(text, encoding="utf-8")
