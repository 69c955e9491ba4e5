"""From a key to an action on a run, once: the question, the action, and its result in words.

One question is open at a time, so a held key cannot ask twice. What was agreed to is started once
and goes on although its screen is left; until it has ended its row says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from trigdash.presentation.columns import action_label
from trigdash.presentation.units import count
from trigdash.service.actions.outcome import Outcome, Result
from trigdash.ui.actions.bulk_controller import (
    act_on_matching,
    act_on_rows,
    open_bulks,
    pick_in_batch,
    pick_verb,
)
from trigdash.ui.actions.prompt_context import ConfirmedAction, PromptContext
from trigdash.ui.actions.queue_prompts import CAPABILITY as QUEUE_CAPABILITY
from trigdash.ui.actions.queue_prompts import QUEUE_PROMPTS, queue_disabled_reason
from trigdash.ui.actions.resource_asks import prompt_action
from trigdash.ui.actions.run_prompts import PROMPTS, prompt_restart, prompt_retry
from trigdash.ui.actions.verbs import VERBS
from trigdash.ui.input.keys import display, find, stand_in

if TYPE_CHECKING:
    from trigdash.model.queue import Queue
    from trigdash.model.run_filter import RunFilter
    from trigdash.model.run_row import RunRow
    from trigdash.presentation.action import ActionSpec
    from trigdash.presentation.resource import Resource
    from trigdash.service.connection import Connection
    from trigdash.ui.app import TrigdashApp

_PROMPTS = {**PROMPTS, "retry": prompt_retry}
Prompted = Callable[[], Awaitable[ConfirmedAction | None]]

RESULT_S = 8.0
"""How long a result stays on screen: it is read after the fact, and may carry an id."""

UNKNOWN_S = 30.0
"""The same for one that is unknown: the next thing to do depends on it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What `open result` opens: a new run, or the list that shows whether there is one."""

    run_id: str | None = None
    filter_line: str = ""


class ActionController:
    """Asks and acts for one app."""

    def __init__(self, app: TrigdashApp) -> None:
        self._app = app
        self._asking: Connection | None = None
        """The connection that a question is open on."""
        self._asked_on: object = None
        """The screen that the last question was asked on."""
        self._offer: Offer | None = None

    def start_action(self, verb_id: str, runs: Sequence[RunRow]) -> None:
        """Begin an action on the chosen runs: the question comes in the background."""
        connection = self._app.session.connection
        if connection is None or not runs:
            return
        context = PromptContext(self._app, connection, self._key(f"run.{verb_id}"))
        key = find(f"run.{verb_id}")
        if stand_in(key, self._app.session.disabled_reason) is not key:
            verb_id = "retry"
        if len(runs) > 1:
            self._start_on_many(context, verb_id, runs)
        elif reason := self.disabled_reason(context, verb_id, runs[0]):
            self._app.toast(reason)
        else:
            self.prompt_and_run(context, partial(_PROMPTS[verb_id], context, runs[0]))

    def _start_on_many(self, context: PromptContext, verb_id: str, runs: Sequence[RunRow]) -> None:
        verb = VERBS[verb_id]
        if not verb.many:
            self._app.toast(f"{verb.name} takes one run at a time: unmark the others")
        elif reason := self._app.session.disabled_reason(verb.capability):
            self._app.toast(reason)
        else:
            label = f"{count(len(runs))} marked runs"
            self.in_background(partial(act_on_rows, context, verb_id, runs, label))

    def start_restart(
        self, run: RunRow, step: str, kept: Sequence[str], again: Sequence[str]
    ) -> None:
        """Begin to restart a run from one of its steps."""
        connection = self._app.session.connection
        if connection is None:
            return
        context = PromptContext(self._app, connection, self._key("run.restart"))
        if reason := self.disabled_reason(context, "restart", run):
            self._app.toast(reason)
        else:
            self.prompt_and_run(context, partial(prompt_restart, context, run, step, kept, again))

    def start_on_matching(self, run_filter: RunFilter, verb_id: str | None = None) -> None:
        """Begin an action on everything that a filter matches; without a verb, ask which."""
        connection = self._app.session.connection
        if connection is None:
            return
        context = PromptContext(self._app, connection, self._key("run.everything"))
        if verb_id is None:
            self.in_background(partial(pick_verb, context, run_filter))
        else:
            self.in_background(partial(act_on_matching, context, verb_id, run_filter))

    def start_on_batch(self, verb_id: str, run_filter: RunFilter, run: RunRow | None) -> None:
        """Begin an action in a batch: on the runs of `narrowed`, or on one run alone."""
        connection = self._app.session.connection
        if connection is None:
            return
        if reason := self._app.session.disabled_reason(VERBS[verb_id].capability):
            self._app.toast(reason)
            return
        context = PromptContext(self._app, connection, self._key(f"run.{verb_id}"))
        self.in_background(partial(self._prompt_in_batch, context, verb_id, run_filter, run))

    async def _prompt_in_batch(
        self, context: PromptContext, verb_id: str, run_filter: RunFilter, run: RunRow | None
    ) -> None:
        if run is not None and self.disabled_reason(context, verb_id, run):
            run = None
        wanted = await pick_in_batch(context, verb_id, run_filter, run)
        if wanted == "batch":
            await act_on_matching(context, verb_id, run_filter)
        elif wanted == "run" and run is not None:
            await self._prompt_and_run(context, partial(_PROMPTS[verb_id], context, run))

    def open_bulks(self) -> None:
        """Show the bulk under way, or one that was interrupted."""
        connection = self._app.session.connection
        if connection is not None:
            context = PromptContext(self._app, connection, self._key("app.bulks"))
            self.in_background(partial(open_bulks, context))

    def start_on_queue(self, verb: str, queue: Queue) -> None:
        """Begin an action on a queue."""
        connection = self._app.session.connection
        if connection is None:
            return
        pending = connection.actions.pending.get(queue.id)
        reason = self._app.session.disabled_reason(QUEUE_CAPABILITY) or queue_disabled_reason(
            verb, queue
        )
        if pending is not None:
            reason = f"{queue.name}: already {action_label(pending)}"
        if reason:
            self._app.toast(reason)
        else:
            context = PromptContext(self._app, connection, self._key(f"queue.{verb}"))
            self.prompt_and_run(context, partial(QUEUE_PROMPTS[verb], context, queue))

    def start_on_resource(self, action: ActionSpec[Any], resource: Resource[Any], row: Any) -> None:
        """Begin an action of a resource, on a row or on the list."""
        connection = self._app.session.connection
        if connection is None:
            return
        reason = self._app.session.disabled_reason(action.needs)
        if row is not None and not reason:
            pending = connection.actions.pending.get(resource.key(row))
            reason = f"already {action_label(pending)}" if pending else action.disabled_reason(row)
        if reason:
            self._app.toast(reason)
        else:
            context = PromptContext(self._app, connection, action.key or None)
            self.prompt_and_run(context, partial(prompt_action, context, action, resource, row))

    def disabled_reason(self, context: PromptContext, verb_id: str, run: RunRow) -> str:
        """Why a run cannot be given a verb, in words; empty when it can."""
        verb = VERBS[verb_id]
        if reason := self._app.session.disabled_reason(verb.capability):
            return reason
        pending = context.connection.actions.pending.get(run.id)
        if pending is not None:
            return f"{run.id}: already {action_label(pending)}"
        reason = verb.disabled_reason(run, context.now_ms()) or ""
        return f"{run.id}: {reason}" if reason else ""

    def prompt_and_run(self, context: PromptContext, question: Prompted) -> None:
        """Ask, and do what is agreed to; nothing while another question is open."""
        if self._may_ask():
            self._asked_on = self._app.screen
            self.in_background(partial(self._prompt_and_run, context, question))

    def _may_ask(self) -> bool:
        """Whether no question is open. One on a connection that was left meanwhile is not open any
        more."""
        connection = self._app.session.connection
        return connection is not None and self._asking is not connection

    def in_background(self, work: Callable[[], Awaitable[None]]) -> None:
        """Let a question take its course, unless one is open."""
        connection = self._app.session.connection
        if connection is None or not self._may_ask():
            return
        self._asking = connection
        asking = self._app.run_worker(
            self._finish(work, connection), group="writes", exclusive=True, exit_on_error=True
        )
        self._app.hold_keys_for(asking)

    async def _finish(self, work: Callable[[], Awaitable[None]], asked_on: Connection) -> None:
        try:
            await work()
        finally:
            if self._asking is asked_on:
                self._asking = None

    async def _prompt_and_run(self, context: PromptContext, question: Prompted) -> None:
        action = await question()
        if action is None or not context.is_open:
            return
        # The question is over: the next one may come while this action is under way.
        self._app.run_worker(self._run(context, action), group="actions", exit_on_error=True)

    async def _run(self, context: PromptContext, action: ConfirmedAction) -> None:
        actions = context.connection.actions
        actions.add_listener(self._show_pending)
        try:
            outcome = await action.start(actions)
        finally:
            actions.remove_listener(self._show_pending)
        if context.is_open:
            if outcome.done:
                context.unmark((outcome.target,))
            self.show_outcome(outcome, action)

    def _show_pending(self) -> None:
        """Let the screens show that an action began or ended, without waiting for their tick."""
        now = self._app.session.clock.now()
        for screen in self._app.live_screens():
            screen.show_pending(now)
            screen.show_bar()

    # Results

    def show_outcome(self, outcome: Outcome, action: ConfirmedAction) -> None:
        """Say how an action ended, and offer to look."""
        key = self._shown_key("app.result")
        if outcome.new_id and action.opens and self._app.screen is self._asked_on:
            self._app.open_detail("run", outcome.new_id)
            said = f"{action.words}: {outcome.message}"
            # Said on the screen that is opening, not on the one that it covers.
            self._app.call_after_refresh(self._notify, said, "information")
        elif outcome.result is Result.DONE:
            said = f"{action.words}: {outcome.message}"
            if outcome.new_id is not None:
                self._offer = Offer(run_id=outcome.new_id)
                said += f"   {key} opens {'the new' if outcome.is_new else 'that'} run"
            self._notify(said, "information")
        elif outcome.result is Result.UNKNOWN:
            self._show_unknown(f"{action.words}: unknown. {outcome.message}", action, key)
        else:
            self._notify(f"{action.words}: {outcome.message}", "error")

    def _show_unknown(self, said: str, action: ConfirmedAction, key: str) -> None:
        if action.look:
            self._offer = Offer(filter_line=action.look)
            said += f"   {key} looks for it"
        elif action.run_id:
            self._offer = Offer(run_id=action.run_id)
            said += f"   {key} opens the run"
        self._notify(said, "warning", UNKNOWN_S)

    def _notify(
        self,
        words: str,
        severity: Literal["information", "warning", "error"],
        timeout_s: float = RESULT_S,
    ) -> None:
        self._app.notify(words, severity=severity, timeout=timeout_s, markup=False)

    async def open_result(self) -> None:
        """Open what the last action made, or look for it where its answer was lost."""
        offer = self._offer
        if offer is None:
            self._app.toast("no new run to open yet")
        elif offer.run_id is not None:
            self._app.open_detail("run", offer.run_id)
        else:
            await self._app.commands.show_runs(offer.filter_line)

    # Keys

    def _key(self, key_id: str) -> str:
        changed = self._app.session.settings.keys
        return changed.get(key_id, find(key_id).keys).split(",")[0].strip()

    def _shown_key(self, key_id: str) -> str:
        return display(self._key(key_id))
