"""`trigdash schedules timezones`: the time zones that a schedule can have."""

from __future__ import annotations

from trigdash.backends.operations.inputs import list_timezones
from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import ExitCode
from trigdash.model.capability import Capability


async def print_timezones(context: CommandContext, part: str) -> ExitCode:
    """Print the server's time zones, or those that contain a text such as `york` or `new york`."""
    context.require(Capability.SCHEDULES)
    known = await context.backend.call(list_timezones())
    wanted = part.strip().replace(" ", "_").casefold()
    names = [name for name in known.names if wanted in name.casefold()]
    context.output.table([{"timezone": name} for name in names])
    if not names:
        context.output.note(f"no time zone of this server has {part!r} in its name")
    return ExitCode.WELL if names else ExitCode.NOT_FOUND
