"""A stage for the screens: the real app over a real connection, with a backend in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import Any

from textual.pilot import Pilot

from tests.fakes.backend import FakeBackend
from tests.fakes.clock import START, FakeClock
from trigdash.config.options import Destination, UiSettings
from trigdash.model.environment import Identity
from trigdash.model.run_row import RunRow, timestamp_ms
from trigdash.presentation.cell import cell_text
from trigdash.service.connection import Connection
from trigdash.ui.app import TrigdashApp
from trigdash.ui.input.key_order import KeyOrder
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.widgets.filter_line import FilterLine
from trigdash.ui.widgets.line import Line, NavLine, StatusBar
from trigdash.ui.widgets.row_table import RowTable
from trigdash.ui.widgets.text_panes import StateView

NOW_MS = timestamp_ms(START)
PATIENCE_S = 60.0
"""How long a condition may take on a busy machine before a test gives up."""

PROD = Identity(
    project_name="acme-jobs",
    project_slug="acme-jobs",
    organization_slug="acme",
    environment="prod",
    environment_type="PRODUCTION",
    dashboard="https://jobs.example.com",
)


def run_row(number: int, status: str = "COMPLETED", **changes: Any) -> RunRow:
    """A run that was created `number` seconds ago."""
    created_ms = NOW_MS - number * 1000
    known: dict[str, Any] = {
        "id": f"run_{number:04}",
        "status_name": status,
        "task": "send-email",
        "created_ms": created_ms,
        "updated_ms": created_ms,
        "started_ms": created_ms,
        "version": "20261121.3",
        "environment": "prod",
    }
    return RunRow(**{**known, **changes})


@dataclass
class Harness:
    """The app on stage, and what stands behind it."""

    app: TrigdashApp
    pilot: Pilot[int]
    backend: FakeBackend
    clock: FakeClock
    opened: list[tuple[str | None, str | None]] = field(default_factory=list)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something is so, and what follows from it is done; fail when it does not come
        about."""
        await self.reached(condition)
        await self.pilot.pause()

    async def reached(self, condition: Callable[[], object]) -> None:
        """The same for what no screen may follow from: the program may have ended."""
        end = monotonic() + PATIENCE_S
        while not condition():
            assert monotonic() < end, f"it did not come about; on screen: {self.words()}"
            await asyncio.sleep(0.005)

    async def rest(self) -> None:
        """Wait until nothing is under way in the app: quicker than a pause of Textual's pilot."""
        await at_rest(self.app)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def poll(self, seconds: float = 3.0) -> None:
        """Let time pass for the poller, and the screen see what it brought."""
        await self.clock.advance(seconds)
        await self.pilot.pause()

    @property
    def runs(self) -> RunsScreen:
        screen = next(s for s in self.app.screen_stack if isinstance(s, RunsScreen))
        return screen

    @property
    def table(self) -> RowTable[Any]:
        return self.app.screen.query_one(RowTable)

    @property
    def ids(self) -> list[str]:
        return [row.id for row in self.runs.table.rows if isinstance(row, RunRow)]

    @property
    def bar(self) -> str:
        return self.app.screen.query_one(StatusBar).plain_text

    @property
    def aside(self) -> str:
        return self.app.screen.query_one(NavLine).aside

    @property
    def counts(self) -> str:
        return self.app.screen.query_one("#counts", Line).plain_text

    @property
    def state(self) -> str:
        return self.app.screen.query_one(StateView).plain_text

    @property
    def filter(self) -> FilterLine:
        return self.app.screen.query_one(FilterLine)

    @property
    def filter_note(self) -> str:
        """What is said at the right of the filter."""
        line = self.app.screen.query_one("#filter-shown", Line)
        return cell_text(line._right)

    def hint(self) -> str:
        return self.app.screen.query_one("#filter-hint", Line).plain_text

    def words(self) -> str:
        return " | ".join(line.plain_text for line in self.app.screen.query(Line))

    def toasts(self) -> list[str]:
        return [note.message for note in self.app._notifications]


REST_TURNS = 10
"""Turns of the event loop in a row without a message, after which none is on its way."""


async def at_rest(app: KeyOrder) -> None:
    """Wait until no widget has a message to work off, and no typed key waits."""
    still = 0
    async with asyncio.timeout(PATIENCE_S):
        while still < REST_TURNS:
            await asyncio.sleep(0)
            pumps = (app, *app._registry)
            quiet = all(pump._message_queue.empty() for pump in pumps) and not app.has_keys
            still = still + 1 if quiet else 0


@asynccontextmanager
async def open_app(
    backend: FakeBackend | None = None,
    settings: UiSettings | None = None,
    size: tuple[int, int] = (140, 30),
    opening: Callable[[str | None, str | None], Any] | None = None,
) -> AsyncIterator[Harness]:
    """The app, its first connection opened by `opening` or over `backend`."""
    backend = backend or FakeBackend()
    backend.answers.setdefault("identity", PROD)
    clock = FakeClock()
    opened: list[tuple[str | None, str | None]] = []

    async def open_connection(where: Destination) -> Connection:
        opened.append((where.profile, where.environment))
        if opening is not None:
            made: Connection = await opening(where.profile, where.environment)
            return made
        return Connection(backend, clock, random=Random(7))  # type: ignore[arg-type]

    app = TrigdashApp(open_connection, settings or UiSettings(server="127.0.0.1"), clock)
    async with app.run_test(size=size, notifications=True) as pilot:
        yield Harness(app, pilot, backend, clock, opened)
