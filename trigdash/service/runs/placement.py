"""Where a run is placed: its queue, its machine, and the concurrency in use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from trigdash.backends.base import Forbidden, InvalidRequest, NotFound
from trigdash.model.clean import clean
from trigdash.service.cache.query import Query, keep
from trigdash.service.runs.detail import is_written

if TYPE_CHECKING:
    from datetime import datetime

    from trigdash.backends.base import Backend
    from trigdash.service.cache.store import Store

_PLAIN = re.compile(r"[A-Za-z0-9_\-/.:@]+")


def is_plain(text: str) -> bool:
    """Whether a text is safe between quotation marks in a statement: nothing in it ends them.
    Nearly all ids and queue names are safe; others are not queried."""
    return _PLAIN.fullmatch(text) is not None


CAPACITY_PERIOD = "7d"
"""How far back to search for executing runs."""

_AT_WORK = "('Dequeued', 'Executing')"
"""Statuses of runs that take up concurrency; a waiting run has released it."""


@dataclass(frozen=True, slots=True)
class RunPlacement:
    """What the query endpoint knows of a run and its own answer does not contain."""

    queue: str = ""
    """As filters write it (`task/<task>`, or a custom queue's name); empty while unknown."""
    machine: str = ""
    """Empty until the run has started."""
    concurrency_key: str = ""
    max_duration_s: int | None = None
    is_refused: bool = False
    """Whether the query endpoint refused us; then it is not asked again."""

    @property
    def queue_name(self) -> str:
        """The queue's name as the queue list writes it."""
        return self.queue.removeprefix("task/")

    @property
    def queue_kind(self) -> str:
        """`task` or `custom`."""
        return "task" if self.queue.startswith("task/") else "custom"


@dataclass(frozen=True, slots=True)
class RunPlacementQuery(Query[RunPlacement]):
    """The placement of one run."""

    run_id: str
    period: str
    """Reaches back to the run's creation; see `period_since`."""

    EVERY_S: ClassVar[float] = 10.0

    @override
    async def fetch(self, backend: Backend, previous: RunPlacement | None) -> RunPlacement:
        if not is_plain(self.run_id):
            return RunPlacement(is_refused=True)
        statement = (
            "SELECT queue, machine, concurrency_key, max_duration FROM runs "
            f"WHERE run_id = '{self.run_id}' LIMIT 1"
        )
        try:
            rows = await backend.query(statement, self.period)
        except (NotFound, InvalidRequest, Forbidden):
            return RunPlacement(is_refused=True)
        # Recorded: a new run may be missing for a second or so.
        place = _placement(rows[0]) if rows else previous or RunPlacement()
        return keep(previous, place)

    @override
    def is_final(self, data: RunPlacement, store: Store, now: datetime) -> bool:
        """Final when the run is over: a queue never changes, a machine may with each attempt."""
        return data.is_refused or is_written(self.run_id, store, now)


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many runs execute now."""

    environment: int
    """In the whole environment."""
    alike: int
    """In the same queue with the same concurrency key, since the limit applies to each key
    separately; 0 for a run without a key, or with one that is not safe to query."""


@dataclass(frozen=True, slots=True)
class CapacityQuery(Query[Capacity]):
    """The executing runs that take up the concurrency a queued run waits for."""

    queue: str
    concurrency_key: str

    EVERY_S: ClassVar[float] = 10.0

    @override
    async def read(self, backend: Backend) -> Capacity:
        alike = "0"
        if is_plain(self.queue) and is_plain(self.concurrency_key):
            same = f"queue = '{self.queue}' AND concurrency_key = '{self.concurrency_key}'"
            alike = f"countIf({same})"
        statement = (
            f"SELECT count() AS at_work, {alike} AS alike FROM runs WHERE status IN {_AT_WORK}"
        )
        rows = await backend.query(statement, CAPACITY_PERIOD)
        row = rows[0] if rows else {}
        return Capacity(_number(row.get("at_work")) or 0, _number(row.get("alike")) or 0)


def period_since(created_at: datetime, now: datetime) -> str:
    """A period of the query endpoint that reaches back to a moment."""
    return f"{(max(now - created_at, timedelta())).days + 1}d"


def _placement(row: dict[str, Any]) -> RunPlacement:
    return RunPlacement(
        queue=_text(row.get("queue")),
        machine=_text(row.get("machine")),
        concurrency_key=_text(row.get("concurrency_key")),
        max_duration_s=_number(row.get("max_duration")),
    )


def _text(value: object) -> str:
    return clean(value) if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
