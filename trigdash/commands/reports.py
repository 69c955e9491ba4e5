"""`trigdash query` and `trigdash health`: rows of a statement, and the health report of the
server."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import Any

from trigdash.backends.operations.reports import health_report, raw_rows
from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.commands.parser import AddFlags, add_output
from trigdash.model.capability import Capability
from trigdash.model.health import HealthReport
from trigdash.presentation.health import health_text


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
    """Print the rows of a statement, given as text or in a file."""
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


def add_health(parser: argparse.ArgumentParser, add_flags: AddFlags) -> None:
    """Add what `health` takes."""
    parser.add_argument("--period", default="1h", help="the time that it covers, 1h unless given")
    add_output(parser, add_flags)
    parser.set_defaults(work=lambda args: partial(print_health, period=args.period))


async def print_health(context: CommandContext, period: str) -> ExitCode:
    """Print the report; the code is 1 when its severity is critical."""
    context.require(Capability.HEALTH)
    report: HealthReport = await context.backend.call(health_report(period))
    if context.output.is_data:
        context.output.record(report.raw)
    else:
        for line in health_text(report):
            context.output.line(line)
    return ExitCode.FAILED if report.severity == "crit" else ExitCode.WELL
