"""What stock Textual does with the same rows: the other side of the comparisons.

python -m tests.bench.stock ROWS; keys: `l` loads the rows, `u` changes 100 random cells a second.
"""

import random
import sys
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Footer, Header
from typing_extensions import override

from tests.bench.rows import COLUMNS, run_rows, texts


class StockTable(App[None]):
    """A DataTable of ten columns between a header and a footer."""

    BINDINGS: ClassVar = [("l", "load", "Load"), ("u", "update", "Update"), ("q", "quit", "Quit")]

    def __init__(self, count: int) -> None:
        super().__init__()
        self.animation_level = "none"
        self._rows = [texts(row) for row in run_rows(count)]
        self._chance = random.Random(1)

    @override
    def compose(self) -> ComposeResult:
        yield Header()
        yield DataTable(cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for name in COLUMNS:
            table.add_column(name, key=name, width=14)
        table.focus()
        self.sub_title = "ready"

    def action_load(self) -> None:
        table = self.query_one(DataTable)
        for index, row in enumerate(self._rows):
            table.add_row(*row, key=str(index))
        self.sub_title = "loaded"

    def action_update(self) -> None:
        self.sub_title = "updating"
        self.set_interval(1.0, self._change_cells)

    def _change_cells(self) -> None:
        table = self.query_one(DataTable)
        for _ in range(100):
            row = str(self._chance.randrange(len(self._rows)))
            table.update_cell(row, "duration", f"{self._chance.random() * 9:.2f} s")


if __name__ == "__main__":
    StockTable(int(sys.argv[1])).run()
