"""Every recorded answer of the API is read by what reads it in the program and shown on both faces.

On screen it is a row, a detail or lines, in a command each format. Refusals are told in words. What
is not asked for is named with its reason."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

import pytest

from tests.presentation.recorded_readers import (
    DONE,
    LISTS,
    NOT_READ,
    NOW,
    ONES,
    VIEWS,
    overview,
    printed,
    printed_one,
    row_text,
)
from tests.recorded import Recorded, all_recorded
from trigdash.backends.error_response import error_from_response
from trigdash.backends.target import Target
from trigdash.backends.trigger import parsers
from trigdash.commands.exit_codes import ExitCode, failure_of
from trigdash.model.clean import clean
from trigdash.presentation.cell import cell_text
from trigdash.presentation.field import plain
from trigdash.presentation.list_states import failed_lines
from trigdash.presentation.registry import load_resource
from trigdash.presentation.resource import Resource
from trigdash.service.cache.store import Problem

ALL = all_recorded()
REFUSED = [told for told in ALL if not told.is_success]
READ = [told for told in ALL if told.is_success]


def operation(told: Recorded) -> str:
    return told.name.split("__")[0]


def of(kinds: Iterable[str]) -> list[Any]:
    wanted = frozenset(kinds)
    return [pytest.param(told, id=told.name) for told in READ if operation(told) in wanted]


def is_csv(told: Recorded) -> bool:
    """Whether the recorder asked a query for CSV: trigdash asks for JSON and writes its own CSV."""
    return isinstance(told.data, dict) and told.data.get("format") == "csv"


def test_each_recording_is_read_or_says_why_it_is_not() -> None:
    kinds = [*LISTS, *ONES, *VIEWS, *DONE, *NOT_READ]
    assert len(kinds) == len(set(kinds)), "one way to read each"
    known = {operation(told) for told in ALL}
    assert known == set(kinds)
    assert all(NOT_READ.values())
    read = [told for told in READ if operation(told) not in NOT_READ]
    assert len(ALL) > 735
    assert len(read) + len(REFUSED) > 0.9 * len(ALL)


def raw_rows(told: Recorded, name: str) -> list[Any]:
    if isinstance(told.data, list):
        return told.data
    rows = told.data.get("data", told.data.get("branches"))
    assert isinstance(rows, list), name
    return rows


@pytest.mark.parametrize("told", of(LISTS))
def test_a_list_is_drawn_row_by_row_on_both_faces(told: Recorded) -> None:
    name, parser = LISTS[operation(told)]
    resource = load_resource(name)
    rows, sent = list(parser(told.body).rows), raw_rows(told, name)
    assert len(rows) == len(sent)
    if name in ("runs", "allruns"):  # a list of runs is the newest first, whatever comes
        sent = sorted(sent, key=lambda raw: [row.id for row in rows].index(raw["id"]))
    for row, raw in zip(rows, sent, strict=True):
        check_row(resource, row, raw)
    names = printed(resource, rows, "name").splitlines()
    assert names == [resource.key(row) for row in rows]
    assert len(printed(resource, rows, "table").splitlines()) == len(rows) + 1
    assert len(json.loads(printed(resource, rows, "json"))) == len(rows)
    assert len(list(csv.reader(io.StringIO(printed(resource, rows, "csv"))))) == len(rows) + 1


@pytest.mark.parametrize("told", of(ONES))
def test_one_thing_is_drawn_as_a_row_and_in_detail_on_both_faces(told: Recorded) -> None:
    name, parser = ONES[operation(told)]
    resource = load_resource(name)
    check_row(resource, parser(told.body), told.data)
    if name == "runs":
        lines = list(overview(parsers.parse_run(told.body)))
        assert "TIMELINE" in lines[0]
        assert all(clean(line) == line for line in lines)
        error = told.data.get("error") or {}
        assert clean(error.get("name", "")) in "\n".join(lines)


def check_row(resource: Resource[Any], row: Any, raw: dict[str, Any]) -> None:
    """Nothing that a field shows differs from what was sent, and all of it is safe text."""
    shown = [*row_text(resource, row), *printed_one(resource, row).splitlines()]
    assert all(clean(text) == text for text in shown)
    joined = "\n".join(shown)
    assert plain(raw["name"] if resource.name == "queues" else resource.key(row)) in joined
    told = {field.name: field for field in resource.fields if not field.name.startswith("_")}
    for name, value in raw.items():
        if name in told and isinstance(value, str | bool | int) and not is_computed(name):
            assert plain(told[name].value(row)) == plain(value), name


def is_computed(name: str) -> bool:
    """Moments are read as times, the cost of a run is shown with what each run costs, and a region
    without a name has an id that is not shown."""
    moments = ("At", "Until", "Seen", "nextRun", "lastRun")
    return name.endswith(moments) or name in ("costInCents", "region")


@pytest.mark.parametrize("told", of(VIEWS))
def test_what_has_lines_of_its_own_is_drawn(told: Recorded) -> None:
    parser, lines = VIEWS[operation(told)]
    if is_csv(told):
        assert parser(told.body) == []
        return
    value = parser(told.body)
    text = "\n".join(lines(value))
    assert text or not value
    if operation(told) == "query":
        assert len(value) == len(told.data["results"])
    elif operation(told) == "batch_results":
        assert len(value.rows) == len(told.data["items"])
    elif operation(told) == "timezones":
        assert list(value.names) == told.data["timezones"]
    elif isinstance(told.data, dict) and isinstance(told.data.get("id"), str):
        assert told.data["id"] in text


@pytest.mark.parametrize("told", of(DONE))
def test_a_write_that_was_done_needs_no_words_of_the_server(told: Recorded) -> None:
    assert told.method != "GET"
    parsers.parse_done(told.body)
    assert told.data is None or isinstance(told.data, dict)


@pytest.mark.parametrize("told", [pytest.param(told, id=told.name) for told in REFUSED])
def test_a_refusal_is_told_in_words_on_both_faces(told: Recorded) -> None:
    headers = {name.lower(): value for name, value in told.headers.items()}
    is_write = told.method != "GET"
    error = error_from_response(told.status, headers, told.body, is_write=is_write, now=NOW)
    message = error.message()
    assert message
    assert clean(message) == message
    assert "tr_" not in message
    on_screen = failed_lines(Problem(message, NOW, None, type(error).__name__), NOW)
    assert message in cell_text(on_screen[0])
    failure = failure_of(error, Target(api_url="https://jobs.example.com"))
    assert str(failure).startswith(message)
    assert failure.code is not ExitCode.WELL
    assert error.outcome_unknown == (is_write and told.status == 500)
