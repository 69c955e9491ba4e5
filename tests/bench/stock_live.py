"""A dashboard of stock parts under the same load: `python -m tests.bench.stock_live ROWS URL`.

A DataTable of ROWS rows, a page polled each second with httpx and read with pydantic, cells
updated where a run changed, and a clock.
"""

import sys
import time
from datetime import datetime
from typing import ClassVar

import httpx
from textual.app import App, ComposeResult
from textual.widgets import DataTable, Footer, Header, Static
from typing_extensions import override

from tests.bench.rows import COLUMNS, run_rows, texts
from trigdash.backends.trigger.parsers import parse_runs
from trigdash.model.run_row import RunRow

POLL_S = 1.0


class StockDashboard(App[None]):
    """What one would write first."""

    BINDINGS: ClassVar = [("q", "quit", "Quit")]

    def __init__(self, count: int, url: str) -> None:
        super().__init__()
        self.animation_level = "none"
        self._count = count
        self._url = url
        self._known: dict[str, RunRow] = {}
        self._client = httpx.AsyncClient(timeout=30.0, trust_env=False)

    @override
    def compose(self) -> ComposeResult:
        yield Header()
        yield Static(id="clock")
        yield DataTable(cursor_type="row")
        yield Footer()

    async def on_mount(self) -> None:
        """Show the newest page and older rows below, then poll."""
        table = self.query_one(DataTable)
        for name in COLUMNS:
            table.add_column(name, key=name, width=14)
        await self._poll()
        for row in run_rows(self._count - len(self._known)):
            table.add_row(*texts(row), key=f"old {row.id}")
        table.focus()
        self.set_interval(POLL_S, self._poll)
        self.set_interval(1.0, self._show_time)
        self.sub_title = "held"

    def _show_time(self) -> None:
        now = datetime.now().astimezone().strftime("%H:%M:%S")
        self.query_one("#clock", Static).update(now, layout=False)

    async def _poll(self) -> None:
        answer = await self._client.get(f"{self._url}/api/v1/runs?page[size]=100")
        table = self.query_one(DataTable)
        for row in parse_runs(answer.content).rows:
            known = self._known.get(row.id)
            if known is None:
                table.add_row(*texts(row), key=row.id)
            elif row != known:
                table.update_cell(row.id, "cost", f"{row.cost_cents:.4f}")
                age = f"{time.time() - row.created_ms / 1000:.0f} s"
                table.update_cell(row.id, "age", age)
            self._known[row.id] = row


if __name__ == "__main__":
    StockDashboard(int(sys.argv[1]), sys.argv[2]).run()
