"""Starting runs again, and replays with changes: their support, their body, their check.

An older server answers 200 to a replay with changes and starts the run unchanged. So trigdash first
checks whether the server reads the body, and afterwards compares the new run with the request. This
module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trigdash.backends.base import BackendError, Json
from trigdash.model.capability import Capability
from trigdash.service.actions.outcome import ActionRequest, Made
from trigdash.service.actions.verification import run_was_made_from

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.run import Run, TriggeredRun
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


DROPS_CHANGES = (
    "this server drops the changes of a replay (they came with version 4.7.4): nothing was sent"
)


@dataclass(frozen=True, slots=True)
class ChangedReplay:
    """A replay that was started."""

    id: str
    lost: tuple[str, ...] = ()
    """Changes that the new run does not show."""

    @property
    def message(self) -> str:
        """What happened, as a message."""
        if self.lost:
            lost = " and ".join(self.lost)
            return f"replayed as {self.id}, but without the new {lost}: cancel it if that is wrong"
        return f"replayed as {self.id}, with the changes"


async def takes_changes(backend: Backend) -> bool:
    """Whether the server reads the body of a replay; False where that is unknown."""
    from trigdash.backends.operations.runs import takes_replay_changes

    try:
        return await backend.call(takes_replay_changes())
    except BackendError:
        return False


async def send_with_key(backend: Backend, run_id: str, key: str) -> str:
    """Start a run again under an idempotency key; the new run's id."""
    from trigdash.backends.operations.runs import replay_run

    return await backend.call(replay_run(run_id, {"idempotencyKey": key}))


async def send_changed(backend: Backend, run_id: str, changes: Mapping[str, Json]) -> ChangedReplay:
    """Start a run again with changes, and check which of them arrived."""
    from trigdash.backends.operations.runs import replay_run

    new_id = await backend.call(replay_run(run_id, changes))
    try:
        run = await backend.run(new_id)
    except BackendError:
        return ChangedReplay(new_id)
    return ChangedReplay(new_id, lost_changes(run, changes))


def lost_changes(run: Run, changes: Mapping[str, Any]) -> tuple[str, ...]:
    """The changes that are missing in the new run, of those that a run shows."""
    lost: list[str] = []
    if changes.get("delay") and run.delayed_until is None:
        lost.append("delay")
    if "tags" in changes and sorted(run.raw_tags) != sorted(_tags(changes["tags"])):
        lost.append("tags")
    is_inline = not run.payload_presigned_url
    if "payload" in changes and is_inline and run.payload != changes["payload"]:
        lost.append("payload")
    return tuple(lost)


def _tags(given: str | Sequence[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


def replay_changes(
    run: Run,
    start: Mapping[str, str],
    payload: Json,
    options: Mapping[str, Any],
) -> dict[str, Any] | None:
    """The body of a replay, from a form that started with the texts of `start` (by field) and now
    has `payload` and `options` in the names of the trigger endpoint. None when the body cannot
    express the change: it cannot remove a machine or a concurrency key."""
    changes = {name: value for name, value in options.items() if name != "test"}
    if isinstance(queue := changes.get("queue"), Mapping):
        changes["queue"] = queue["name"]
    for field, name in (("machine", "machine"), ("concurrency key", "concurrencyKey")):
        if start.get(field) and name not in changes:
            return None
    if start.get("queue") and "queue" not in changes:
        changes["queue"] = f"task/{run.task_identifier}"
    if list(changes.get("tags", ())) == list(run.raw_tags):
        changes.pop("tags", None)
    elif run.raw_tags and "tags" not in changes:
        changes["tags"] = []
    if run.payload_presigned_url or payload != run.payload:
        changes["payload"] = payload
    return changes
