"""Lists that are read whole and narrowed here: queues, batches, actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from trigdash.presentation.cell import EMPTY, Cell
from trigdash.presentation.list_states import list_state
from trigdash.service.cache.store import LOADING, Snapshot
from trigdash.service.filters.completion import Completion
from trigdash.ui.screens.list import ListScreen
from trigdash.ui.widgets.filter_line import FilterLine
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.text_panes import StateView

if TYPE_CHECKING:
    from trigdash.service.cache.query import Query


def no_completion(line: str, position: int) -> Completion:
    """Nothing to offer: the filter is any text."""
    return Completion(position, position, ())


class WholeListScreen(ListScreen):
    """A list of which everything is known: totals, filter line, and rows or why there are none."""

    WHAT: ClassVar[str]
    """What it lists, for its empty state: "queues"."""
    NOTHING: ClassVar[Sequence[Cell]]
    """What is said when all is well and there is nothing."""
    DEFAULT_CSS = """
    WholeListScreen .list { height: 1fr; margin: 1 0 0 0; }
    WholeListScreen .list > RowTable { display: none; }
    WholeListScreen.-rows .list > RowTable { display: block; }
    WholeListScreen.-rows .list > StateView { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.line = ""
        """The filter, as it was typed."""
        self.snapshot: Snapshot[Any] = LOADING
        self._shown: object = None

    @override
    def on_mount(self) -> None:
        self.restore_sort()

    # What subclasses say

    def matching_rows(self) -> Sequence[Any]:
        """The rows that the filter leaves."""
        raise NotImplementedError

    def totals(self, now: datetime) -> Cell:
        """What there is in all."""
        raise NotImplementedError

    def totals_note(self) -> Cell:
        """What stands at the right of the totals."""
        return EMPTY

    def filter_note(self) -> Cell:
        """What stands at the right of the filter."""
        return EMPTY

    # What is shown

    @override
    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        self.snapshot = snapshot
        if snapshot.data is not self._shown:
            self._shown = snapshot.data
            self.show_rows()
        else:
            self.show_state()

    @override
    def main_snapshot(self) -> Snapshot[Any]:
        return self.snapshot

    @override
    def show_time(self, now: datetime) -> None:
        self.table.tick(now.timestamp() * 1000)
        self.show_cursor()
        self.show_state()

    def show_rows(self) -> None:
        """Show what the filter leaves of what is known."""
        rows = self.matching_rows()
        self.set_class(bool(rows), "-rows")
        self.table.show(rows)
        self.show_state()
        self.show_cursor()

    def show_state(self) -> None:
        """Show the totals, the filter, and why there are no rows."""
        now = self.session.clock.now()
        # Where rows are there that could not be read, it is not so that there are none.
        empty = [unread] if (unread := self.aside()) else self.NOTHING
        lines = list_state(
            self.session, self.snapshot, self.WHAT, empty, now, filtered=bool(self.line)
        )
        self.query_one(StateView).show_lines(lines)
        self.query_one(FilterLine).show(self.line, self.filter_note())
        self.query_one("#counts", Line).show(self.totals(now), self.totals_note())

    # The filter

    def has_words(self, text: str) -> bool:
        """Whether a text has every word of the filter in it."""
        return all(word in text.lower() for word in self.line.lower().split())

    @override
    def apply_line(self, line: str) -> None:
        self.line = " ".join(line.split())
        self.show_rows()
        self.table.home()

    @override
    def clear_filter(self) -> bool:
        had = bool(self.line)
        self.apply_line("")
        return had
