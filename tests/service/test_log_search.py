"""A pattern in the logs of many runs: found as it goes, resting, going on, and over."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.backend import FakeBackend, make_rows
from tests.fakes.clock import FakeClock
from trigdash.model.event import EventLog
from trigdash.model.run_filter import RunFilter
from trigdash.service.runs import log_search
from trigdash.service.runs.log_search import Found, LogSearchQuery, search_words


def log_of(run_id: str) -> EventLog:
    from trigdash.model.event import parse_events

    said = "boom" if run_id.endswith("7") else "fine"
    event = (
        '{"events": [{"spanId": "a", "parentId": null, "runId": "%s", "message": "%s", '
        '"startTime": "1772600767000000000", "duration": 1, "isError": false, '
        '"isPartial": false, "isCancelled": false, "level": "INFO", "kind": "LOG"}]}'
    )
    return parse_events((event % (run_id, said)).encode())


def query(folder: Path | None = None, **narrowed: object) -> LogSearchQuery:
    return LogSearchQuery("bo+m", RunFilter(**narrowed), folder, FakeClock())  # type: ignore[arg-type]


def backend_with(number: int) -> FakeBackend:
    backend = FakeBackend()
    backend.add(make_rows(range(number)))
    backend.answers["events"] = log_of
    return backend


async def searched(
    asked: LogSearchQuery, backend: FakeBackend, found: Found | None = None
) -> Found:
    for _ in range(500):
        found = await asked.fetch(backend, found)
        if found.is_over or found.rests:
            return found
    raise AssertionError("it never ends")


async def test_every_run_of_the_filter_is_searched_once_the_newest_first() -> None:
    backend = backend_with(230)
    first = await query().fetch(backend, None)
    assert first.searched == log_search.AT_ONCE, "ids are told as soon as they are found"
    found = await searched(query(), backend)
    assert found.is_over
    assert found.searched == 230
    ids = [each.row.id for each in found.runs]
    assert ids == [f"run_{n:06d}" for n in range(227, -1, -10)]
    assert (found.runs[0].lines, found.runs[0].first) == (1, "boom")
    assert len(backend.asked("events")) == 230 + log_search.AT_ONCE
    assert query().is_final(found, None, FakeClock().now())  # type: ignore[arg-type]


async def test_it_rests_until_more_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_search, "MOST", 20)
    backend = backend_with(50)
    asked = query()
    found = await searched(asked, backend, Found(most=20))
    assert (found.rests, found.is_over, found.searched) == (True, False, 20)
    assert asked.interval_s(found) > 60
    assert await asked.fetch(backend, found) is found
    found = await searched(asked, backend, await asked.go_on(backend, found))
    assert (found.searched, len(found.runs)) == (40, 4)


async def test_a_second_search_reads_finished_runs_from_disk(tmp_path: Path) -> None:
    backend = backend_with(30)
    await searched(query(tmp_path), backend)
    asked = len(backend.asked("events"))
    found = await searched(query(tmp_path), backend)
    assert len(backend.asked("events")) == asked
    assert len(found.runs) == 3


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("boom", ("boom", "")),
        ("-i boom status:bad since:1h", ("(?i)boom", "status:bad since:1h")),
        ('"tax rate" task:a', ("tax rate", "task:a")),
        ("'a b'", ("a b", "")),
        ('"open', ('"open', "")),
    ],
)
def test_an_argument_is_an_expression_and_a_filter(argument: str, words: tuple[str, str]) -> None:
    assert search_words(argument) == words
