"""From a key to an action on a run, exactly once: the prompt, the action, and its result in words.
Only one prompt is open at a time, so a held key cannot open two. A confirmed action is started once
and continues when its screen is left; until it has ended, its row is marked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from trigdash.presentation.columns import action_label
from trigdash.presentation.units import count
from trigdash.service.actions.outcome import Outcome, Result
from trigdash.ui.actions.bulk_controller import (
    act_on_matching,
    act_on_rows,
    open_bulks,
    pick_verb,
    prompt_in_batch,
)
from trigdash.ui.actions.prompt_context import ConfirmedAction, PromptContext
from trigdash.ui.actions.queue_prompts import CAPABILITY as QUEUE_CAPABILITY
from trigdash.ui.actions.queue_prompts import QUEUE_PROMPTS, queue_disabled_reason
from trigdash.ui.actions.resource_asks import prompt_action
from trigdash.ui.actions.run_prompts import PROMPTS, prompt_restart, prompt_retry
from trigdash.ui.actions.verbs import VERBS
from trigdash.ui.input.keys import display, find, stand_in
from trigdash.ui.subject import (
    BatchRuns,
    ChosenRuns,
    MatchingRuns,
    OneQueue,
    OpenBulks,
    ResourceRow,
    RunStep,
)

if TYPE_CHECKING:
    from trigdash.model.queue import Queue
    from trigdash.model.run_filter import RunFilter
    from trigdash.model.run_row import RunRow
    from trigdash.service.connection import Connection
    from trigdash.ui.app import TrigdashApp
    from trigdash.ui.subject import Subject

_PROMPTS = {**PROMPTS, "retry": prompt_retry}
Prompt = Callable[[], Awaitable[ConfirmedAction | None]]
"""Asks, and gives what was agreed to; None where that was nothing, or the prompt saw to it."""

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
        """The screen of the last prompt."""
        self._offer: Offer | None = None

    def start_action(self, verb_id: str, subject: Subject) -> None:
        """Begin an action on a subject: say why it cannot be done, or show its prompt in the
        background. Nothing happens while another question is open."""
        connection = self._app.session.connection
        if connection is None or subject == ChosenRuns(()):
            return
        context = PromptContext(self._app, connection)
        match subject:
            case ChosenRuns(rows):
                planned = self._on_runs(context, verb_id, rows)
            case RunStep(run, step, kept, again):
                context.opened_by = self._key("run.restart")
                planned = self._disabled_reason(context, "restart", run) or partial(
                    prompt_restart, context, run, step, kept, again
                )
            case MatchingRuns(run_filter):
                planned = self._on_matching(context, verb_id, run_filter)
            case BatchRuns(run_filter, run):
                planned = self._on_batch(context, verb_id, run_filter, run)
            case OneQueue(queue):
                context.opened_by = self._key(f"queue.{verb_id}")
                planned = self._queue_disabled_reason(context, verb_id, queue) or partial(
                    QUEUE_PROMPTS[verb_id], context, queue
                )
            case ResourceRow(action, resource, row, rows):
                context.opened_by = action.key or None
                planned = self._row_disabled_reason(context, subject) or partial(
                    prompt_action, context, action, resource, row, rows
                )
            case OpenBulks():
                context.opened_by = self._key("app.bulks")
                planned = partial(open_bulks, context)
        if isinstance(planned, str):
            self._app.toast(planned)
        elif self._asking is not connection:
            self._asking, self._asked_on = connection, self._app.screen
            asking = self._app.run_worker(
                self._ask(context, planned), group="writes", exclusive=True, exit_on_error=True
            )
            self._app.hold_keys_for(asking)

    async def _ask(self, context: PromptContext, prompt: Prompt) -> None:
        """Ask, and do what is agreed to. One question is open at a time; one on a connection that
        was left meanwhile is not open any more."""
        try:
            action = await prompt()
        finally:
            if self._asking is context.connection:
                self._asking = None
        if action is not None and context.is_open:
            # The question is over: the next one may come while this action is under way.
            self._app.run_worker(self._run(context, action), group="actions", exit_on_error=True)

    # The prompt, or why there is none

    def _on_runs(
        self, context: PromptContext, verb_id: str, rows: Sequence[RunRow]
    ) -> Prompt | str:
        key = find(f"run.{verb_id}")
        context.opened_by = self._key(key.id)
        if stand_in(key, self._app.session.disabled_reason) is not key:
            verb_id = "retry"
        if len(rows) == 1:
            return self._disabled_reason(context, verb_id, rows[0]) or partial(
                _PROMPTS[verb_id], context, rows[0]
            )
        verb = VERBS[verb_id]
        if not verb.many:
            return f"{verb.name} takes one run at a time: unmark the others"
        return self._app.session.disabled_reason(verb.capability) or partial(
            act_on_rows, context, verb_id, rows, f"{count(len(rows))} marked runs"
        )

    def _on_matching(
        self, context: PromptContext, verb_id: str, run_filter: RunFilter
    ) -> Prompt | str:
        """A verb on everything that a filter matches; for "bulk" the user chooses the verb."""
        if verb_id == "bulk":
            context.opened_by = self._key("run.everything")
            return partial(pick_verb, context, run_filter)
        context.opened_by = self._key(f"run.{verb_id}")
        return self._app.session.disabled_reason(VERBS[verb_id].capability) or partial(
            act_on_matching, context, verb_id, run_filter
        )

    def _on_batch(
        self, context: PromptContext, verb_id: str, run_filter: RunFilter, run: RunRow | None
    ) -> Prompt | str:
        if reason := self._app.session.disabled_reason(VERBS[verb_id].capability):
            return reason
        context.opened_by = self._key(f"run.{verb_id}")
        if run is not None and self._disabled_reason(context, verb_id, run):
            run = None
        return partial(prompt_in_batch, context, verb_id, run_filter, run, _PROMPTS[verb_id])

    def _queue_disabled_reason(self, context: PromptContext, verb: str, queue: Queue) -> str:
        pending = context.connection.actions.pending.get(queue.id)
        if pending is not None:
            return f"{queue.name}: already {action_label(pending)}"
        session = self._app.session
        return session.disabled_reason(QUEUE_CAPABILITY) or queue_disabled_reason(verb, queue)

    def _row_disabled_reason(self, context: PromptContext, subject: ResourceRow) -> str:
        action, row = subject.action, subject.row
        reason = self._app.session.disabled_reason(action.needs)
        if reason or row is None:
            return reason
        pending = context.connection.actions.pending.get(subject.resource.key(row))
        return f"already {action_label(pending)}" if pending else action.disabled_reason(row)

    def _disabled_reason(self, context: PromptContext, verb_id: str, run: RunRow) -> str:
        """Why a verb is not possible on a run, in words; empty when it is."""
        verb = VERBS[verb_id]
        if reason := self._app.session.disabled_reason(verb.capability):
            return reason
        pending = context.connection.actions.pending.get(run.id)
        if pending is not None:
            return f"{run.id}: already {action_label(pending)}"
        reason = verb.disabled_reason(run, context.now_ms()) or ""
        return f"{run.id}: {reason}" if reason else ""

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
            if outcome.new_id is not None and action.makes_run:
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
