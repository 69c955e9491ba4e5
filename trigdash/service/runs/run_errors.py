"""The errors of the newest failed runs of a filter, which run lists do not contain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.model.clean import clean
from trigdash.model.run_filter import RunFilter
from trigdash.service.cache.query import Query, keep, keep_rows, models_loaded
from trigdash.service.filters.status_words import FAILED
from trigdash.service.runs.statements import REFUSALS, period_of, where_of

if TYPE_CHECKING:
    from datetime import datetime

    from trigdash.backends.base import Backend
    from trigdash.model.error_group import ErrorGroup
    from trigdash.service.cache.store import Store

MOST = 500
"""Failed runs whose errors are read at once."""
MAX_LENGTH = 500


@dataclass(frozen=True, slots=True)
class RunErrors:
    """Class and message of errors as one line, by the id of their run."""

    lines: Mapping[str, str] = field(default_factory=dict)
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class RunErrorsQuery(Query[RunErrors]):
    """The errors of the newest failed runs of one filter. Only for filters that are askable."""

    run_filter: RunFilter

    EVERY_S: ClassVar[float] = 15.0

    def __post_init__(self) -> None:
        wanted = [name for name in self.run_filter.statuses or FAILED if name in FAILED]
        narrowed = replace(self.run_filter, text="", statuses=tuple(wanted))
        object.__setattr__(self, "run_filter", narrowed)

    @override
    async def fetch(self, backend: Backend, previous: RunErrors | None) -> RunErrors:
        if not self.run_filter.statuses:
            return previous or RunErrors()
        statement = (
            "SELECT run_id, error.name AS name, error.message AS message, error.raw AS raw "
            f"FROM runs{where_of(self.run_filter)} ORDER BY triggered_at DESC LIMIT {MOST}"
        )
        try:
            await models_loaded()
            rows = await backend.query(statement, period_of(self.run_filter))
        except REFUSALS:
            return RunErrors(is_refused=True)
        return keep(previous, RunErrors(dict(_lines(rows))))

    @override
    def is_final(self, data: RunErrors, store: Store, now: datetime) -> bool:
        return data.is_refused


def _lines(rows: list[dict[str, object]]) -> Iterator[tuple[str, str]]:
    for row in rows:
        run_id, line = row.get("run_id"), error_line(row)
        if isinstance(run_id, str) and line:
            yield clean(run_id), line


def error_line(told: Mapping[str, object]) -> str:
    """`TypeError: no such thing`: the class only if it says more than `Error`."""
    name, message = (told.get(part) for part in ("name", "message"))
    parts = [name if name != "Error" else "", message or told.get("raw")]
    line = ": ".join(part for part in parts if isinstance(part, str) and part)
    return clean(line[:MAX_LENGTH].split("\n", 1)[0])


Groups = tuple["ErrorGroup", ...]


@dataclass(frozen=True, slots=True)
class ErrorGroupsQuery(Query[Groups]):
    """The error groups of the environment."""

    EVERY_S: ClassVar[float] = 10.0

    @override
    async def fetch(self, backend: Backend, previous: Groups | None) -> Groups:
        groups = await backend.error_groups()
        return keep(previous, keep_rows(previous or (), groups, key=lambda group: group.id))
