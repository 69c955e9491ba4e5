"""What all screens have in common: bar, places, footer, and the keys that mean the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widget import Widget
from typing_extensions import override

from trigdash.presentation.cell import Cell
from trigdash.presentation.freshness import (
    OVERDUE_S,
    problem_message,
    rate_cell,
    session_cell,
    state_cell,
)
from trigdash.presentation.units import plural
from trigdash.service.cache.query import Query
from trigdash.service.cache.store import LOADING, Snapshot
from trigdash.service.environments import IdentityQuery
from trigdash.ui.input.keys import Key, bindings, find, shown, stand_in
from trigdash.ui.routes import ROUTES
from trigdash.ui.screens.watching import WatchingScreen
from trigdash.ui.widgets.line import Bar, Footer, MenuItem, NavLine, StatusBar

if TYPE_CHECKING:
    from trigdash.service.connection import Connection
    from trigdash.service.watches import Watched

TICK_S = 1.0
"""How often ages and live durations are redrawn: their finest unit is a second."""


class LiveScreen(WatchingScreen):
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
    """Below 30 lines there is no room for spacing, below 13 none for optional lines; below 7 only
    the rows are shown."""
    PLACE: ClassVar[str] = "runs"
    """Which of the places is lit in the line of places."""
    OVERDUE_S: ClassVar[float] = OVERDUE_S
    """The age from which on what is shown is late."""
    KEY_GROUPS: ClassVar[tuple[str, ...]] = ("everywhere",)
    """Groups of keys for the help, most particular first."""
    BESIDE: ClassVar[tuple[type[Query[Any]], ...]] = (IdentityQuery,)
    """Queries that are not urgent on this screen."""
    LEGEND: ClassVar[tuple[str, ...]] = ("bar", "colors")
    """Sections of the legend that explain what is drawn here."""
    FOOTER: ClassVar[tuple[str, ...]] = ("app.command", "app.help")
    """Ids of the most useful keys; the last one keeps its place at every width."""

    # What subclasses say

    def compose_body(self) -> Iterable[Widget]:
        """The widgets between the line of tabs and the footer."""
        raise NotImplementedError

    def show_time(self, now: datetime) -> None:
        """A second has passed."""

    def show_pending(self, now: datetime) -> None:
        """Show on what actions are under way: one has begun or ended."""

    def unmark(self, keys: Collection[str]) -> None:
        """Take the marks of what was dealt with away."""

    def main_snapshot(self) -> Snapshot[Any]:
        """The snapshot whose freshness the bar shows."""
        return LOADING

    def overdue_s(self) -> float:
        """The age in seconds from which on the main snapshot is late."""
        return self.OVERDUE_S

    def window(self) -> str:
        """The effective time window, in words."""
        return ""

    def aside(self) -> Cell:
        """The text to the right of the tabs when there is no problem."""
        return ()

    def health(self) -> Cell:
        """The environment's health in the bar: a mark, then words."""
        return ()

    def key_groups(self) -> Sequence[str]:
        """Groups of the keys that work now, most particular first."""
        return self.KEY_GROUPS

    def own_keys(self) -> Iterable[Key]:
        """Keys of what is shown that no group of the table has, first in footer and help."""
        return ()

    def where(self) -> dict[str, str]:
        """Where one is in the screen, for the next start."""
        return {}

    def footer_ids(self) -> Iterable[str]:
        """The footer's keys now."""
        return self.FOOTER

    def place_key(self, key: str) -> str:
        """The key of a place, as long as it goes there from here."""
        return key

    def extra_footer(self) -> Iterable[MenuItem]:
        """The first items of the footer: choices whose labels change."""
        return ()

    # Parts and time

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

    def session_changed(self) -> None:
        """A connection was opened, or could not be."""
        self.sync()
        self.show_time(self.session.clock.now())
        self._show_frame()
        self.show_bar()

    def _tick(self) -> None:
        if not self.is_visible():
            return
        self.show_time(self.session.clock.now())
        self.show_bar()
        self.trigdash.show_title()

    # Bar, places, footer

    @override
    def show_bar(self) -> None:
        """Tell the bar and the line of places what is true now."""
        if self.is_intact:
            self.query_one(StatusBar).show_bar(self._bar())
            self._show_routes()

    def _bar(self) -> Bar:
        session, now = self.session, self.session.clock.now()
        connection, identity = session.connection, session.identity
        snapshot = self.main_snapshot()
        return Bar(
            project=(identity.project_name if identity else "") or session.settings.server,
            environment=session.environment_name,
            is_production=session.is_production,
            is_environment_paused=session.environment_paused and self.watches_environment,
            is_unencrypted=session.settings.is_unencrypted,
            window=self.window(),
            note=self._notice(),
            state=self._freshness(connection, snapshot, now)
            if connection is not None
            else session_cell(session),
            rate=rate_cell(connection.budget if connection else None, now),
            health=self.health(),
        )

    def _freshness(self, connection: Connection, snapshot: Snapshot[Any], now: datetime) -> Cell:
        """How fresh the main snapshot is, and whether the server pushes its changes."""
        unanswered_s, overdue_s, is_pushed = self._unanswered_s(connection), self.overdue_s(), None
        for query in self._watched:
            if snapshot is connection.snapshot(query):
                overdue_s = connection.pushed.overdue_s(query, overdue_s)
                is_pushed = connection.pushed.is_pushed(query)
        return state_cell(snapshot, now, connection.paused, unanswered_s, overdue_s, is_pushed)

    def _unanswered_s(self, connection: Connection) -> float:
        """Seconds for which the queries of this screen have been unanswered."""
        shown = (query for query in self._watched if not isinstance(query, self.BESIDE))
        return connection.unanswered_s(shown)

    def _notice(self) -> str:
        """What is to be known at all times: read-only, and what is under way."""
        notes = ["read-only"] if self.session.read_only else []
        connection = self.session.connection
        if connection is not None:
            notes += self._bulk_notes(connection) or self._action_notes(connection)
            if watches := len(connection.watches.running):
                notes.append(plural(watches, "watch", "watches"))
        return "   ".join(notes)

    def _bulk_notes(self, connection: Connection) -> list[str]:
        if not connection.bulks:
            return []
        from trigdash.presentation.bulk import bar_notes

        return bar_notes(connection.bulks)

    def _action_notes(self, connection: Connection) -> list[str]:
        waiting = connection.actions.waiting
        if not waiting:
            return []
        from trigdash.presentation.columns import under_way

        return [under_way(waiting, self.session.clock.now())]

    def _show_routes(self) -> None:
        changed = self.session.settings.keys
        choices = [
            MenuItem(
                self.place_key(shown(find(place.key_id), changed)),
                place.title,
                f"go('{place.id}')",
                selected=place.id == self.PLACE,
                enabled=not self.trigdash.disabled_reason(place.capability),
            )
            for place in ROUTES.values()
            if place.is_always_shown or place.id == self.PLACE
        ]
        more = self.place_key(shown(find("app.more"), changed))
        choices.append(MenuItem(more, "More", "app.choose_place"))
        snapshot = self.main_snapshot()
        if snapshot.problem is None and self.session.problem is not None:
            snapshot = Snapshot(problem=self.session.problem)
        problem = problem_message(snapshot, self.session.clock.now())
        words: Cell = ((f"{problem} ", "warn"),) if problem else self.aside()
        self.query_one("#places", NavLine).choose_from(choices, words)

    def _show_frame(self) -> None:
        self.show_footer()
        self._show_routes()

    def show_footer(self) -> None:
        """Offer the keys that make sense now."""
        changed = self.session.settings.keys
        listed = (*self.own_keys(), *map(find, self.footer_ids()))
        keys = [stand_in(key, self.session.disabled_reason) for key in listed]
        footer = [*self.extra_footer()] + [
            MenuItem(shown(key, changed), key.words, key.action, enabled=self._may(key))
            for key in keys
        ]
        self.query_one("#footer", Footer).choose_from(footer)

    def _may(self, key: Key) -> bool:
        """Whether a key does what it says here; pressed all the same, it says why not."""
        if key.action.startswith(("write", "act(")) and self.session.read_only:
            return False
        return not (key.needs and self.session.disabled_reason(key.needs))

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

    def watched(self, until: str = "") -> Watched | None:
        """What a watch would be put on now, until a condition (empty: the usual one); None where
        nothing can be watched."""
        return None

    def action_watch(self, until: str = "") -> None:
        """Watch what is chosen, or end its watch."""
        self.trigdash.toggle_watch(self.watched(until))

    def action_command_line(self, line: str = "") -> None:
        """Open the command line."""
        self.trigdash.open_command_line(line)

    def action_help(self) -> None:
        """Show every key of this screen."""
        from trigdash.ui.screens.help import HelpScreen

        own = tuple(self.own_keys())
        self.app.push_screen(HelpScreen(self.key_groups(), self.session, self.LEGEND, own))

    async def action_leave(self) -> None:
        """Go back at once, without clearing filters or marks first; at the top, quit."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        else:
            await self.trigdash.action_quit()

    def action_back(self) -> None:
        """Clear what can be cleared, or go back."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
