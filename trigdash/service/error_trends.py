"""How often runs failed, by cause and hour of the last day: one statement for all error groups.

The tables have no error groups, so failures are counted by task, error class and message, with
digits left out. This module is imported only with the list of errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.model.clean import clean
from trigdash.service.cache.query import Query, keep
from trigdash.service.now.readings import reason_of, whole
from trigdash.service.runs.statements import REFUSALS, moment_ms, moment_text

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.clock import Clock
    from trigdash.service.cache.store import Store

HOURS = 24
"""The number of hours: the present one, and those before it."""
PERIOD = "2d"
"""The window of runs: one may fail long after it was triggered."""
MOST = 10_000
"""The most rows that the server returns (recorded)."""
MESSAGE_LENGTH = 200
FAILED = "'Failed', 'Crashed', 'System failure', 'Timed out', 'Interrupted'"


@dataclass(frozen=True, slots=True)
class Failures:
    """Runs of a task that failed alike within one hour."""

    task: str
    name: str
    """The class of the error; empty if unknown."""
    message: str
    """The start of the message, with each number replaced by one zero."""
    hours_ago: int
    runs: int


@dataclass(frozen=True, slots=True)
class ErrorTrends:
    """The failures of the last HOURS."""

    since: datetime
    """The start of the first hour."""
    failures: tuple[Failures, ...] = ()
    refused: str = ""
    """Why the failures are not known, in words; empty when they are."""


@dataclass(frozen=True, slots=True)
class ErrorTrendsQuery(Query[ErrorTrends]):
    """The failures of the last day, by cause and hour."""

    EVERY_S: ClassVar[float] = 300.0
    clock: Clock = field(compare=False)

    @override
    async def fetch(self, backend: Backend, previous: ErrorTrends | None) -> ErrorTrends:
        now = self.clock.now() - timedelta(seconds=backend.clock_ahead_s)
        hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        since = hour - timedelta(hours=HOURS - 1)
        try:
            rows = await backend.query(_statement(since), PERIOD)
        except REFUSALS as error:
            return ErrorTrends(since, refused=reason_of(error))
        if len(rows) >= MOST:
            return ErrorTrends(since, refused="too many different messages")
        return keep(previous, ErrorTrends(since, tuple(_failures(rows, hour))))

    @override
    def is_final(self, data: ErrorTrends, store: Store, now: datetime) -> bool:
        return bool(data.refused)


def _statement(since: datetime) -> str:
    # `concat` turns a part of a JSON column into text, as in the queries of the platform's
    # dashboard (recorded).
    either = "coalesce(concat(error.message, ''), concat(error.raw, ''))"
    message = f"substring({either}, 1, {MESSAGE_LENGTH})"
    return (
        "SELECT task_identifier AS task, concat(error.name, '') AS name, "
        f"replaceRegexpAll({message}, '[0-9]+', '0') AS message, "
        "toStartOfHour(completed_at) AS hour, count() AS runs FROM runs "
        f"WHERE status IN ({FAILED}) AND completed_at >= '{moment_text(since)}' "
        f"GROUP BY task, name, message, hour ORDER BY runs DESC LIMIT {MOST}"
    )


def _failures(rows: list[dict[str, object]], hour: datetime) -> Iterator[Failures]:
    for row in rows:
        at_ms = moment_ms(row.get("hour"))
        if at_ms is None:
            continue
        ago = round((hour.timestamp() * 1000 - at_ms) / 3_600_000)
        task, name, message = (_text(row, part) for part in ("task", "name", "message"))
        yield Failures(task, name, message, min(max(ago, 0), HOURS - 1), whole(row.get("runs")))


def _text(row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    return clean(value) if isinstance(value, str) else ""
