"""`trigdash health`: the server's own report on an environment."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from trigdash.backends.base import Capability
from trigdash.backends.operations.health import health_report
from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import ExitCode
from trigdash.commands.parser import AddFlags, add_output
from trigdash.model.health import HealthReport


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
        for line in _lines(report):
            context.output.line(line)
    return ExitCode.FAILED if report.severity == "crit" else ExitCode.WELL


def _lines(report: HealthReport) -> list[str]:
    lines = [f"{report.severity:<5} {report.scope}  {report.period}"]
    for finding in report.findings:
        share: Any = finding.attribution
        where = f"  {share.dim} {share.key} ({share.share:.0%})" if share else ""
        reason = finding.reason.replace("_", " ")
        lines.append(f"{finding.severity:<5} {finding.type:<12} {reason}{where}")
    for metric in report.metrics:
        normal = f"  usual {metric.normal:g}" if metric.normal is not None else ""
        known = metric.availability != "unknown"
        value = f"{metric.value:g} {metric.unit}" if known else "not measured"
        lines.append(f"{metric.severity:<5} {metric.id:<20} {value}{normal}")
    return lines
