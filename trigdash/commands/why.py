"""`trigdash runs why`: what blocks a run, what does not, and what is unknown."""

from __future__ import annotations

from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import ExitCode
from trigdash.commands.runs import run_id_of
from trigdash.model.capability import Capability
from trigdash.presentation.field import iso
from trigdash.presentation.run_line import ahead_text
from trigdash.presentation.stuck import stuck_headline, stuck_lines
from trigdash.presentation.why import MARKS, check_name
from trigdash.service.why.check import Check, Finding
from trigdash.service.why.stuck import WAITING_CODES, Stuck, StuckQuery
from trigdash.service.why.verdict import Why, why

TEXT_WIDTH = 150


async def explain_run(context: CommandContext, run: str) -> ExitCode:
    """Print why a run does not move."""
    answer = await why(context.backend, run_id_of(run), context.clock.now())
    if context.output.is_data:
        context.output.record(record_of(answer))
        return ExitCode.WELL
    context.output.line(f"{answer.verdict} {ahead_text(answer)}".rstrip())
    for check in answer.checks:
        mark, _ = MARKS[check.finding]
        context.output.line(f"  {mark} {check_name(check):<34}  {check.evidence}")
    cause = answer.cause
    if cause is not None and cause.act:
        context.output.line(f"To do: {cause.act}.")
    return ExitCode.WELL


def record_of(answer: Why) -> dict[str, object]:
    """The answer as JSON."""
    cause = answer.cause
    return {
        "runId": answer.run_id,
        "status": answer.status,
        "verdict": answer.verdict,
        "code": cause.code if cause else None,
        "subject": cause.subject if cause else None,
        "evidence": cause.evidence if cause else None,
        "act": cause.act if cause else None,
        "holds": _checks(answer, Finding.HOLDS),
        "ruled_out": _checks(answer, Finding.RULED_OUT),
        "unknown": _checks(answer, Finding.UNKNOWN),
        "ahead": answer.ahead,
        "waitMs": None if answer.wait_s is None else round(answer.wait_s * 1000),
    }


async def print_stuck(context: CommandContext) -> ExitCode:
    """Print runs that do not move, grouped by reason. The exit code is 1 when any is blocked."""
    context.require(Capability.QUEUES)
    stuck = await StuckQuery(context.clock).fetch(context.backend, None)
    held = [group for group in stuck.groups if group.code not in WAITING_CODES]
    if context.output.is_data:
        context.output.record(stuck_record(stuck))
    else:
        lines = stuck_lines(stuck, TEXT_WIDTH)
        context.output.cells([stuck_headline(stuck), *(line.cell for line in lines)])
    return ExitCode.FAILED if held else ExitCode.WELL


def stuck_record(stuck: Stuck) -> dict[str, object]:
    """The answer as JSON."""
    return {
        "at": iso(stuck.at),
        "groups": [
            {
                "code": group.code,
                "subject": group.subject,
                "evidence": group.evidence,
                "act": group.act or None,
                "runs": group.runs,
                "since": iso(group.since),
                "oldest": group.oldest,
                "tasks": list(group.tasks),
                "queues": list(group.queues),
                "waitMs": None if group.wait_s is None else round(group.wait_s * 1000),
            }
            for group in stuck.groups
        ],
        "notLookedAt": list(stuck.unseen),
    }


def _checks(answer: Why, finding: Finding) -> list[dict[str, str]]:
    found: list[Check] = [check for check in answer.checks if check.finding is finding]
    return [
        {"code": check.code, "subject": check.subject, "evidence": check.evidence}
        for check in found
    ]
