"""One recorded run on stage: the real app, opened at a run that answers as it was recorded."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from tests.fakes.backend import FakeBackend
from tests.fakes.clock import FakeClock
from tests.recorded import recorded
from tests.ui.harness import PROD, Harness
from trigdash.backends.base import BackendError, NotFound
from trigdash.backends.operation import Operation
from trigdash.config.options import Destination, UiSettings
from trigdash.model.error_group import ErrorGroup
from trigdash.model.event import parse_events
from trigdash.model.run import Run, parse_run
from trigdash.model.span import parse_span
from trigdash.model.trace import parse_trace
from trigdash.service.connection import Connection
from trigdash.ui.app import TrigdashApp
from trigdash.ui.screens.run import RunScreen
from trigdash.ui.widgets.line_list import LineList
from trigdash.ui.widgets.text_panes import StateView

RECORDED_AT = datetime(2026, 11, 21, 22, 50, tzinfo=UTC)
"""When most of the recordings were made."""

NOT_HERE = NotFound("Not found", status=404)


def run_of(name: str, **changes: Any) -> Run:
    """A recorded run, some of its values changed."""
    return parse_run(json.dumps({**recorded(name).data, **changes}).encode())


class RecordedRun:
    """What the server tells of one run: recorded answers, or errors."""

    def __init__(
        self,
        run: str | Run | BackendError,
        trace: str | bytes | BackendError = NOT_HERE,
        events: str | bytes | BackendError = NOT_HERE,
        spans: Mapping[str, str] | None = None,
    ) -> None:
        self.run: Run | BackendError = run_of(run) if isinstance(run, str) else run
        self.trace = _answer(trace)
        self.events = _answer(events)
        self.spans = {span_id: recorded(name).body for span_id, name in (spans or {}).items()}
        self.groups: tuple[ErrorGroup, ...] | BackendError = ()
        self.asked_spans: list[str] = []
        self.answer: Callable[[Operation[Any]], Any] = _nothing
        """What is answered to operations."""

    @property
    def run_id(self) -> str:
        return self.run.id if isinstance(self.run, Run) else "run_gone"

    def backend(self) -> FakeBackend:
        backend = FakeBackend()
        backend.answers |= {
            "identity": PROD,
            "run": lambda run_id: self.run,
            "trace": lambda run_id: _parsed(self.trace, parse_trace, self.run_id),
            "events": lambda run_id: _parsed(self.events, parse_events, self.run_id),
            "span": self._span,
            "query": [],
            "error_groups": lambda: self.groups,
            "call": lambda operation: self.answer(operation),
        }
        backend.world[self.run_id] = None  # type: ignore[assignment]  # its answer is given above
        backend.failures["runs"] = NOT_HERE
        return backend

    def _span(self, run_id: str, span_id: str) -> Any:
        self.asked_spans.append(span_id)
        body = self.spans.get(span_id)
        return NOT_HERE if body is None else parse_span(body)


def _nothing(operation: Operation[Any]) -> Any:
    """No server here has pages of a trace or addresses of documents, and no list has rows."""
    if "packets" in operation.path:
        return NOT_HERE
    return None if "trace" in operation.path else operation.parser(b'{"data": []}')


def _answer(told: str | bytes | BackendError) -> bytes | BackendError:
    return recorded(told).body if isinstance(told, str) else told


def _parsed(told: bytes | BackendError, parse: Any, run_id: str) -> Any:
    """The answer, its run's id made the stage's."""
    if isinstance(told, BackendError):
        return told
    first = told.split(b'"runId": "', 1)
    if len(first) == 2:
        told = told.replace(first[1].split(b'"', 1)[0], run_id.encode())
    return parse(told)


class RunHarness(Harness):
    """The stage, with the run's screen in front."""

    @property
    def screen(self) -> RunScreen:
        screen = self.app.screen
        assert isinstance(screen, RunScreen), screen
        return screen

    @property
    def text(self) -> str:
        """What is said in the open tab."""
        return "\n".join(text_of(lines) for lines in self.screen.pane.query(LineList))

    @property
    def said(self) -> str:
        """What is said where there is no data."""
        return self.screen.pane.query_one(StateView).plain_text

    @property
    def heading(self) -> str:
        return self.screen.query_one("#heading").plain_text  # type: ignore[attr-defined,no-any-return]

    @property
    def note(self) -> str:
        """What stands at the right of the search."""
        return self.screen.pane.query_one("#filter-shown").plain_text  # type: ignore[attr-defined,no-any-return]

    async def see(self, words: str) -> None:
        """Wait until the open tab says something."""
        await self.until(lambda: words in self.text)


def text_of(lines: LineList) -> str:
    """The text on screen of some lines."""
    return "\n".join(lines.render_line(y).text.rstrip() for y in range(lines.size.height))


@asynccontextmanager
async def open_run(
    told: RecordedRun,
    tab: str = "overview",
    size: tuple[int, int] = (140, 45),
    now: datetime = RECORDED_AT,
) -> AsyncIterator[RunHarness]:
    """The app, opened at a run."""
    backend, clock = told.backend(), FakeClock(now)

    async def open_connection(where: Destination) -> Connection:
        return Connection(backend, clock)  # type: ignore[arg-type]

    app = TrigdashApp(open_connection, UiSettings(server="127.0.0.1"), clock)
    async with app.run_test(size=size, notifications=True) as pilot:
        harness = RunHarness(app, pilot, backend, clock)
        await harness.until(lambda: app.session.connection is not None)
        app.open_detail("run", told.run_id, tab=tab)
        await harness.until(lambda: isinstance(app.screen, RunScreen) and app.screen.is_mounted)
        await harness.pilot.pause()
        yield harness
