"""What the tabs of a run have in common: one source, its four states, a line to search with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from typing_extensions import override

from trigdash.model.capability import Capability
from trigdash.presentation.cell import EMPTY, Cell
from trigdash.presentation.freshness import age_label, problem_message, retry_label
from trigdash.service.cache.store import Snapshot, State
from trigdash.service.filters.completion import Completion
from trigdash.ui.lifecycle import Whole
from trigdash.ui.widgets.field_list import FieldList
from trigdash.ui.widgets.filter_line import FilterLine
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.line_list import LineList
from trigdash.ui.widgets.text_panes import StateView

if TYPE_CHECKING:
    from trigdash.presentation.run.fields import Field, Target
    from trigdash.presentation.run.run_view import RunView
    from trigdash.service.cache.query import Query
    from trigdash.ui.screens.run.screen import RunScreen


class Pane(Vertical, Whole):
    """One tab. A source that is dark darkens its own pane only."""

    DEFAULT_CSS = """
    Pane { height: 1fr; display: none; }
    Pane.-open { display: block; }
    Pane > .body { height: 1fr; display: none; }
    Pane.-data > .body { display: block; }
    Pane.-data > StateView { display: none; }
    Pane > .problem { display: none; }
    Pane.-problem > .problem { display: block; }
    Pane > FilterLine { margin: 0; }
    """
    TAB: ClassVar[str]
    KEY: ClassVar[str]
    TITLE: ClassVar[str]
    SOURCE: ClassVar[str] = "run"
    """Which of the run's sources this pane shows: run, trace or events."""
    WHAT: ClassVar[str] = "the run"
    """What is being loaded, in words."""
    NEEDS: ClassVar[Capability | None] = None
    """The capability without which there is nothing to show."""
    SEARCH: ClassVar[str] = ""
    """An example of what can be searched for; empty where nothing can."""

    def __init__(self, view: RunView) -> None:
        super().__init__(id=f"pane-{self.TAB}")
        self.view = view
        self.is_ready = False
        """Whether what is in the pane has been made; the screen is mounted before that."""
        self._before: tuple[str, int, int] | None = None
        """What was looked for, cursor and top, before a line was begun that is still typed."""
        self._previewed = ""
        self._opened_at: datetime | None = None

    # What panes say

    def compose_body(self) -> Iterable[Widget]:
        """The content of the pane when there is data."""
        raise NotImplementedError

    def queries(self) -> Iterable[Query[Any]]:
        """Queries to watch, besides the run, while this pane is open."""
        return ()

    def show_data(self, now: datetime) -> None:
        """Show what the view knows; only called when the source has data."""
        raise NotImplementedError

    def show_time(self, now: datetime) -> None:
        """A second has passed."""

    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        """Something that only this pane watches arrived."""

    def has_data(self) -> bool:
        """Whether there is something to show."""
        return self.snapshot.data is not None

    def empty_lines(self) -> list[Cell]:
        """What to say when all is well and nothing is there."""
        return [((f"{self.WHAT} is empty", "dim"),)]

    def count(self) -> str:
        """A number next to the title of the tab."""
        return ""

    def copied(self) -> tuple[str, str] | None:
        """What `y` copies now, and what to call it."""
        return None

    def opened_text(self) -> tuple[str, str]:
        """What `E` opens in an editor: the ending of its file, and its text."""
        lists = self.query(LineList)
        return ".txt", "\n".join(each for listed in lists for each in listed.written())

    def clear(self) -> bool:
        """Clear what can be cleared; False when there is nothing."""
        return False

    def search(self, line: str) -> None:
        """Look for a text."""

    def searches_quickly(self) -> bool:
        """Whether a search costs so little that it may follow every letter that is typed."""
        return True

    def preview(self, line: str) -> str:
        """What to look for while a line is still being typed."""
        return line.strip()

    def check(self, line: str) -> str | None:
        """What is wrong with a text to look for; None when nothing is."""
        return None

    # The pane

    @property
    def host(self) -> RunScreen:
        """The screen that this pane is part of."""
        return cast("RunScreen", self.screen)

    @property
    def snapshot(self) -> Snapshot[Any]:
        """What is known of this pane's source."""
        return self.host.snapshot_of(self.SOURCE)

    @property
    def now_ns(self) -> int:
        """The time, in nanoseconds."""
        return int(self.host.session.clock.now().timestamp() * 1e9)

    @override
    def compose(self) -> ComposeResult:
        yield Line().add_class("problem")
        if self.SEARCH:
            yield FilterLine(self._typed, self.check, self.SEARCH)
        with Vertical(classes="body"):
            yield from self.compose_body()
        yield StateView()

    def on_mount(self) -> None:
        """What is in the pane is there: show what arrived before it was."""
        # A screen that is left before it was shown mounts panes with nothing in them.
        self.is_ready = bool(self.children)
        self.update(self.host.session.clock.now())
        if self.has_class("-open"):
            self.open()

    def update(self, now: datetime) -> None:
        """Show what is known now."""
        if not self.is_ready:
            return
        snapshot = self.snapshot
        has_data = self.has_data()
        self.set_class(has_data, "-data")
        self.set_class(snapshot.state is State.STALE, "-problem")
        if snapshot.state is State.STALE:
            words = f"  {self.WHAT}: {problem_message(snapshot, now)}"
            self.query_one(".problem", Line).show(((words, "warn"),))
        if has_data:
            self.show_data(now)
        else:
            self.query_one(StateView).show_lines(self._state_lines(now))

    def _state_lines(self, now: datetime) -> list[Cell]:
        snapshot = self.snapshot
        if self.NEEDS and (reason := self.host.session.disabled_reason(self.NEEDS)):
            return [((reason, "text"),)]
        if snapshot.state is State.LOADING:
            took_s = (now - self._opened_at).total_seconds() if self._opened_at else 0.0
            since = f"  {age_label(took_s)}" if took_s >= 1 else ""
            return [(("○ ", "queued"), (f"loading {self.WHAT}{since}", "dim"))]
        if snapshot.problem is None or snapshot.data is not None:
            return self.empty_lines()
        if snapshot.problem.kind == "NotFound":
            return self.gone_lines()
        return [
            (("× ", "bad"), (f"no {self.WHAT.removeprefix('the ')}", "bad-strong")),
            EMPTY,
            ((snapshot.problem.message, "text"),),
            ((retry_label(snapshot.problem, now), "dim"),),
        ]

    def gone_lines(self) -> list[Cell]:
        """The server says 404."""
        return [((f"the server has no {self.WHAT.removeprefix('the ')} of this run", "text"),)]

    def open(self) -> None:
        """Become the open pane, with the focus on what is in it."""
        self.add_class("-open")
        self._opened_at = self.host.session.clock.now()
        for lines in self.query(LineList):
            lines.focus()
            return

    def close(self) -> None:
        """Another pane is open now."""
        self.remove_class("-open")

    @on(FieldList.FieldOpened)
    def _open_field(self, message: FieldList.FieldOpened) -> None:
        message.stop()
        self.open_field(message.field)

    def open_field(self, field: Field) -> None:
        """Open what a field leads to, or say that it leads nowhere."""
        if field.opens is not None:
            self.open_target(field.opens)
        else:
            self.host.trigdash.toast(f"{field.label}: nothing to open, y copies it")

    def open_target(self, target: Target) -> None:
        """Open what a field leads to."""
        self.host.open_target(target)

    # Searching

    def edit_search(self) -> None:
        """Ask for a text to look for."""
        for line in self.query(FilterLine):
            line.edit()

    def _typed(self, line: str, at: int) -> Completion:
        """The line that is being typed says this now: show what it finds. Nothing completes it."""
        if self._before is None:
            lines = self.query_one(LineList)
            self._before = (self.query_one(FilterLine).line, lines.cursor, lines.top)
            self._previewed = self._before[0]
        text = self.preview(line)
        if text != self._previewed and self.searches_quickly() and self.check(text) is None:
            self._previewed = text
            self.search(text)
        return Completion(at, at, ())

    @on(FilterLine.Entered)
    def _entered(self, message: FilterLine.Entered) -> None:
        message.stop()
        self.search(message.line)

    @on(FilterLine.Left)
    def _left(self, message: FilterLine.Left) -> None:
        """Back to the previous search; an entered one is reported right after this."""
        message.stop()
        lines = self.query_one(LineList)
        if self._before is not None:
            text, cursor, top = self._before
            if text != self._previewed:
                self.search(text)
                lines.top = top
                lines.move_to(cursor)
            self._before = None
        lines.focus()
