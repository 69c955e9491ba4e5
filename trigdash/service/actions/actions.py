"""Actions: the only writer, one method for each verb. `ActionRunner` sends, guards, marks and logs
them. This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from trigdash.backends.base import Json
from trigdash.model.capability import Capability
from trigdash.service.actions.outcome import ActionRequest, Made, Outcome, Pending, Result
from trigdash.service.actions.replay import (
    DROPS_CHANGES,
    made_run,
    run_again,
    send_changed,
    send_with_key,
    takes_changes,
)
from trigdash.service.actions.runner import ActionRunner
from trigdash.service.actions.verification import (
    bulk_is_aborted,
    newest_run_of,
    queue_has_limit,
    queue_is_paused,
    replay_has_key,
    run_has_key,
    run_has_metadata,
    run_has_tags,
    run_is_canceled,
    run_is_delayed,
    run_was_made_from,
)
from trigdash.service.filters.description import format_filter

if TYPE_CHECKING:
    from trigdash.backends.operation import Operation
    from trigdash.model.run_filter import RunFilter
    from trigdash.service.actions.verification import Verify

__all__ = ["Actions", "Outcome", "Pending", "Result"]


class Action(Protocol):
    """What the runner needs of a resource's action, which is declared in the presentation."""

    @property
    def name(self) -> str: ...

    @property
    def done(self) -> Callable[[Any], str]:
        """The message for the answer."""
        ...


class Actions(ActionRunner):
    """Performs actions on one environment, on the event loop. Each returns an Outcome."""

    _replay_takes_changes: bool | None = None

    async def perform(
        self,
        action: Action,
        target: str,
        operation: Operation[Any],
        made: Callable[[Any], Made] | None = None,
        verify: Verify | None = None,
    ) -> Outcome:
        """Send the operation of a resource's action. `made` reads from the answer what was created;
        `verify` checks whether the action took effect when the answer was lost."""
        return await self.run(
            ActionRequest(
                action.name,
                target,
                operation.needs,
                lambda: self._backend.call(operation),
                action.done,
                made=made,
                verify=verify,
            )
        )

    # Runs

    async def cancel(self, run_id: str, *, quiet: bool = False) -> Outcome:
        """Cancel a run. A run that has already ended is no error. The mark stays until the status
        changes."""
        return await self.run(
            ActionRequest(
                "cancel",
                run_id,
                Capability.CANCEL,
                lambda: self._backend.cancel(run_id),
                lambda _: "cancellation is under way",
                quiet=quiet,
                verify=run_is_canceled(run_id),
            )
        )

    async def replay(self, run_id: str, *, quiet: bool = False, key: str = "") -> Outcome:
        """Start a run again as it was; `new_id` is the new run. Uses an idempotency key where the
        server supports one: a second replay with the same key returns the first run."""
        refused = self.disabled_reason(Capability.REPLAY)
        if not key or refused or not await self.takes_replay_changes():
            send = partial(self._backend.replay, run_id)
            return await self.run(run_again("replay", run_id, send, quiet=quiet))
        send = partial(send_with_key, self._backend, run_id, key)
        verify = replay_has_key(run_id, key)
        return await self.run(run_again("replay", run_id, send, verify, quiet=quiet))

    async def takes_replay_changes(self) -> bool:
        """Whether the server supports replays with changes; asked once and remembered."""
        if self._replay_takes_changes is None:
            self._replay_takes_changes = await takes_changes(self._backend)
        return self._replay_takes_changes

    async def replay_changed(self, run_id: str, changes: Mapping[str, Json]) -> Outcome:
        """Start a run again with changes, named as the body of a replay names them. Never sent to a
        server that would ignore them."""
        key = changes.get("idempotencyKey")
        request = ActionRequest(
            "replay",
            run_id,
            Capability.REPLAY,
            lambda: send_changed(self._backend, run_id, changes),
            lambda replay: replay.message,
            made=lambda replay: Made(replay.id),
            verify=replay_has_key(run_id, key)
            if isinstance(key, str)
            else run_was_made_from(run_id),
        )
        if not self.disabled_reason(Capability.REPLAY) and not await self.takes_replay_changes():
            return self.refuse(request, DROPS_CHANGES)
        return await self.run(request)

    async def retry(self, run_id: str) -> Outcome:
        """Start a run again from its first failed step; `new_id` is the new run."""
        send = partial(self._backend.retry, run_id)
        return await self.run(run_again("retry", run_id, send))

    async def restart(
        self, run_id: str, step: str, overrides: Mapping[str, Json] | None = None
    ) -> Outcome:
        """Start a run again from a step; `new_id` is the new run."""
        send = partial(self._backend.restart, run_id, step, overrides)
        return await self.run(run_again("restart", run_id, send))

    async def add_tags(self, run_id: str, tags: Sequence[str], *, quiet: bool = False) -> Outcome:
        """Add tags to a run; the message is the server's."""
        return await self.run(
            ActionRequest(
                "tag",
                run_id,
                Capability.TAG,
                lambda: self._backend.add_tags(run_id, tags),
                lambda words: str(words or "tagged"),
                quiet=quiet,
                verify=run_has_tags(run_id, tags),
            )
        )

    async def reschedule(self, run_id: str, delay: str) -> Outcome:
        """Move a delayed run; `delay` is a duration from now or an ISO time."""
        return await self.run(
            ActionRequest(
                "reschedule",
                run_id,
                Capability.RESCHEDULE,
                lambda: self._backend.reschedule(run_id, delay),
                lambda _: "rescheduled",
                verify=run_is_delayed(run_id, delay, self._clock.now()),
            )
        )

    async def edit_metadata(
        self, run_id: str, changed: Mapping[str, Json], removed: Sequence[str]
    ) -> Outcome:
        """Set keys of a run's metadata and remove others; the rest stays as it is."""
        return await self.run(
            ActionRequest(
                "metadata",
                run_id,
                Capability.METADATA,
                lambda: self._backend.edit_metadata(run_id, changed, removed),
                lambda _: "metadata saved",
                verify=run_has_metadata(run_id, changed, removed),
            )
        )

    async def trigger(self, task: str, payload: Json, options: Mapping[str, Json]) -> Outcome:
        """Start a new run of a task; `new_id` is that run, or the existing one with the same
        idempotency key."""
        key = options.get("idempotencyKey")
        return await self.run(
            ActionRequest(
                "trigger",
                task,
                Capability.TRIGGER,
                lambda: self._backend.trigger(task, payload, options),
                lambda run: run.message,
                made=made_run,
                verify=run_has_key(task, key) if isinstance(key, str) else newest_run_of(task),
            )
        )

    # Queues

    async def pause_queue(self, queue_id: str, paused: bool) -> Outcome:
        """Pause or resume a queue; running runs continue."""
        return await self.run(
            ActionRequest(
                "pause" if paused else "resume",
                queue_id,
                Capability.QUEUE_WRITES,
                lambda: self._backend.pause_queue(queue_id, paused),
                lambda _: "paused" if paused else "resumed",
                guard="queue",
                verify=queue_is_paused(queue_id, paused),
            )
        )

    async def override_limit(self, queue_id: str, limit: int) -> Outcome:
        """Override a queue's concurrency limit; 0 blocks it."""
        return await self.run(
            ActionRequest(
                "limit",
                queue_id,
                Capability.QUEUE_WRITES,
                lambda: self._backend.override_limit(queue_id, limit),
                lambda _: f"limit is {limit} now",
                guard="queue",
                verify=queue_has_limit(queue_id, limit),
            )
        )

    async def reset_limit(self, queue_id: str) -> Outcome:
        """Remove the override of a queue's limit."""
        return await self.run(
            ActionRequest(
                "reset limit",
                queue_id,
                Capability.QUEUE_WRITES,
                lambda: self._backend.reset_limit(queue_id),
                lambda _: "the override is gone",
                guard="queue",
                verify=queue_has_limit(queue_id, None),
            )
        )

    # Bulk

    async def start_bulk(
        self,
        verb: str,
        run_ids: Sequence[str] | None,
        run_filter: RunFilter | None,
        label: str,
        chosen_by: str = "",
    ) -> Outcome:
        """Start a bulk action on the server, `cancel` or `replay`; `new_id` is the bulk action. In
        the log, `label` describes it and `chosen_by` says how the runs were chosen."""
        details: dict[str, Json] = {"chosen_by": chosen_by} if chosen_by else {}
        if run_filter is not None:
            details["filter"] = format_filter(run_filter)
        if run_ids is not None:
            details["run_ids"] = list(run_ids)
        return await self.run(
            ActionRequest(
                f"bulk {verb}",
                label,
                Capability.BULK,
                lambda: self._backend.start_bulk(verb, run_ids, run_filter),
                lambda new_id: f"started {new_id}",
                made=Made,
                # Two bulk actions may send equally many runs at the same time and still be
                # different.
                guard=f"bulk {verb} {run_ids[0] if run_ids else run_filter}",
                details=details,
            )
        )

    async def abort_bulk(self, bulk_id: str) -> Outcome:
        """Stop a bulk action of the server; runs that it has already processed stay processed."""
        return await self.run(
            ActionRequest(
                "abort bulk",
                bulk_id,
                Capability.BULK,
                lambda: self._backend.abort_bulk(bulk_id),
                lambda _: "aborted",
                verify=bulk_is_aborted(bulk_id),
            )
        )
