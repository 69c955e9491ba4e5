"""A screen that watches only what it shows.

A screen names its queries, and while it is visible it watches exactly these. It keeps watching
under dialogs, and stops under or after another screen. Subscribing is idempotent: it compares the
watched queries with the wanted ones, whatever triggered it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

from textual import events, on
from textual.message import Message
from textual.screen import ModalScreen, Screen
from typing_extensions import override

from trigdash.service.cache.store import Snapshot
from trigdash.service.environments import IdentityQuery
from trigdash.ui.lifecycle import Whole

if TYPE_CHECKING:
    from trigdash.service.cache.query import Query
    from trigdash.service.connection import Connection
    from trigdash.service.session import Session
    from trigdash.ui.app import TrigdashApp


class WatchingScreen(Screen[None], Whole):
    """Subclasses say what they want and show what arrives."""

    class Arrived(Message):
        """A watched query has a new snapshot; only the newest matters."""

        def __init__(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
            super().__init__()
            self.query = query
            self.snapshot = snapshot

        @override
        def can_replace(self, message: Message) -> bool:
            return isinstance(message, WatchingScreen.Arrived) and message.query == self.query

    def __init__(self) -> None:
        super().__init__()
        self._watched: dict[Query[Any], Callable[[Snapshot[Any]], None]] = {}
        self._watched_on: object = None

    @property
    def session(self) -> Session:
        """What the app is connected to."""
        return self.trigdash.session

    @property
    def trigdash(self) -> TrigdashApp:
        """The app, as what it is."""
        return cast("TrigdashApp", self.app)

    @property
    def is_intact(self) -> bool:
        """Whether all that the screen is made of is there.

        Textual takes a screen down from its leaves once its own messages have ended, and
        `is_mounted` stays true meanwhile: a watcher or a pane's timer may still call it then.
        """
        return self.is_mounted and self.is_alive

    # What subclasses say

    def queries(self) -> Iterable[Query[Any]]:
        """What to watch now. Call `sync` when it changes."""
        return ()

    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        """Show what is known of a wanted query now."""

    def is_settled(self) -> bool:
        """Whether everything on screen is final, so that no query is needed."""
        return False

    def show_bar(self) -> None:
        """Show how fresh what is shown is now."""

    # Watching

    @on(events.ScreenResume)
    @on(events.ScreenSuspend)
    def _visibility_changed(self) -> None:
        self.sync()

    def on_unmount(self) -> None:
        self._leave(tuple(self._watched))

    def is_visible(self) -> bool:
        """Whether the screen is seen, dialogs aside."""
        stack = self.app.screen_stack
        if not self.is_running or self not in stack:
            return False
        return all(isinstance(above, ModalScreen) for above in stack[stack.index(self) + 1 :])

    @property
    def watches_environment(self) -> bool:
        """Whether the screen watches for a pause of the environment."""
        return IdentityQuery() in self._watched

    def sync(self) -> None:
        """Watch what is wanted and nothing else; show what is known of what is new."""
        if not self.is_alive:
            return
        connection = self.session.connection
        if connection is not self._watched_on:
            # The old connection is closed: nothing is left there to unwatch.
            self._watched.clear()
            self._watched_on = connection
        visible = connection is not None and self.is_visible()
        identity = () if self.is_settled() else (IdentityQuery(),)
        wanted = (*identity, *self.queries()) if visible else ()
        self._leave([query for query in self._watched if query not in wanted])
        if connection is not None:
            self._join(connection, wanted)
        self.show_bar()

    def _join(self, connection: Connection, queries: Iterable[Query[Any]]) -> None:
        for query in queries:
            if query not in self._watched:
                watcher = self._watched[query] = self._watcher(query)
                known = connection.watch(query, watcher)
                if not isinstance(query, IdentityQuery):
                    self.show_snapshot(query, known)

    def _leave(self, queries: Iterable[Query[Any]]) -> None:
        connection = self.session.connection
        for query in queries:
            watcher = self._watched.pop(query)
            if connection is not None and connection is self._watched_on:
                connection.unwatch(query, watcher)

    def _watcher(self, query: Query[Any]) -> Callable[[Snapshot[Any]], None]:
        def post(snapshot: Snapshot[Any]) -> None:
            self.post_message(self.Arrived(query, snapshot))

        return post

    @on(Arrived)
    def _show_arrived(self, message: Arrived) -> None:
        message.stop()
        if message.query in self._watched:
            if not isinstance(message.query, IdentityQuery):
                self.show_snapshot(message.query, message.snapshot)
            if self.is_settled() == self.watches_environment:
                self.sync()
            else:
                self.show_bar()
