"""Every command and flag as one page, from the parsers themselves: `docs/commands.md`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from trigdash.commands import parser_tree
from trigdash.commands.exit_codes import topics

_HEAD = """\
# Commands

This page is made from the program: `make docs` writes it.
Flags that select an environment (`--profile`, `--env`, `--project`, …) may come before a command or
after it.
"""


def page(parser: argparse.ArgumentParser) -> str:
    """The page."""
    parts = [_HEAD, *_sections(parser, "trigdash", set())]
    for name, text in topics().items():
        parts.append(f"## trigdash help {name}\n\n```\n{text}```\n")
    return "\n".join(parts)


def _sections(parser: argparse.ArgumentParser, name: str, common: set[str]) -> Iterator[str]:
    """A section for each command. The flags of the program itself are listed once, at the top."""
    below = parser_tree.inner(parser)
    flags = [a for a in parser_tree.flags(parser) if a.option_strings[-1] not in common]
    positional = [
        action
        for action in parser._actions
        if not action.option_strings and not isinstance(action, argparse._SubParsersAction)
    ]
    if flags or positional or not below:
        usage = " ".join([name, *map(_shown, positional)])
        yield f"## {usage}\n"
        if parser.description and name != "trigdash":
            yield f"{parser.description}\n"
        rows = [(_shown(a), a.help or "") for a in positional if a.help]
        rows += [(_flag(a), a.help or "") for a in flags]
        if rows:
            yield (
                "\n".join(["| | |", "|---|---|", *(f"| `{a}` | {_cell(b)} |" for a, b in rows)])
                + "\n"
            )
    known = (
        common | {action.option_strings[-1] for action in parser_tree.flags(parser)} | {"--help"}
    )
    for word, sub in below.items():
        yield from _sections(sub, f"{name} {word}", known if name == "trigdash" else common)


def _shown(action: argparse.Action) -> str:
    name = str(action.metavar or action.dest)
    many = {"*": f"[{name} …]", "+": f"{name} …", "?": f"[{name}]"}
    return many.get(str(action.nargs), name)


def _flag(action: argparse.Action) -> str:
    names = ", ".join(action.option_strings)
    if action.nargs == 0:
        return names
    choices = "\\|".join(map(str, action.choices)) if action.choices else ""
    return f"{names} {choices or action.metavar or action.dest.upper()}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _table(rows: list[tuple[str, str]]) -> str:
    lines = [f"| `{name}` | {_cell(text)} |" for name, text in rows]
    return "\n".join(["| | |", "|---|---|", *lines, ""])
