"""What RowTable does with the same rows: our side of the table comparisons.

python -m tests.bench.row_table ROWS; keys: `l` loads the rows, `u` changes 100 random cells a
second, `s` sorts by the next column.
"""

import random
import sys
from dataclasses import replace
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import Footer, Header
from typing_extensions import override

from tests.bench.rows import NOW_MS, run_rows
from trigdash.model.run_row import RunRow
from trigdash.presentation.run_columns import NATURAL_SORT, run_columns
from trigdash.ui.theme.paint import THEMES, variable_defaults
from trigdash.ui.widgets.row_table import RowTable

_KEYS = (
    "status",
    "task",
    "run",
    "age",
    "duration",
    "tries",
    "version",
    "tags",
    "cost",
    "env",
)


class OurTable(App[None]):
    """A RowTable of ten columns between a header and a footer."""

    BINDINGS: ClassVar = [
        ("l", "load", "Load"),
        ("u", "update", "Update"),
        ("s", "sort", "Sort"),
        ("c", "sort_by_cost", "By cost"),
        ("n", "sort_naturally", "By age"),
        ("q", "quit", "Quit"),
        ("down", "move(1)", "Down"),
        ("up", "move(-1)", "Up"),
        ("pagedown", "page(1)", "Page down"),
        ("pageup", "page(-1)", "Page up"),
        ("end", "end", "End"),
    ]

    def __init__(self, count: int) -> None:
        super().__init__()
        self.animation_level = "none"
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "trigdash-dark"
        self._rows = run_rows(count)
        self._chance = random.Random(1)
        every = run_columns()
        self._table: RowTable[RunRow] = RowTable(
            [every[key] for key in _KEYS], key=_id, natural_sort=NATURAL_SORT
        )

    @override
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults()

    @override
    def compose(self) -> ComposeResult:
        yield Header()
        yield self._table
        yield Footer()

    def on_mount(self) -> None:
        self._table.tick(NOW_MS)
        self._table.focus()
        self.sub_title = "ready"

    def action_load(self) -> None:
        self._table.show(self._rows)
        self.sub_title = "loaded"

    def action_update(self) -> None:
        self.sub_title = "updating"
        self.set_interval(1.0, self._change_cells)

    def _change_cells(self) -> None:
        """A hundred rows change in a copy of the list: what a poll hands over."""
        rows = self._rows.copy()
        for _ in range(100):
            index = self._chance.randrange(len(rows))
            cost = self._chance.random()
            rows[index] = replace(rows[index], cost_cents=cost)
        self._rows = rows
        self._table.show(rows)

    def action_sort(self) -> None:
        self._table.sort_next()

    def action_sort_by_cost(self) -> None:
        self._table.sort_by("cost")

    def action_sort_naturally(self) -> None:
        self._table.sort = NATURAL_SORT

    def action_move(self, rows: int) -> None:
        self._table.move(rows)

    def action_page(self, direction: int) -> None:
        self._table.page(direction)

    def action_end(self) -> None:
        self._table.end()


def _id(row: RunRow) -> str:
    return row.id


if __name__ == "__main__":
    OurTable(int(sys.argv[1])).run()
