"""Where prompts are shown, what they know, and what a prompt results in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from trigdash.model.capability import Capability
from trigdash.service.cache.store import Snapshot, State
from trigdash.ui.dialogs.dialog import EnvironmentLabel
from trigdash.ui.screens.base import LiveScreen

if TYPE_CHECKING:
    from trigdash.model.run_filter import SupportedFilters
    from trigdash.service.actions.actions import Actions, Outcome
    from trigdash.service.cache.query import Query
    from trigdash.service.connection import Connection
    from trigdash.ui.app import TrigdashApp
    from trigdash.ui.dialogs.dialog import Dialog

T = TypeVar("T")

PATIENCE_S = 20.0
"""How long a dialog that needs something of the server waits for it."""
SHORT_PATIENCE_S = 4.0
"""The same for what is only good to have."""


class PromptContext:
    """One environment's place to ask. It does not outlive its connection."""

    def __init__(
        self, app: TrigdashApp, connection: Connection, opened_by: str | None = None
    ) -> None:
        self.app = app
        self.connection = connection
        self.opened_by = opened_by
        self._screen = app.screen
        """The screen that asked: its marks may be cleared afterwards."""

    @property
    def environment_label(self) -> EnvironmentLabel:
        """The environment as dialogs name it."""
        session = self.app.session
        return EnvironmentLabel(session.environment_slug, session.is_production)

    def can(self, capability: Capability) -> bool:
        """Whether the backend has a capability."""
        return capability in self.connection.capabilities

    @property
    def is_open(self) -> bool:
        """Whether its environment has not been left."""
        return self.app.session.connection is self.connection

    @property
    def supported_filters(self) -> SupportedFilters:
        """What the run list can be narrowed by here."""
        return self.app.session.settings.supported_filters

    def unmark(self, run_ids: Collection[str]) -> None:
        """Take the marks of runs that were dealt with away."""
        if isinstance(self._screen, LiveScreen) and self._screen.is_intact:
            self._screen.unmark(run_ids)

    def now(self) -> datetime:
        """The wall time."""
        return self.connection.clock.now()

    def now_ms(self) -> float:
        """The wall time in epoch milliseconds."""
        return self.now().timestamp() * 1000

    async def show(self, dialog: Dialog[T]) -> T | None:
        """Show a dialog and wait for its one answer."""
        return cast("T | None", await self.app.push_screen_wait(dialog))

    async def fetch(self, query: Query[T], *, even_if_settled: bool = False) -> T | None:
        """The answer of a query, asked once; on failure None, after a message with the reason.
        Final data is taken from the cache, unless it must be fresh."""
        told = await self._ask_once(query, PATIENCE_S, even_if_settled=even_if_settled)
        if told[1]:
            self.app.toast(f"{told[1]}; nothing was sent", "warning")
        return told[0]

    async def try_fetch(self, query: Query[T]) -> T | None:
        """The same for what can be done without: nothing is said, and not much time is lost."""
        return (await self._ask_once(query, SHORT_PATIENCE_S))[0]

    async def _ask_once(
        self, query: Query[T], patience_s: float, *, even_if_settled: bool = False
    ) -> tuple[T | None, str]:
        """What a query answers now, or why it does not."""
        arrived: asyncio.Future[Snapshot[Any]] = asyncio.get_running_loop().create_future()
        asked_at = self.now()

        def see(snapshot: Snapshot[Any]) -> None:
            fresh = snapshot.fetched_at is not None and snapshot.fetched_at >= asked_at
            if not arrived.done() and (fresh or snapshot.problem is not None):
                arrived.set_result(snapshot)

        snapshot = self.connection.watch(query, see)
        try:
            if snapshot.data is None or even_if_settled or not snapshot.is_final:
                self.connection.refresh(query)
                snapshot = await asyncio.wait_for(arrived, patience_s)
        except TimeoutError:
            return None, "the server did not answer in time"
        finally:
            self.connection.unwatch(query, see)
        if snapshot.state in (State.FAILED, State.STALE) and snapshot.problem is not None:
            return None, snapshot.problem.message
        return snapshot.data, ""


@dataclass(frozen=True, slots=True)
class ConfirmedAction:
    """An action that the user has confirmed."""

    words: str
    """The subject of the result message: "replay of send-email"."""
    start: Callable[[Actions], Awaitable[Outcome]]
    run_id: str = ""
    """The run that it changes: opened to look, when its answer is lost."""
    look: str = ""
    """The filter line that shows whether a new run was made, for the same."""
    makes_run: bool = True
    """Whether what it makes, if anything, is a run; else it is a row of the list in front."""
    opens: bool = False
    """The new run is what it was done for: it is opened, unless the user went elsewhere."""
