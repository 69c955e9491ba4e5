"""`trigdash open RUN|URL`: a run's page in the platform's own dashboard."""

from __future__ import annotations

import argparse
from functools import partial

from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.commands.parser import AddFlags, add_output
from trigdash.commands.runs import run_id_of
from trigdash.config.browser import open_in_browser


def add_open(parser: argparse.ArgumentParser, add_flags: AddFlags) -> None:
    """Give `open` its argument."""
    parser.add_argument("run", help="a run's id, or the address of its page")
    add_output(parser, add_flags)
    parser.set_defaults(work=lambda args: partial(open_run, run=args.run))


async def open_run(context: CommandContext, run: str) -> ExitCode:
    """Print the address of a run's page, and open it in a browser on a graphical desktop."""
    run_id = run_id_of(run)
    await context.backend.run(run_id)
    address = (await context.backend.identity()).url("runs", run_id)
    if not address:
        raise CommandFailure("this system has no page for a run", ExitCode.MISUSED)
    if context.output.is_data:
        context.output.records([{"id": run_id, "_url": address}])
    else:
        context.output.line(address)
    if not await open_in_browser(address):
        context.output.note("there is no browser with a window here")
    return ExitCode.WELL
