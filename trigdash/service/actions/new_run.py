"""Actions that start a run again: what is sent, and how the new run is found when the answer was
lost.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from trigdash.model.capability import Capability
from trigdash.service.actions.outcome import ActionRequest, Made
from trigdash.service.actions.verification import run_was_made_from

if TYPE_CHECKING:
    from trigdash.model.run import TriggeredRun
    from trigdash.service.actions.verification import Verify

_WAYS = {
    "replay": (Capability.REPLAY, "replayed"),
    "retry": (Capability.RETRY, "retried"),
    "restart": (Capability.RESTART, "restarted"),
}


def run_again(
    verb: str,
    run_id: str,
    send: Callable[[], Awaitable[str]],
    verify: Verify | None = None,
    *,
    quiet: bool = False,
) -> ActionRequest:
    """Start a run again: by `replay`, `retry` or `restart`. `send` returns the new id."""
    needs, past = _WAYS[verb]
    return ActionRequest(
        verb,
        run_id,
        needs,
        send,
        lambda new_id: f"{past} as {new_id}",
        made=Made,
        quiet=quiet,
        verify=verify or run_was_made_from(run_id),
    )


def made_run(run: TriggeredRun) -> Made:
    """The run in the answer of a trigger."""
    return Made(run.id, is_new=not run.is_cached)
