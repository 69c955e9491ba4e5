"""A backend in memory: answers as the real API was recorded to, and can be told to fail."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from trigdash.backends.base import BackendError, NotFound
from trigdash.backends.operation import Operation
from trigdash.model.capability import Capability, RateBudget, Reach
from trigdash.model.odd_row import OddRow
from trigdash.model.run import RunError
from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import RunRow, RunsPage, timestamp_ms

STUBBORN_S = 60.0
"""How long a stubborn backend waits for its gate once it was canceled."""


_NOTHING: dict[str, Callable[..., Any]] = {"trace": lambda _: NotFound("Not found", status=404)}
"""What there is of a run that nothing is known of, where that is more than None."""


@dataclass
class FakeRun:
    """A retrieved run, as far as the service looks at it."""

    listed: RunRow
    batch_id: str | None = None
    finished_at: datetime | None = None
    updated_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    error: RunError | None = None
    related_runs: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(root=None, parent=None, children=())
    )

    @property
    def id(self) -> str:
        return self.listed.id

    @property
    def status(self) -> Any:
        return self.listed.status

    def row(self) -> RunRow:
        return self.listed


@dataclass
class FakeBackend:
    """Runs by id, and a log of what was asked. `gate` holds answers back until it is set."""

    name: str = "fake"
    capabilities: frozenset[Capability] = frozenset(Capability) - {Capability.FEEDS}
    reach: Reach = field(default_factory=lambda: Reach(period="7d"))
    budget: RateBudget = field(default_factory=RateBudget)
    world: dict[str, RunRow] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    """Ids that lists do not show (yet)."""
    log: list[tuple[Any, ...]] = field(default_factory=list)
    failure: BackendError | None = None
    """Raised by every call while it is set."""
    failures: dict[str, BackendError] = field(default_factory=dict)
    """The same for one method, by its name."""
    gate: asyncio.Event | None = None
    stubborn: bool = False
    """Answers although it was canceled."""
    answers: dict[str, Any] = field(default_factory=dict)
    """What other methods answer: a value, or a callable of their arguments."""
    calls: dict[Capability, Any] = field(default_factory=dict)
    """What operations answer, by what they need; others answer from `answers["call"]`."""
    busy: Counter[str] = field(default_factory=Counter)
    most_busy: Counter[str] = field(default_factory=Counter)
    closed: bool = False
    clock_ahead_s: float = 0.0
    odd: dict[str, OddRow] = field(default_factory=dict)
    """Runs that its lists cannot tell, by their id."""

    def disabled_reason(self, capability: Capability) -> str:
        return f"the fake does not know {capability.value}"

    def add(self, rows: Iterable[RunRow]) -> None:
        self.world.update((row.id, row) for row in rows)

    def change(self, run_id: str, **changes: Any) -> None:
        row = self.world[run_id]
        self.world[run_id] = replace(row, **{"updated_ms": row.updated_ms + 1, **changes})

    def asked(self, method: str) -> list[tuple[Any, ...]]:
        return [entry[1:] for entry in self.log if entry[0] == method]

    async def aclose(self) -> None:
        self.closed = True

    # Reads

    async def call(self, operation: Operation[Any]) -> Any:
        await self._enter("call", operation)
        if operation.needs in self.calls:
            return self.calls[operation.needs]
        return self._answer("call", operation, default=lambda _: None)

    async def runs(
        self, narrowed: RunFilter, *, after: str | None = None, size: int = 100
    ) -> RunsPage:
        await self._enter("runs", narrowed, after)
        rows = [row for row in self._newest_first() if self._matches(row, narrowed)]
        odd = tuple(self.odd.values()) if after is None else ()
        rows = [row for row in rows if row.id not in self.odd or self.odd[row.id].is_shown]
        if after is not None:
            created, run_id = after.split("/", 1)
            rows = [row for row in rows if (row.created_ms, row.id) < (int(created), run_id)]
        page = tuple(rows[:size])
        last = page[-1] if page else None
        more = f"{last.created_ms}/{last.id}" if last and len(rows) > size else None
        return RunsPage(page, next=more, odd=odd)

    async def run(self, run_id: str) -> Any:
        await self._enter("run", run_id)
        if run_id not in self.world:
            raise NotFound("Not found", status=404)
        row = self.world[run_id]
        return self._answer("run", run_id, default=lambda _id: FakeRun(row))

    def _newest_first(self) -> list[RunRow]:
        shown = (row for row in self.world.values() if row.id not in self.hidden)
        return sorted(shown, key=lambda row: (row.created_ms, row.id), reverse=True)

    @staticmethod
    def _matches(row: RunRow, narrowed: RunFilter) -> bool:
        if narrowed.statuses and row.status_name not in narrowed.statuses:
            return False
        if narrowed.since is not None and row.created_ms < timestamp_ms(narrowed.since):
            return False
        if narrowed.batch is not None and not row.id.startswith(narrowed.batch):
            return False
        return narrowed.until is None or row.created_ms <= timestamp_ms(narrowed.until)

    def __getattr__(self, method: str) -> Callable[..., Any]:
        """Every other method answers from `answers`."""
        if method.startswith("_"):
            raise AttributeError(method)

        async def answer(*arguments: Any) -> Any:
            await self._enter(method, *arguments)
            return self._answer(method, *arguments, default=_NOTHING.get(method, lambda *_: None))

        return answer

    def _answer(self, method: str, *arguments: Any, default: Callable[..., Any]) -> Any:
        # Tables without a row answer an empty list, whatever else a test has told.
        answer = self.answers.get(method, [] if method == "query" else default)
        value = answer(*arguments) if callable(answer) else answer
        if isinstance(value, BackendError):
            raise value
        return value

    async def _enter(self, method: str, *arguments: Any) -> None:
        self.log.append((method, *arguments))
        self.busy[method] += 1
        self.most_busy[method] = max(self.most_busy[method], self.busy[method])
        try:
            await self._hold()
        finally:
            self.busy[method] -= 1
        failure = self.failures.get(method) or self.failure
        if failure is not None:
            raise failure

    async def _hold(self) -> None:
        while self.gate is not None and not self.gate.is_set():
            try:
                await self.gate.wait()
            except asyncio.CancelledError:
                if not self.stubborn:
                    raise
                # Not for ever: a test that fails must not keep the event loop from closing.
                async with asyncio.timeout(STUBBORN_S):
                    await self.gate.wait()


def make_row(
    number: int, status: str = "COMPLETED", *, created_ms: int | None = None, **fields: Any
) -> RunRow:
    """Run `run_<number>`; a higher number is newer, by a second each."""
    created = number * 1000 if created_ms is None else created_ms
    return RunRow(
        id=f"run_{number:06d}",
        status_name=status,
        task=fields.pop("task", "send-email"),
        created_ms=created,
        updated_ms=fields.pop("updated_ms", created),
        **fields,
    )


def make_rows(numbers: Sequence[int] | range, status: str = "COMPLETED") -> list[RunRow]:
    return [make_row(number, status) for number in numbers]
