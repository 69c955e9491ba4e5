"""`trigdash triage`: since when an error occurs, where its runs are, and what sets them apart."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING, Any

from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.commands.parser import AddFlags, add_output
from trigdash.model.capability import Capability
from trigdash.presentation.field import iso
from trigdash.presentation.triage import error_head, error_headline, triage_lines
from trigdash.service.triage.triage import WINDOW, Triage, triage

if TYPE_CHECKING:
    from trigdash.service.triage.spread import Spread

TEXT_WIDTH = 120


def add_triage(parser: argparse.ArgumentParser, add_flags: AddFlags) -> None:
    """Add what `triage` takes."""
    parser.add_argument("error", help="the id of an error group")
    add_output(parser, add_flags)
    parser.set_defaults(work=lambda args: partial(print_triage, error=args.error))


async def print_triage(context: CommandContext, error: str) -> ExitCode:
    """Print what a sample of the error's runs shows."""
    context.require(Capability.ERRORS)
    if not error.strip() or "/" in error:
        raise CommandFailure(f"this is no error: {error!r}; see: trigdash errors", ExitCode.MISUSED)
    answer = await triage(context.backend, error)
    if context.output.is_data:
        context.output.record(record_of(answer))
        return ExitCode.WELL
    now = context.clock.now()
    heads = [error_head(answer), error_headline(answer, now)]
    lines = triage_lines(answer, now, TEXT_WIDTH)
    context.output.cells([*heads, *(line.cell for line in lines)])
    return ExitCode.WELL


def record_of(answer: Triage) -> dict[str, object]:
    """The answer as JSON."""
    apart, runs = answer.separator, answer.runs
    return {
        "id": answer.error.id,
        "task": answer.error.task_identifier,
        "errorType": answer.error.error_type,
        "errorMessage": answer.error.error_message,
        "status": answer.error.status_name,
        "count": answer.error.count,
        "began": _began(answer),
        "runs": None
        if runs is None
        else {"before": runs.before, "since": runs.since, "window": WINDOW},
        "sample": {
            "failing": len(answer.failing),
            "good": len(answer.good),
            "payloads": {"failing": answer.payloads[0], "good": answer.payloads[1]},
        },
        "spread": {each.name: _spread(each) for each in answer.spread},
        "tells_apart": None
        if apart is None
        else {
            "field": apart.field,
            "values": list(apart.values),
            "failing": [apart.failing, apart.of_failing],
            "good": [apart.good, apart.of_good],
            "lift": apart.lift,
        },
        "newest": [row.id for row in answer.failing],
        "not_known": dict(answer.refused),
    }


def _began(answer: Triage) -> dict[str, Any] | None:
    began = answer.beginning
    if began is None:
        return None
    made, after = began.deployment, began.after
    return {
        "firstSeen": iso(began.first_seen),
        "version": made.version if made is not None else None,
        "commit": (made.git.commit_sha or made.commit_sha) if made is not None else None,
        "afterMs": round(after.total_seconds() * 1000) if after is not None else None,
        "withDeployment": began.began_with_it,
    }


def _spread(spread: Spread) -> list[dict[str, Any]]:
    return [
        {
            "value": each.value,
            "failing": [each.failing, spread.of_failing],
            "good": [each.good, spread.of_good],
            "lift": each.lift,
        }
        for each in spread.values
    ]
