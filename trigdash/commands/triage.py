"""`trigdash triage`: where an error's runs are, and what tells them from good ones."""

from __future__ import annotations

import argparse
from functools import partial

from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import ExitCode
from trigdash.commands.parser import AddFlags, add_output
from trigdash.model.capability import Capability
from trigdash.service.triage import Triage, triage


def add_triage(parser: argparse.ArgumentParser, add_flags: AddFlags) -> None:
    """Add what `triage` takes."""
    parser.add_argument("error", help="the id of an error group")
    add_output(parser, add_flags)
    parser.set_defaults(work=lambda args: partial(print_triage, error=args.error))


async def print_triage(context: CommandContext, error: str) -> ExitCode:
    """Print what a sample of the error's runs tells."""
    context.require(Capability.ERRORS)
    answer = await triage(context.backend, error)
    if context.output.is_data:
        context.output.record(record_of(answer))
    else:
        for line in _lines(answer):
            context.output.line(line)
    return ExitCode.WELL


def record_of(answer: Triage) -> dict[str, object]:
    """The answer as JSON."""
    apart = answer.separator
    return {
        "id": answer.error.id,
        "task": answer.error.task_identifier,
        "errorType": answer.error.error_type,
        "errorMessage": answer.error.error_message,
        "count": answer.error.count,
        "sample": {"failing": answer.failing, "good": answer.good},
        "spread": answer.spread,
        "tells_apart": None
        if apart is None
        else {
            "field": apart.field,
            "values": list(apart.values),
            "failing": [apart.failing, apart.of_failing],
            "good": [apart.good, apart.of_good],
        },
    }


def _lines(answer: Triage) -> list[str]:
    error, apart = answer.error, answer.separator
    lines = [f"{error.error_type}  {error.error_message}", f"{error.task_identifier}  {error.id}"]
    for name, values in answer.spread.items():
        told = ", ".join(f"{value} {runs}/{answer.failing}" for value, runs in values.items())
        lines.append(f"{name:<12}  {told}")
    sample = f"from {answer.failing} failing and {answer.good} good runs"
    if apart is None:
        return [*lines, f"{'tells apart':<12}  nothing found in payloads, {sample}"]
    told = (
        f"payload.{apart.field} is {' or '.join(apart.values)} in {apart.failing} of "
        f"{apart.of_failing} failing, {apart.good} of {apart.of_good} good"
    )
    return [*lines, f"{'tells apart':<12}  {told}; {sample}"]
