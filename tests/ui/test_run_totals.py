"""The run list beyond what is loaded: counts and orders by the server, and what is said without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.backend import FakeBackend
from tests.ui.harness import NOW_MS, Harness, open_app, run_row
from tests.ui.test_runs_order import command, tail
from trigdash.backends.base import BackendError, Forbidden
from trigdash.model.moment import datetime_of
from trigdash.presentation.cell import cell_text
from trigdash.service.runs.statements import moment_text, status_words
from trigdash.ui.widgets.filter_line import FilterLine

LONG_AGO = "2026-01-01 00:00:00.000"

Tables = Callable[[str], Any]


def told(number: int, cost: float = 0.0, status: str = "COMPLETED", **more: Any) -> dict[str, Any]:
    """A run as the tables tell it: the one that `run_row` makes."""
    return {
        "run_id": f"run_{number:04}",
        "status": status_words(status)[0],
        "task_identifier": "send-email",
        "triggered_at": moment_text(datetime_of((NOW_MS - number * 1000) * 1_000_000)),
        "total_cost": cost,
        "attempt_count": 2,
        **more,
    }


def stocked(tables: Tables, most: int = 300) -> FakeBackend:
    """A list of several pages, and the tables' answers by statement."""
    backend = FakeBackend()
    backend.add(run_row(n) for n in range(1, most))
    backend.answers["query"] = lambda statement, *_: tables(statement)
    return backend


def counts_of(statement: str, **numbers: int) -> list[dict[str, Any]]:
    if "min(triggered_at)" in statement:
        return [{"oldest": LONG_AGO}]
    return [{"status": status_words(name)[0], "runs": n} for name, n in numbers.items()]


async def test_all_that_match_are_counted_by_the_server() -> None:
    backend = stocked(lambda statement: counts_of(statement, COMPLETED=84_000, FAILED=212))
    async with open_app(backend) as harness:
        await harness.until(lambda: "all  84,212" in harness.counts)
        assert "212 failed" in harness.counts
        assert "last 7 days" in harness.counts
        first = len(backend.asked("query"))
        await harness.poll(15)
        assert len(backend.asked("query")) == first, "counted sparingly"


async def test_what_the_server_does_not_count_is_of_what_is_loaded() -> None:
    for answer in (Forbidden("no right to ask"), []):
        backend = stocked(lambda _, answer=answer: answer)  # type: ignore[misc]
        async with open_app(backend) as harness:
            await harness.until(lambda: "loaded  100+" in harness.counts)
            await harness.poll(60)
            refused = isinstance(answer, BackendError)
            assert len(backend.asked("query")) == 1 if refused else True


async def test_a_list_that_is_loaded_to_its_end_asks_nothing() -> None:
    backend = stocked(lambda _: [], most=50)
    async with open_app(backend) as harness:
        await harness.until(lambda: "all  49" in harness.counts)
        await harness.poll(60)
        assert backend.asked("query") == []


def by_cost(statement: str) -> Any:
    if "ORDER BY total_cost DESC" not in statement:
        return counts_of(statement, COMPLETED=5_000)
    return [told(1000 + n, cost=2000.0 - n) for n in range(1000)]


def shown_tail(harness: Harness) -> str:
    return tail(harness)


async def test_an_order_over_more_than_is_loaded_is_asked_of_the_server() -> None:
    backend = stocked(by_cost)
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 100)
        await command(harness, "sort cost")
        await harness.until(lambda: harness.ids[:2] == ["run_1000", "run_1001"])
        assert len(harness.ids) == 1000
        assert "1,000 highest cost  of 5,000" in harness.counts
        assert "1,000 of 5,000 runs, highest cost first" in shown_tail(harness)
        assert "cost" in harness.table.shown_columns
        await harness.press("G")
        before = len(backend.asked("runs"))
        await harness.poll(10)
        assert len(backend.asked("runs")) == before, "no page of the run list is loaded"
        await command(harness, "sort age")
        await harness.until(lambda: harness.ids[0] == "run_0001")
        assert "highest" not in harness.counts


async def test_an_order_that_is_refused_is_of_what_is_loaded_and_says_so() -> None:
    backend = stocked(lambda _: Forbidden("this key may not ask"))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 100)
        await command(harness, "sort cost")
        await harness.until(lambda: "100 loaded runs by cost" in shown_tail(harness))
        assert "may not" in shown_tail(harness)
        assert "loaded  100+" in harness.counts
        assert len(harness.ids) == 100


async def test_tables_that_know_less_than_is_loaded_do_not_order_it() -> None:
    backend = stocked(lambda s: [told(1)] if "ORDER BY" in s else counts_of(s, COMPLETED=1))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 100)
        await command(harness, "sort cost")
        await harness.poll(10)
        assert len(harness.ids) == 100
        assert "loaded  100+" in harness.counts


def with_attempts(statement: str) -> Any:
    if "ORDER BY triggered_at DESC" in statement:
        assert "attempt_count > 1" in statement
        return [told(5), told(250)]
    return counts_of(statement, COMPLETED=2)


async def filter_to(harness: Harness, line: str) -> None:
    await harness.press("slash")
    await harness.pilot.pause()
    await harness.press(*line, "enter")
    await harness.pilot.pause()


def note(harness: Harness) -> str:
    return " ".join(
        line.plain_text
        for line in harness.app.screen.query_one(FilterLine).children  # type: ignore[attr-defined]
        if hasattr(line, "plain_text")
    )


async def test_conditions_that_no_list_answers_are_asked_of_the_server() -> None:
    backend = stocked(with_attempts)
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 100)
        await filter_to(harness, "attempts:>1")
        await harness.until(lambda: harness.ids == ["run_0250"])
        assert "all  2" in harness.counts
        assert "loaded" not in note(harness)


async def test_conditions_that_nobody_answers_say_so() -> None:
    backend = stocked(lambda _: Forbidden("this key may not ask"))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 100)
        await filter_to(harness, "attempts:>1")
        await harness.until(lambda: "do not tell attempts" in note(harness))
        assert harness.ids == []
        await harness.press("escape")
        await filter_to(harness, "-task:other")
        await harness.until(lambda: "filtering 100 loaded runs" in note(harness))


def with_errors(statement: str) -> Any:
    if "error.message" not in statement:
        return counts_of(statement, FAILED=200)
    assert "status IN ('Failed'" in statement
    parts = {"name": "TypeError", "message": "no such thing\nat all", "raw": None}
    return [{"run_id": f"run_{n:04}", **parts} for n in (1, 2)]


async def test_a_list_of_failures_has_a_column_with_what_went_wrong() -> None:
    backend = FakeBackend()
    backend.add(run_row(n, "FAILED") for n in range(1, 4))
    backend.answers["query"] = lambda statement, *_: with_errors(statement)
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 3)
        assert "error" not in [column.key for column in harness.table.columns]
        await filter_to(harness, "status:bad")
        await harness.until(lambda: "error" in harness.table.shown_columns)
        await harness.until(lambda: error_cells(harness) == ["TypeError: no such thing"] * 2 + [""])
        await harness.press("escape")
        await harness.until(lambda: "error" not in harness.table.shown_columns)


@pytest.mark.parametrize("width", [70, 80, 100, 120, 160])
async def test_failures_say_what_went_wrong_at_every_width(width: int) -> None:
    backend = FakeBackend()
    backend.add(run_row(n, "FAILED", task="transcribe-audio") for n in range(1, 4))
    backend.answers["query"] = lambda statement, *_: with_errors(statement)
    async with open_app(backend, size=(width, 24)) as harness:
        await harness.until(lambda: len(harness.ids) == 3)
        await filter_to(harness, "status:failed")
        await harness.until(lambda: "error" in harness.table.shown_columns)
        assert {"status", "task", "age"} <= {*harness.table.shown_columns}
        assert ("duration" in harness.table.shown_columns) == (width >= 100)


def error_cells(harness: Harness) -> list[str]:
    column = next(each for each in harness.table.columns if each.key == "error")
    return [cell_text(column.cell(row, 0.0)) for row in harness.table.rows]


async def test_the_error_column_stays_blank_where_nobody_tells() -> None:
    backend = FakeBackend()
    backend.add(run_row(n, "FAILED", error="boom" if n == 1 else None) for n in range(1, 4))
    backend.answers["query"] = Forbidden("this key may not ask")
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 3)
        await command(harness, "columns status error")
        await harness.until(lambda: error_cells(harness) == ["boom", "", ""])
        await harness.poll(60)
        assert len(backend.asked("query")) == 1
