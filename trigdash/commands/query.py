"""`trigdash query 'SELECT …'`: rows of a TRQL statement."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import Any

from trigdash.backends.base import Capability
from trigdash.backends.operations.query import raw_rows
from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.commands.parser import AddFlags, add_output


def add_query(parser: argparse.ArgumentParser, add_flags: AddFlags) -> None:
    """Add what `query` takes."""
    parser.add_argument("statement", nargs="?", help="a SELECT, in quotes")
    parser.add_argument("-f", "--file", metavar="FILE", help="read the statement from a file or -")
    parser.add_argument("--period", default="24h", help="the time that it covers, 24h unless given")
    parser.add_argument(
        "--scope", choices=("environment", "project", "organization"), default="environment"
    )
    add_output(parser, add_flags)
    parser.set_defaults(
        work=lambda args: partial(
            print_rows,
            statement=args.statement,
            file=args.file,
            period=args.period,
            scope=args.scope,
        )
    )


async def print_rows(
    context: CommandContext, statement: str | None, file: str | None, period: str, scope: str
) -> ExitCode:
    """Print the rows of a statement, given itself or in a file."""
    context.require(Capability.QUERY)
    if (statement is None) is (file is None):
        raise CommandFailure("give a statement, or a file with -f", ExitCode.MISUSED)
    text = statement if file is None else _read(file)
    rows: list[dict[str, Any]] = await context.backend.call(raw_rows(text or "", period, scope))
    context.output.table(rows)
    context.output.note(f"{len(rows)} rows; window: last {period}, {scope}")
    return ExitCode.WELL


def _read(path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as problem:
        raise CommandFailure(f"-f: cannot read {path}: {problem}", ExitCode.MISUSED) from None
