"""The picker of places: projects, environments and profiles, two keys away from anywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static
from typing_extensions import override

from trigdash.config.options import Destination
from trigdash.model.capability import Capability
from trigdash.presentation.cell import Cell
from trigdash.presentation.environments import (
    DestinationLine,
    EnvironmentCounts,
    current_place,
    destination_lines,
)
from trigdash.service.cache.store import Snapshot, State
from trigdash.service.environments import (
    EnvironmentDirectory,
    EnvironmentFiguresQuery,
    EnvironmentsQuery,
    ProjectsQuery,
)
from trigdash.ui.dialogs.dialog import to_text
from trigdash.ui.input.keys import bindings
from trigdash.ui.lifecycle import FramedModal
from trigdash.ui.widgets.line_list import LineList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trigdash.service.cache.query import Query
    from trigdash.service.connection import Connection
    from trigdash.service.session import Session

KEEP_COUNTS_S = 60.0
"""Seconds for which what was counted is shown again without asking."""
MAX_HEIGHT = 24
"""Lines of the list at most: longer ones scroll."""


class PickerLines:
    """The picker's lines as a list wants them."""

    def __init__(self, listed: Sequence[DestinationLine]) -> None:
        self.listed = listed

    def __len__(self) -> int:
        return len(self.listed)

    def line(self, index: int, width: int) -> Cell:
        return self.listed[index].cell


class EnvironmentsScreen(FramedModal[Destination | None]):
    """Asks where to go; its answer is a place, or None to stay."""

    DEFAULT_CSS = """
    EnvironmentsScreen > Vertical { width: 84; }
    EnvironmentsScreen Static { margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("dialog")
    AUTO_FOCUS: ClassVar[str | None] = "LineList"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._connection: Connection | None = session.connection
        self._watched: dict[Query[Any], Callable[[Snapshot[Any]], None]] = {}
        self._note = ""
        self._counts = EnvironmentCounts()
        self._listed: Sequence[DestinationLine] = ()
        self._moved = False
        """Whether the user chose a line: then nothing that arrives moves the cursor."""

    @override
    def compose(self) -> ComposeResult:
        with Vertical() as frame:
            frame.border_title = Content(" go to ")
            yield LineList(id="destinations")
            yield Static(id="destination-keys")

    def on_mount(self) -> None:
        self._show()
        self._fetch_directory()

    def on_unmount(self) -> None:
        for query, watcher in self._watched.items():
            if self._connection is not None:
                self._connection.unwatch(query, watcher)

    @property
    def directory(self) -> EnvironmentDirectory:
        """What was seen so far."""
        return self._session.directory

    # Reading

    def _fetch_directory(self) -> None:
        """Ask for what can be seen from here."""
        if self._connection is None:
            self._note = "not connected" if self.directory.projects else ""
            return
        reason = self._session.disabled_reason(Capability.ENVIRONMENTS)
        if reason:
            self._note = reason
        else:
            self._watch(ProjectsQuery(), self._take_projects)
        self._watch_environments(self._session.project)
        self._watch_counts()

    def _watch_environments(self, project: str) -> None:
        def take(snapshot: Snapshot[Any]) -> None:
            self._take_note(snapshot)
            if snapshot.data is not None:
                self.directory.environments[project] = snapshot.data

        self._watch(EnvironmentsQuery(project or None), take)

    def _watch_counts(self) -> None:
        """Ask how the runs of our environments went: once, and not again within a minute."""
        if reason := self._session.disabled_reason(Capability.QUERY):
            self._counts = EnvironmentCounts(problem=reason)
            self._show()
        else:
            self._watch(EnvironmentFiguresQuery(), self._take_counts, KEEP_COUNTS_S)

    def _take_counts(self, snapshot: Snapshot[Any]) -> None:
        problem = snapshot.problem.message if snapshot.problem is not None else ""
        figures = snapshot.data.rows if snapshot.data is not None else None
        self._counts = EnvironmentCounts(figures, problem)

    def _take_note(self, snapshot: Snapshot[Any]) -> None:
        if snapshot.problem is not None and snapshot.state is State.FAILED:
            self._note = snapshot.problem.message

    def _watch(
        self, query: Query[Any], take: Callable[[Snapshot[Any]], None], keep_s: float = 0.0
    ) -> None:
        """Watch a query; cached data older than `keep_s` is read again."""

        def see(snapshot: Snapshot[Any]) -> None:
            take(snapshot)
            if self.is_alive:
                self._show()

        connection = self._connection
        if connection is not None and query not in self._watched:
            self._watched[query] = see
            known = connection.watch(query, see)
            see(known)
            age = connection.age(query)
            if age is not None and age.total_seconds() >= keep_s:
                # What was read an hour ago may be paused by now.
                connection.refresh(query)

    def _take_projects(self, snapshot: Snapshot[Any]) -> None:
        self._take_note(snapshot)
        if snapshot.data is not None:
            self.directory.projects = snapshot.data
            if not self._session.project and len(snapshot.data) == 1:
                self._watch_environments(snapshot.data[0].external_ref)

    # Showing

    def _show(self) -> None:
        where, profiles = current_place(self._session), self._session.settings.profiles
        known = self._listed
        self._listed = destination_lines(self.directory, where, profiles, self._note, self._counts)
        destinations = self.query_one(LineList)
        cursor = destinations.cursor
        if not self._moved:
            cursor = next((n for n, line in enumerate(self._listed) if line.is_here), 0)
        elif cursor < len(known):
            same = [n for n, line in enumerate(self._listed) if line.place == known[cursor].place]
            cursor = same[0] if same else cursor
        destinations.styles.height = min(max(len(self._listed), 1), MAX_HEIGHT)
        destinations.show(PickerLines(self._listed), cursor)
        keys: Cell = (
            ("enter", "key"),
            (" goes there   ", "dim"),
            ("esc", "key"),
            (" stays", "dim"),
        )
        legend = [self._counts.legend()] if self.directory.environments.get(where.project) else []
        self.query_one(Static).update(to_text(self.app, [*legend, keys]))

    @on(LineList.CursorMoved)
    def _cursor_moved(self, message: LineList.CursorMoved) -> None:
        message.stop()
        self._moved = True

    # Choosing

    def _chosen(self) -> DestinationLine | None:
        cursor = self.query_one(LineList).cursor
        return self._listed[cursor] if cursor < len(self._listed) else None

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        message.stop()
        line = self._chosen()
        if line is None:
            return
        if line.looks_into is not None:
            self._moved = True
            self._watch_environments(line.looks_into)
        elif line.goes_to is not None:
            self.dismiss(None if line.is_here else line.goes_to)

    def action_close(self) -> None:
        """Stay here."""
        self.dismiss(None)
