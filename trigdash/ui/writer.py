"""From a key to an action on a run, once: the question, the action, and its result in words.

One question is open at a time, so a held key cannot ask twice. What was agreed to is started once
and goes on although its screen is left; until it has ended its row says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from trigdash.service.outcome import Outcome, Result
from trigdash.ui.asks import ASKS, Deed
from trigdash.ui.desk import Desk
from trigdash.ui.keys import display, find
from trigdash.ui.pending_marks import doing
from trigdash.ui.queue_asks import CAPABILITY as QUEUE_CAPABILITY
from trigdash.ui.queue_asks import QUEUE_ASKS, queue_refusal
from trigdash.ui.screens.base import LiveScreen
from trigdash.ui.verbs import VERBS

if TYPE_CHECKING:
    from trigdash.model.queue import Queue
    from trigdash.model.run_row import RunRow
    from trigdash.ui.app import TrigdashApp

RESULT_S = 8.0
"""How long a result stays on screen: it is read after the fact, and may carry an id."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What `open result` opens: a new run, or the list that shows whether there is one."""

    run_id: str | None = None
    filter_line: str = ""


class Writer:
    """Asks and acts for one app."""

    def __init__(self, app: TrigdashApp) -> None:
        self._app = app
        self._asking = False
        self._offer: Offer | None = None

    def begin(self, verb_id: str, runs: Sequence[RunRow]) -> None:
        """Begin an action on the chosen runs: the question comes in the background."""
        connection = self._app.session.connection
        if connection is None or not runs:
            return
        desk = Desk(self._app, connection, self._key(f"run.{verb_id}"))
        if len(runs) > 1:
            self._app.say("one run at a time, for now")
            return
        if reason := self.refusal(desk, verb_id, runs[0]):
            self._app.say(reason)
        else:
            self.ask_and_do(desk, ASKS[verb_id](desk, runs[0]))

    def begin_on_queue(self, verb: str, queue: Queue) -> None:
        """Begin an action on a queue."""
        connection = self._app.session.connection
        if connection is None:
            return
        pending = connection.actions.pending.get(queue.id)
        reason = self._app.session.missing(QUEUE_CAPABILITY) or queue_refusal(verb, queue)
        if pending is not None:
            reason = f"{queue.name}: already {doing(pending)}"
        if reason:
            self._app.say(reason)
        else:
            desk = Desk(self._app, connection, self._key(f"queue.{verb}"))
            self.ask_and_do(desk, QUEUE_ASKS[verb](desk, queue))

    def refusal(self, desk: Desk, verb_id: str, run: RunRow) -> str:
        """Why a run cannot be given a verb, in words; empty when it can."""
        verb = VERBS[verb_id]
        if reason := self._app.session.missing(verb.capability):
            return reason
        pending = desk.connection.actions.pending.get(run.id)
        if pending is not None:
            return f"{run.id}: already {doing(pending)}"
        reason = verb.refusal(run, desk.now_ms()) or ""
        return f"{run.id}: {reason}" if reason else ""

    def ask_and_do(self, desk: Desk, question: Awaitable[Deed | None]) -> None:
        """Ask, and do what is agreed to; nothing while another question is open."""
        self.in_background(self._ask_and_do(desk, question))

    def in_background(self, work: Awaitable[None]) -> None:
        """Let a question take its course, unless one is open."""
        if self._asking:
            return
        self._asking = True
        self._app.run_worker(self._finish(work), group="writes", exit_on_error=True)

    async def _finish(self, work: Awaitable[None]) -> None:
        try:
            await work
        finally:
            self._asking = False

    async def _ask_and_do(self, desk: Desk, question: Awaitable[Deed | None]) -> None:
        deed = await question
        if deed is None or self._app.session.connection is not desk.connection:
            return
        # The question is over: the next one may come while this deed is under way.
        self._app.run_worker(self._do(desk, deed), group="deeds", exit_on_error=True)

    async def _do(self, desk: Desk, deed: Deed) -> None:
        actions = desk.connection.actions
        actions.add_listener(self._show_pending)
        try:
            outcome = await deed.start(actions)
        finally:
            actions.remove_listener(self._show_pending)
        if self._app.session.connection is desk.connection:
            self.tell(outcome, deed)

    def _show_pending(self) -> None:
        """Let the screens show that an action began or ended, without waiting for their tick."""
        now = self._app.session.clock.now()
        for screen in self._app.screen_stack:
            if isinstance(screen, LiveScreen):
                screen.show_pending(now)

    # Results

    def tell(self, outcome: Outcome, deed: Deed) -> None:
        """Say how an action ended, and offer to look."""
        key = self._shown_key("app.result")
        if outcome.result is Result.DONE:
            said = f"{deed.words}: {outcome.sentence}"
            if outcome.new_id is not None:
                self._offer = Offer(run_id=outcome.new_id)
                said += f"   {key} opens the new run"
            self._notify(said, "information")
        elif outcome.result is Result.UNKNOWN:
            self._offer = Offer(filter_line=deed.look) if deed.look else None
            look = f"   {key} looks for it" if deed.look else ""
            self._notify(f"{deed.words}: unknown. {outcome.sentence}{look}", "warning")
        else:
            self._notify(f"{deed.words}: {outcome.sentence}", "error")

    def _notify(self, words: str, severity: Literal["information", "warning", "error"]) -> None:
        self._app.notify(words, severity=severity, timeout=RESULT_S, markup=False)

    async def open_result(self) -> None:
        """Open what the last action made, or look for it where its answer was lost."""
        offer = self._offer
        if offer is None:
            self._app.say("no action has made anything yet")
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
