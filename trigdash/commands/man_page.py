"""The manual page `trigdash.1`, from the parsers themselves."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from trigdash import __version__
from trigdash.commands import parser_tree
from trigdash.commands.exit_codes import AGENTS, MEANINGS

_OUTPUT = ("output", "json", "columns")
"""The argument names of the output flags, which are described once and not for each command."""

_HEAD = """\
.\\" Made from the program: make docs writes it.
.TH TRIGDASH 1 "" "trigdash {version}" "User commands"
.SH NAME
trigdash \\- watch the runs of a background\\-job platform
"""
_FILES = """\
.SH FILES
.TP
.I ~/.config/trigdash/config.toml
Settings; trigdash locate config prints the place.
.TP
.I ~/.local/state/trigdash/
The action log and what is kept; trigdash locate state prints the place.
.SH ENVIRONMENT
.TP
.B TRIGGER_API_URL, TRIGGER_SECRET_KEY, TRIGGER_ACCESS_TOKEN, TRIGGER_PROJECT_REF
Where to look, and with which credential.
.TP
.B TRIGDASH_READ_ONLY
1 refuses every write.
.TP
.B NO_COLOR, FORCE_COLOR
No color anywhere; color also where no terminal is.
"""


def man_page(parser: argparse.ArgumentParser) -> str:
    """The page."""
    everywhere = parser_tree.flags(parser)
    common = {action.option_strings[-1] for action in everywhere} | {"--help"}
    about = (parser.description or "").strip().replace("\n\n", "\n.PP\n")
    parts = [
        _HEAD.format(version=_roff(__version__)),
        ".SH SYNOPSIS\n.B trigdash\n[\\fIFLAGS\\fR] [\\fICOMMAND\\fR]\n",
        f".SH DESCRIPTION\n{_lines(about)}\n.SH FLAGS OF PLACE AND LOOKS\n",
        *map(_flag, everywhere),
        ".SH FLAGS OF OUTPUT\n",
        *map(_flag, _output_flags(parser)),
        ".SH COMMANDS\n",
        *(part for name, sub in _commands(parser) for part in _section(name, sub, common)),
        ".SH EXIT STATUS\n",
        *(f".TP\n.B {code.value}\n{_roff(meaning)}\n" for code, meaning in MEANINGS.items()),
        _FILES,
        f".SH SCRIPTS AND AGENTS\n.nf\n{_lines(AGENTS.strip())}\n.fi\n",
    ]
    return "".join(parts)


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for words, sub in parser_tree.leaves(parser):
        yield " ".join(words), sub


def _output_flags(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """The flags of output, as most commands take them."""
    listing = parser_tree.inner(parser_tree.inner(parser)["runs"])["list"]
    return [action for action in parser_tree.flags(listing) if action.dest in _OUTPUT]


def _section(name: str, parser: argparse.ArgumentParser, common: set[str]) -> Iterator[str]:
    """A command: how it is called, what it does, and the flags that are its own."""
    given = [action for action in parser._actions if not action.option_strings]
    usage = " ".join([name, *(str(action.metavar or action.dest) for action in given)])
    yield f".SS trigdash {_roff(usage)}\n"
    if parser.description:
        yield f"{_lines(parser.description)}\n"
    yield from (
        f".TP\n.I {_roff(str(action.metavar or action.dest))}\n{_roff(action.help)}\n"
        for action in given
        if action.help
    )
    own = [
        action
        for action in parser_tree.flags(parser)
        if action.option_strings[-1] not in common and action.dest not in _OUTPUT
    ]
    yield from map(_flag, own)


def _flag(action: argparse.Action) -> str:
    names = ", ".join(action.option_strings)
    if action.nargs != 0:
        choices = "|".join(map(str, action.choices)) if action.choices else ""
        names += f" {choices or action.metavar or action.dest.upper()}"
    return f".TP\n.B {_roff(names)}\n{_roff(action.help or ' ')}\n"


def _lines(text: str) -> str:
    return "\n".join(line if line == ".PP" else _roff(line) for line in text.splitlines())


def _roff(text: str) -> str:
    """Text escaped for roff: special characters are escaped, and no line begins like a request. A
    doubled percent sign is argparse's escape for one."""
    plain = text.replace("%%", "%").replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    return f"\\&{plain}" if plain.startswith((".", "'")) else plain
