"""`trigdash now`: what needs attention, and what was checked."""

from __future__ import annotations

import argparse

from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import ExitCode
from trigdash.commands.parser import AddFlags, add_output
from trigdash.presentation.field import iso
from trigdash.presentation.now import headline, looked_at_line, now_lines
from trigdash.service.now.finding import Now
from trigdash.service.now.query import NowQuery

TEXT_WIDTH = 110


def add_now(parser: argparse.ArgumentParser, add_flags: AddFlags) -> None:
    """Add what `now` takes."""
    add_output(parser, add_flags)
    parser.set_defaults(work=lambda args: print_now)


async def print_now(context: CommandContext) -> ExitCode:
    """Print the findings; the code is 1 when one is critical."""
    now = await NowQuery(context.clock).fetch(context.backend, None)
    if context.output.is_data:
        context.output.record(record_of(now))
    else:
        context.output.cells([headline(now)])
        context.output.cells(line.cell for line in now_lines(now, TEXT_WIDTH))
        context.output.cells(map(looked_at_line, now.looked_at))
    return ExitCode.FAILED if now.is_critical else ExitCode.WELL


def record_of(now: Now) -> dict[str, object]:
    """The answer as JSON."""
    return {
        "at": iso(now.at),
        "findings": [
            {
                "code": each.code,
                "kind": each.kind,
                "subject": each.subject,
                "severity": each.severity.value,
                "section": each.section.value,
                "evidence": each.evidence,
                "since": None if each.since is None else iso(each.since),
                "act": each.act or None,
            }
            for each in now.findings
        ],
        "looked_at": [
            {"what": each.what, "known": each.is_known, "said": each.said} for each in now.looked_at
        ],
    }
