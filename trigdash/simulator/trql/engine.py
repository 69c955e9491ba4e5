"""Plan and execute: which columns a query reads, and what SQLite makes of their rows."""

import csv
import io
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from trigdash.simulator.trql import catalog, times
from trigdash.simulator.trql.functions import install
from trigdash.simulator.trql.refusal import QueryRefused
from trigdash.simulator.trql.scalars import packed
from trigdash.simulator.trql.window import Window

Row = Sequence[object]
Loader = Callable[[Sequence[str], Window], Iterable[Row]]
"""Gives the rows of a table whose time is in a window: the named columns, as Python values.

Times are epoch milliseconds, arrays and states of quantiles are lists, JSON is its text."""
Format = Literal["json", "csv"]
_MOST_LETTERS = 262_144
"""Of a query, as in the store behind the real server."""
_STEPS_BETWEEN_CHECKS = 100_000
_MAX_CHECKS = 5_000
"""About ten seconds of SQLite's virtual machine; then a query is aborted."""


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """A translated query: the tables and columns to fetch, and what to do with them."""

    sql: str
    outputs: tuple[tuple[str, str], ...]
    reads: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """What the endpoint sends back."""

    format: Format
    results: list[dict[str, object]] | str


def plan(query: str, window: Window) -> QueryPlan:
    """Translate a query. The first call loads the parser."""
    from trigdash.simulator.trql.parse import parse
    from trigdash.simulator.trql.scope import Reading
    from trigdash.simulator.trql.select import write_select, write_subquery

    if len(query) > _MOST_LETTERS:
        raise QueryRefused(f"Max query size exceeded: {_MOST_LETTERS}")
    reading = Reading(window.bucket, write_subquery)
    try:
        written = write_select(parse(query), reading)
    except RecursionError:
        raise QueryRefused("Query is nested too deeply") from None
    outputs = tuple((output.name, output.kind) for output in written.outputs)
    return QueryPlan(written.sql, outputs, reading.columns)


def fetch(
    plan: QueryPlan, loaders: Mapping[str, Loader], window: Window
) -> dict[str, Iterator[Row]]:
    """The rows that a plan reads, as SQLite keeps them. Reads the world; nothing else here does.

    They are read as they are consumed: take some, let others have the loop, take more.
    """
    return {
        name: iter(_stored(catalog.table(name), columns, loaders[name](columns, window)))
        for name, columns in plan.reads.items()
    }


def _stored(table: catalog.Table, columns: Sequence[str], rows: Iterable[Row]) -> Iterable[Row]:
    if not columns:
        # A count reads no column, but it does count rows.
        return ((None,) for _ in rows)
    readers = [_STORED.get(table.columns[name].kind) for name in columns]
    if not any(readers):
        return rows
    return (
        tuple(value if read is None or value is None else read(value)
              for read, value in zip(readers, row, strict=True))
        for row in rows
    )  # fmt: skip


_STORED: dict[str, Callable[[Any], object]] = {
    "datetime64": times.fine_ms,
    "datetime": times.coarse_ms,
    "flag": int,
    "array": packed,
    "state": lambda value: packed(value) if isinstance(value, list) else value,
}


def execute(
    plan: QueryPlan, rows: Mapping[str, Iterable[Row]], now: datetime, form: Format
) -> QueryAnswer:
    """Run a plan over its rows. Takes no more than about ten seconds; may run in any thread."""
    refused: list[QueryRefused] = []
    database = sqlite3.connect(":memory:")
    try:
        install(database, times.fine(now), lambda code: _noting(code, refused))
        database.set_progress_handler(_patience(), _STEPS_BETWEEN_CHECKS)
        for name, columns in plan.reads.items():
            _fill(database, name, columns, rows[name])
        found = database.execute(plan.sql).fetchall()
    except sqlite3.Error as problem:
        raise refused[0] if refused else QueryRefused(_reason(problem)) from None
    finally:
        database.close()
    return _answer(plan, found, form)


def _noting(code: Callable[..., Any], refused: list[QueryRefused]) -> Callable[..., Any]:
    """SQLite forgets why a function failed; this remembers."""

    def call(*values: Any) -> Any:
        try:
            return code(*values)
        except QueryRefused as problem:
            refused.append(problem)
            raise

    return call


def _patience() -> Callable[[], bool]:
    checks = iter(range(_MAX_CHECKS))
    return lambda: next(checks, None) is None


def _reason(problem: sqlite3.Error) -> str:
    if "interrupted" in str(problem):
        return "Timeout exceeded: the query took more than 10 seconds"
    return f"The query could not be run: {problem}"


def _fill(
    database: sqlite3.Connection, name: str, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    listed = ", ".join(f'"{column}"' for column in columns) or '"_"'
    database.execute(f'CREATE TABLE "{name}" ({listed})')
    marks = ", ".join("?" * max(1, len(columns)))
    database.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)


def _answer(plan: QueryPlan, found: Sequence[Row], form: Format) -> QueryAnswer:
    names = [name for name, _ in plan.outputs]
    readers = [_PRINTED.get(kind) for _, kind in plan.outputs]
    rows = [
        [_printed(value, read) for value, read in zip(row, readers, strict=True)] for row in found
    ]
    if form == "csv":
        return QueryAnswer("csv", _csv(names, rows))
    return QueryAnswer("json", [dict(zip(names, row, strict=True)) for row in rows])


_PRINTED: dict[str, Callable[[Any], object]] = {
    "flag": bool,
    "status": lambda value: catalog.FRIENDLY_STATUSES.get(value, value),
}


def _printed(value: object, read: Callable[[Any], object] | None) -> object:
    if value is None:
        return None
    if isinstance(value, bytes):
        return _unpacked(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return read(value) if read else value


def _unpacked(value: bytes) -> object:
    """An array, or the refusal of what is not one."""
    try:
        return json.loads(value)
    except ValueError:
        raise QueryRefused("Illegal type Array of an argument where a text is expected") from None


def _csv(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """With a header line and no newline at the end (recorded)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().removesuffix("\n")


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, list | dict) else value
