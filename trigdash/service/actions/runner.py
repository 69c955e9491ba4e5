"""Runs actions of every kind.

Each is sent at most once unless the user repeats it, continues when the user leaves the screen that
started it, marks its target while it is in progress, is logged, and wakes the queries that mention
what it changed. `read_only` refuses all of them here, in one place. This module is imported before
the first frame: standard library and light modules only.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from trigdash.backends.base import (
    BackendError,
    BadKey,
    CannotReach,
    Forbidden,
    RateLimited,
    TooManyAtOnce,
)
from trigdash.model.capability import Capability
from trigdash.service.actions.outcome import ActionRequest, Key, Made, Outcome, Pending, Result
from trigdash.service.actions.verification import Verify

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.model.status import Status
    from trigdash.service.actions.outcome import AuditLog
    from trigdash.service.cache.poller import Poller
    from trigdash.service.cache.query import Query
    from trigdash.service.cache.store import Snapshot, Store

READ_ONLY = "read-only: nothing is changed"
"""The reason for refusing everything while `read_only` is set."""

LOST = "no answer came: it may have happened and is not sent again"

VERIFY_PAUSES_S = (0.5, 2.0, 8.0, 15.0)
"""Pauses before each read of the target of an action whose answer was lost. If the server is away
for longer than all of them together, the outcome stays unknown."""

LOOKS = 2
"""Reads without an effect after which the outcome stays unknown."""

EFFECT_WAIT = timedelta(minutes=10)
"""How long a canceled run is shown as canceling while its status does not change."""

OUTCOMES_KEPT = 100
CLOSE_S = 5.0
"""Seconds that closing waits for the answers of actions that were sent."""

Listener = Callable[[], None]


class ActionRunner:
    """Runs actions on one environment, on the event loop."""

    def __init__(
        self,
        backend: Backend,
        store: Store,
        poller: Poller,
        clock: Clock,
        *,
        read_only: bool = False,
        audit: AuditLog | None = None,
        environment: Callable[[], str] = str,
    ) -> None:
        self.read_only = read_only
        self.audit = audit
        self.outcomes: deque[Outcome] = deque(maxlen=OUTCOMES_KEPT)
        """The latest outcomes, newest last."""
        self._backend = backend
        self._store = store
        self._poller = poller
        self._clock = clock
        self._environment = environment
        self._pending: dict[Key, Pending] = {}
        self._marks: dict[str, Pending] = {}
        self._tasks: set[asyncio.Task[Outcome]] = set()
        self._looking_up: set[asyncio.Task[Outcome]] = set()
        """Tasks of actions whose answer was lost."""
        self._listeners: list[Listener] = []
        self._closed = False
        store.add_observer(self._observe)

    @property
    def pending(self) -> Mapping[str, Pending]:
        """Id of a run or queue → the latest action in progress on it, for the mark on its row. Each
        change makes a new mapping, so that it can be compared by identity."""
        return self._marks

    @property
    def waiting(self) -> list[Pending]:
        """The actions that were sent and not answered yet."""
        pending = self._pending.values()
        return [each for each in pending if not (each.answered or each.answer_lost)]

    def add_listener(self, listener: Listener) -> None:
        """Register a listener for changes of `pending` or `outcomes`."""
        self._listeners.append(listener)

    def remove_listener(self, listener: Listener) -> None:
        """Remove a listener."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def disabled_reason(self, needs: Capability) -> str:
        """Why an action is not possible at all, in words; empty when it is."""
        if self.read_only:
            return READ_ONLY
        if needs not in self._backend.capabilities:
            return self._backend.disabled_reason(needs)
        return ""

    def refuse(self, action: ActionRequest, why: str) -> Outcome:
        """The outcome of an action that is not sent, for a reason that applies to every target."""
        return replace(self._outcome(action, Result.REFUSED, why), is_general=True)

    async def run(self, action: ActionRequest) -> Outcome:
        """Run an action, unless it is not possible or already in progress. The caller may be
        canceled: the action continues, and its outcome is logged."""
        why = "the connection is closed" if self._closed else self.disabled_reason(action.needs)
        if why:
            return self.refuse(action, why)
        under_way = self._pending.get(action.key)
        if under_way is not None and not under_way.answered:
            why = f"{under_way.verb} of {action.target} is under way already"
            return self._outcome(action, Result.REFUSED, why)
        self._pending[action.key] = Pending(action.verb, action.target, self._clock.now())
        self._notify()
        task = asyncio.create_task(self._perform(action), name=f"{action.verb} {action.target}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(self._looking_up.discard)
        task.add_done_callback(self._poller.task_ended)
        return await asyncio.shield(task)

    async def close(self, patience_s: float | None = None) -> None:
        """Wait up to `patience_s` (None: `CLOSE_S`) for actions that were sent, since leaving does
        not undo them. Outcomes still go to the log, but not to listeners. Does not wait for checks
        of lost answers."""
        self._closed = True
        self._listeners.clear()
        for task in self._looking_up:
            task.cancel()
        if self._tasks:
            _, late = await asyncio.wait(
                tuple(self._tasks), timeout=CLOSE_S if patience_s is None else patience_s
            )
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    async def _perform(self, action: ActionRequest) -> Outcome:
        outcome = self._outcome(action, Result.UNKNOWN, LOST)
        try:
            answer = await action.send()
            made = action.made(answer) if action.made is not None else None
            outcome = self._outcome(action, Result.DONE, action.done(answer), made)
        except BackendError as error:
            if not error.outcome_unknown:
                outcome = self._refused(action, error)
            elif action.verify is not None:
                outcome = await self._look_up(action, action.verify)
        finally:
            # Also when it was canceled or ended by a bug: what may have happened is logged.
            self._finish(action, outcome)
        return outcome

    async def _look_up(self, action: ActionRequest, verify: Verify) -> Outcome:
        """Read the target to see whether the action took effect. If it shows no effect it is read a
        second time: the request may have arrived a moment later."""
        self._pending[action.key] = replace(self._pending[action.key], answer_lost=True)
        self._looking_up |= {task for task in self._tasks if task is asyncio.current_task()}
        self._notify()
        outcome = self._outcome(action, Result.UNKNOWN, LOST)
        looks = 0
        for pause_s in VERIFY_PAUSES_S:
            await self._clock.wait(pause_s)
            try:
                shown = await verify(self._backend)
            except BackendError:
                continue
            if shown.happened:
                words = f"the answer was lost, but {shown.sentence}"
                return self._outcome(action, Result.DONE, words, shown.made)
            words = f"no answer came, and {shown.sentence}"
            unknown = self._outcome(action, Result.UNKNOWN, words)
            outcome = replace(unknown, may_retry=shown.may_retry)
            looks += 1
            if looks == LOOKS:
                break
        return outcome

    def _refused(self, action: ActionRequest, error: BackendError) -> Outcome:
        outcome = self._outcome(action, Result.REFUSED, error.message())
        return replace(
            outcome,
            may_retry=isinstance(error, CannotReach | RateLimited | TooManyAtOnce),
            is_busy=isinstance(error, TooManyAtOnce),
            is_general=isinstance(error, BadKey | Forbidden),
        )

    def _outcome(
        self, action: ActionRequest, result: Result, sentence: str, made: Made | None = None
    ) -> Outcome:
        return Outcome(
            action.verb,
            action.target,
            result,
            sentence,
            self._clock.now(),
            new_id=made.id if made is not None else None,
            is_new=made is None or made.is_new,
            details=action.details,
        )

    def _finish(self, action: ActionRequest, outcome: Outcome) -> None:
        """Log the outcome, wake the queries that mention the target, and remove or keep the
        mark."""
        pending = replace(self._pending.pop(action.key), answer_lost=False)
        if action.verb == "cancel" and outcome.done and not self._is_over(action.target):
            self._pending[action.key] = replace(pending, answered=True)
        self.outcomes.append(outcome)
        if self.audit is not None:
            self.audit.write(outcome, self._environment())
        if outcome.result is not Result.REFUSED and not action.quiet:
            self.wake(action.target)
        self._notify()

    def wake(self, target: str) -> None:
        """Poll the queries that an action on one object concerns: lists, and the object itself when
        it is open."""
        self._poller.wake_where(lambda query: query.concerns(target))
        for query in self._store.watched():
            held = self._store.get(query).data
            step = query.reread(target, held) if held is not None else None
            if step is not None:
                self._poller.run_step(query, step)

    def wake_all(self, run_ids: Sequence[str]) -> None:
        """Poll the lists after an action on many runs, and make them read these runs again."""
        for query in self._store.watched():
            held = self._store.get(query).data
            if held is not None:
                query.invalidate(run_ids, held)
        self._poller.wake_where(lambda query: any(map(query.concerns, run_ids)))

    # Marks

    def _notify(self) -> None:
        self._marks = {pending.target: pending for pending in self._pending.values()}
        for listener in tuple(self._listeners):
            listener()

    def _observe(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        """Remove the marks of canceled runs once these have ended."""
        waiting = [key for key, pending in self._pending.items() if pending.answered]
        if not waiting or snapshot.problem is not None:
            return
        too_old = self._clock.now() - EFFECT_WAIT
        ended = [
            key
            for key in waiting
            if self._pending[key].since < too_old
            or _shows_end(query, snapshot, key[1])
            or not self._is_known(key[1])
        ]
        for key in ended:
            del self._pending[key]
        if ended:
            self._notify()

    def _is_known(self, run_id: str) -> bool:
        """Whether any cached data still contains a run. Lists filtered to executing runs drop a run
        before showing that it ended; then there is no row to mark."""
        return any(
            _status(query, self._store.get(query), run_id) is not None
            for query in self._store.cached_queries()
        )

    def _is_over(self, run_id: str) -> bool:
        """Whether a run is already known to have ended."""
        return any(
            _shows_end(query, self._store.get(query), run_id)
            for query in self._store.cached_queries()
        )


def _status(query: Query[Any], snapshot: Snapshot[Any], run_id: str) -> Status | None:
    """The status of a run in a snapshot; None where the snapshot does not contain it."""
    return query.status_of(run_id, snapshot.data) if snapshot.data is not None else None


def _shows_end(query: Query[Any], snapshot: Snapshot[Any], run_id: str) -> bool:
    status = _status(query, snapshot, run_id)
    return status is not None and status.is_final
