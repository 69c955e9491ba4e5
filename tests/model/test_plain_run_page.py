"""The quick reader of a page of runs says what the models say, or leaves the page to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from tests.drift.mutation import mutated
from tests.recorded import successes_of
from trigdash.model.plain_run_page import plain_page
from trigdash.model.run_page import parse_runs
from trigdash.model.run_row import timestamp_ms

BODIES = [answer.body for answer in successes_of("runs_list")]
MUTATIONS = 1_500
END = datetime(2200, 1, 1, tzinfo=UTC)
"""Times from here on are left to the models."""
ODD_VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        7,
        2**53,
        2**70,
        0.5,
        1e308,
        "",
        "x",
        "7",
        [],
        ["a", "b"],
        ["a", 1],
    ),
    *({}, {"name": "prod"}, {"name": 1}, {"id": 1}, {"next": "n", "previous": None}, "x" * 900),
    *("2026-11-21T22:39:50.781Z", "2026-11-21T22:39:99.781Z", "2026-11-21T22:39:50Z"),
    *("2026-11-21T22:39:50.781+02:00", "1812-01-01T00:00:00.000Z", "2201-01-01T00:00:00.000Z"),
    *("2026-13-21T22:39:50.781Z", "2026-11-21", "\x1b[31mred", "‮evil", "٣٠٢٦-١١-٢١T22:39:50.781Z"),
)


def test_recorded_pages_are_read_without_models() -> None:
    for body in BODIES:
        assert plain_page(body) == parse_runs(body)


def test_any_millisecond_is_read_exactly() -> None:
    random = Random(5)
    times_ms = sorted(random.randrange(0, timestamp_ms(END)) for _ in range(2_000))[::-1]
    rows = [_row_created(number, time_ms) for number, time_ms in enumerate(times_ms)]
    page = plain_page(json.dumps({"data": rows, "pagination": {}}).encode())
    assert page is not None
    assert [row.created_ms for row in page.rows] == times_ms


def _row_created(number: int, time_ms: int) -> dict[str, str]:
    """A run of a list with only what it must have."""
    moment = datetime.fromtimestamp(time_ms // 1000, UTC)
    told = f"{moment:%Y-%m-%dT%H:%M:%S}.{time_ms % 1000:03}Z"
    run = {"id": f"run_{number}", "status": "QUEUED", "taskIdentifier": "send-email"}
    return {**run, "createdAt": told, "updatedAt": told}


def _answers_of_models(body: bytes) -> Any:
    try:
        return parse_runs(body)
    except ValueError:
        return None


def _with_odd_values(random: Random) -> Iterator[bytes]:
    """Recorded pages in which one field, of those that a run has, holds something else."""
    pages = [json.loads(body) for body in BODIES]
    names = sorted({name for page in pages for row in page["data"] for name in row})
    names += ["task_identifier", "cost_in_cents", "started_at", "data", "pagination"]
    for name in names:
        for value in ODD_VALUES:
            page = json.loads(json.dumps(random.choice([page for page in pages if page["data"]])))
            holder = page if name in page else random.choice(page["data"])
            holder[name] = value
            yield json.dumps(page).encode()


def test_whatever_is_odd_is_left_to_the_models_and_nothing_is_told_otherwise() -> None:
    plain = 0
    for body in _with_odd_values(Random(7)):
        page = plain_page(body)
        if page is not None:
            plain += 1
            assert page == _answers_of_models(body), body
    assert plain


def test_bytes_that_were_damaged_on_the_way_are_read_alike() -> None:
    random = Random(11)
    for _ in range(MUTATIONS):
        body = mutated(random.choice(BODIES), random)
        page = plain_page(body)
        if page is not None:
            assert page == _answers_of_models(body), body


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":[{"id":"run_1","status":"COMPLETED","taskIdentifier":"\\ud83d"}]}',
        b'{"data":[],"pagination":{"next":NaN}}',
        b"\xff\xfe{\x00}\x00",
        b"[" * 100_000,
        b"",
        b"null",
    ],
)
def test_what_is_no_plain_page_is_none(body: bytes) -> None:
    assert plain_page(body) is None
