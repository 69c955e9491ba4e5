"""What all screens have in common: bar, places, footer, and watching what they show.

A screen names what it wants to watch; while it is visible it watches exactly that. Dialogs over it
leave it watching, another screen over it or in its place ends it. Subscribing is idempotent: it
compares what is watched with what is wanted, whatever made it look.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from typing_extensions import override

from trigdash.service.identity import IdentityQuery
from trigdash.service.store import LOADING, Snapshot
from trigdash.ui.cells.cell import Cell
from trigdash.ui.freshness import problem_words, rate_cell, session_cell, state_cell
from trigdash.ui.keys import Key, bindings, find, shown, stand_in
from trigdash.ui.lifecycle import Whole
from trigdash.ui.places import PLACES
from trigdash.ui.widgets.menu import Choice, Footer, NavLine
from trigdash.ui.widgets.status_bar import Bar, StatusBar

if TYPE_CHECKING:
    from trigdash.service.connection import Connection
    from trigdash.service.queries import Query
    from trigdash.service.session import Session
    from trigdash.ui.app import TrigdashApp

TICK_S = 1.0
"""How often ages and live durations are drawn anew: their finest unit is a second."""


class LiveScreen(Screen[None], Whole):
    """A screen over live data. Subclasses say what they want and show what arrives."""

    DEFAULT_CSS = """
    LiveScreen { background: $background; layout: vertical; overflow: hidden; }
    LiveScreen > Footer { background: $panel; }
    LiveScreen.-low #places, LiveScreen.-tiny #places { display: none; }
    LiveScreen.-low CountsLine, LiveScreen.-tiny CountsLine { display: none; }
    LiveScreen.-low Explanation, LiveScreen.-tiny Explanation { display: none; }
    LiveScreen.-tiny #footer { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("everywhere")
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012  Textual declares it as an instance's attribute
        (0, "-tiny"),
        (7, "-low"),
        (13, "-short"),
        (30, "-tall"),
    ]
    """Below 30 lines there is no room for air, below 13 none for what goes without saying; below 7
    the rows have what there is."""
    PLACE: ClassVar[str] = "runs"
    """Which of the places is lit in the line of places."""
    KEY_GROUPS: ClassVar[tuple[str, ...]] = ("everywhere",)
    """Groups of keys for the help, most particular first."""
    FOOTER: ClassVar[tuple[str, ...]] = ("app.command", "app.help")
    """Ids of the most useful keys; the last one keeps its place at every width."""

    class Arrived(Message):
        """A watched query has a new snapshot; only the newest matters."""

        def __init__(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
            super().__init__()
            self.query = query
            self.snapshot = snapshot

        @override
        def can_replace(self, message: Message) -> bool:
            return isinstance(message, LiveScreen.Arrived) and message.query == self.query

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

    # What subclasses say

    def compose_body(self) -> Iterable[Widget]:
        """What stands between the line of places and the footer."""
        raise NotImplementedError

    def wanted(self) -> Iterable[Query[Any]]:
        """What to watch now. Call `sync` when it changes."""
        return ()

    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        """Show what is known of a wanted query now."""

    def show_time(self, now: datetime) -> None:
        """A second has passed."""

    def show_pending(self, now: datetime) -> None:
        """Show which actions are under way: one has begun or ended."""

    def unmark(self, keys: Collection[str]) -> None:
        """Take the marks of what was dealt with away."""

    def main_snapshot(self) -> Snapshot[Any]:
        """The snapshot whose freshness the bar tells."""
        return LOADING

    def window(self) -> str:
        """The effective time window, in words."""
        return ""

    def aside(self) -> Cell:
        """What to say at the right of the places when there is no problem."""
        return ()

    def footer_ids(self) -> Iterable[str]:
        """The footer's keys now."""
        return self.FOOTER

    def extra_footer(self) -> Iterable[Choice]:
        """Keys that the screen's own table of keys does not know, first in the footer."""
        return ()

    # Watching

    @override
    def compose(self) -> ComposeResult:
        yield StatusBar(self._bar())
        yield NavLine(id="places")
        yield from self.compose_body()
        yield Footer(id="footer")

    def on_mount(self) -> None:
        self.set_interval(TICK_S, self._tick)
        self._show_frame()
        self.sync()

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
        wanted = (IdentityQuery(), *self.wanted()) if visible else ()
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

    def session_changed(self) -> None:
        """A connection was opened, or could not be."""
        self.sync()
        self.show_time(self.session.clock.now())
        self._show_frame()
        self.show_bar()

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
            self.show_bar()

    def _tick(self) -> None:
        if not self.is_visible():
            return
        self.show_time(self.session.clock.now())
        self.show_bar()

    # Bar, places, footer

    @property
    def stands(self) -> bool:
        """Whether all that the screen is made of is there.

        Textual takes a screen down from its leaves once its own messages have ended, and
        `is_mounted` stays true meanwhile: a watcher or a pane's timer may still call it then.
        """
        return self.is_mounted and self.is_alive

    def show_bar(self) -> None:
        """Tell the bar and the line of places what is true now."""
        if self.stands:
            self.query_one(StatusBar).tell(self._bar())
            self._show_places()

    def _bar(self) -> Bar:
        session, now = self.session, self.session.clock.now()
        connection, identity = session.connection, session.identity
        snapshot = self.main_snapshot()
        return Bar(
            project=(identity.project_name if identity else "") or session.settings.server,
            environment=session.environment_name,
            is_production=session.is_production,
            is_environment_paused=session.environment_paused,
            window=self.window(),
            note=self._note(),
            state=state_cell(snapshot, now, connection.paused, self._unanswered_s(connection))
            if connection is not None
            else session_cell(session),
            rate=rate_cell(connection.budget if connection else None, now),
        )

    def _unanswered_s(self, connection: Connection) -> float:
        """Seconds for which what is shown here has been asked for without an answer."""
        shown = (query for query in self._watched if not isinstance(query, IdentityQuery))
        return connection.unanswered_s(shown)

    def _note(self) -> str:
        """What is to be known at all times: read-only, and a bulk that goes on."""
        notes = ["read-only"] if self.session.read_only else []
        connection = self.session.connection
        if connection is not None and connection.bulks:
            from trigdash.ui.writing.bulk_words import bar_notes  # loaded with the first bulk

            notes += bar_notes(connection.bulks)
        return "   ".join(notes)

    def _show_places(self) -> None:
        changed = self.session.settings.keys
        choices = [
            Choice(
                shown(find(place.key_id), changed),
                place.title,
                f"go('{place.id}')",
                selected=place.id == self.PLACE,
                enabled=not self.trigdash.missing(place.capability),
            )
            for place in PLACES.values()
            if place.is_always_shown or place.id == self.PLACE
        ]
        snapshot = self.main_snapshot()
        if snapshot.problem is None and self.session.problem is not None:
            snapshot = Snapshot(problem=self.session.problem)
        problem = problem_words(snapshot, self.session.clock.now())
        words: Cell = ((f"{problem} ", "warn"),) if problem else self.aside()
        self.query_one("#places", NavLine).choose_from(choices, words)

    def _show_frame(self) -> None:
        changed = self.session.settings.keys
        keys = [stand_in(find(key_id), self.session.missing) for key_id in self.footer_ids()]
        footer = [*self.extra_footer()] + [
            Choice(shown(key, changed), key.words, key.action, enabled=self._may(key))
            for key in keys
        ]
        self.query_one("#footer", Footer).choose_from(footer)
        self._show_places()

    def _may(self, key: Key) -> bool:
        """Whether a key does what it says here; pressed all the same, it says why not."""
        if key.action.startswith("write") and self.session.read_only:
            return False
        return not (key.needs and self.session.missing(key.needs))

    # Keys that mean the same everywhere

    async def action_go(self, place: str) -> None:
        """Go to one of the places."""
        await self.trigdash.go(place)

    def action_refresh_now(self) -> None:
        """Ask the server now, or try again to connect."""
        self.trigdash.refresh_now()

    def action_toggle_polling(self) -> None:
        """Pause or resume polling."""
        connection = self.session.connection
        if connection is not None:
            if connection.paused:
                connection.resume()
            else:
                connection.pause()
            self.show_bar()

    def action_command_line(self, line: str = "") -> None:
        """Open the command line."""
        self.trigdash.open_command_line(line)

    def action_help(self) -> None:
        """Show every key of this screen."""
        from trigdash.ui.screens.help import HelpScreen  # loaded when first wanted

        self.app.push_screen(HelpScreen(self.KEY_GROUPS, self.session))

    async def action_leave(self) -> None:
        """Go back at once, whatever could be cleared here; at the top, quit."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        else:
            await self.trigdash.action_quit()

    def action_back(self) -> None:
        """Clear what can be cleared, or go back."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
