"""What is said of a bulk: before it, while it is under way, and at its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.fakes.backend import make_row, make_rows
from trigdash.model.run_filter import RunFilter
from trigdash.presentation.bulk import (
    bar_label,
    end_message,
    ended_severity,
    leaving_words,
    preview_lines,
    progress_lines,
    question,
    unnamed_lines,
)
from trigdash.presentation.cell import cell_text
from trigdash.service.bulk.plan import BulkPreview, preview, whole_plan
from trigdash.service.bulk.progress import BulkIfLeft, BulkProgress, BulkState

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def said(asked: BulkPreview, *, is_low: bool = False) -> str:
    lines = preview_lines(asked, 5_000_000, None, is_low=is_low)
    return "\n".join(cell_text(line) for line in lines)


def test_runs_without_room_for_more_tags_are_counted_before_anything_is_sent() -> None:
    nine = tuple(f"t{number}" for number in range(9))
    rows = [make_row(1, tags=nine), make_row(2, tags=(*nine, "x")), make_row(3, tags=())]
    asked = preview("tag", rows, 5_000_000, tags=("x", "y"))
    assert "2 would have more than 10 tags: the server refuses these" in said(asked)
    assert "refuses" not in said(preview("tag", rows, 5_000_000, tags=("x",)))


def test_what_a_list_does_not_hold_is_told_apart_from_what_it_holds() -> None:
    cut = preview("cancel", make_rows(range(40), "QUEUED"), 5_000_000, truncated=True)
    assert question(cut) == "Cancel 40 runs"
    assert "only these are acted on" in said(cut)
    asked = replace(cut, whole=whole_plan(cut, RunFilter(statuses=("QUEUED",)), NOW))
    assert question(asked) == "Cancel 40 runs or more"
    assert "40 were read, the newest: more may match" in said(asked)
    until = f"{NOW.astimezone():%H:%M:%S}"
    assert f"created until {until}; how many is not known before" in said(asked)


def test_a_preview_on_a_low_screen_takes_few_lines_and_adds_up_the_rest() -> None:
    rows = [make_row(number, task=f"task-{number % 8}") for number in range(80)]
    asked = preview("replay", rows, 5_000_000)
    assert "50 in 5 more" in said(asked, is_low=True)
    assert "30 in 3 more" in said(asked)
    assert len(said(asked, is_low=True).splitlines()) <= 8
    six = preview("replay", [row for row in rows if row.task < "task-6"], 5_000_000)
    assert "more" not in said(six), "one alone is named"


def progress(state: BulkState, done: int, failed: int, unknown: int, left: int) -> BulkProgress:
    total = done + failed + unknown + left
    return BulkProgress(state, total, done, failed, unknown, left, eta_s=None)


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (progress(BulkState.ENDED, 1297, 0, 0, 0), "bulk replay ended: 1,297 done"),
        (
            progress(BulkState.ENDED, 290, 7, 3, 0),
            "bulk replay ended: 290 done, 7 failed, 3 unknown, not sent again",
        ),
        (progress(BulkState.ENDED, 100, 0, 0, 14), "bulk replay ended: 100 done, 14 not acted on"),
        (
            progress(BulkState.ABORTED, 700, 0, 0, 1000),
            "bulk replay aborted: 700 done, 1,000 not tried",
        ),
        (
            replace(progress(BulkState.ABORTED, 700, 1, 0, 1000), is_estimate=True),
            "bulk replay aborted: 700 done, 1 failed, about 1,000 not tried",
        ),
        (
            replace(progress(BulkState.INTERRUPTED, 5, 0, 0, 20), message="the key is bad"),
            "bulk replay interrupted: 5 done, 20 left: the key is bad",
        ),
    ],
)
def test_the_end_of_a_bulk_tells_every_figure(ended: BulkProgress, words: str) -> None:
    assert end_message("replay", ended) == words


def shown(at: BulkProgress) -> list[str]:
    """The lines below the bar."""
    return [cell_text(line).strip() for line in progress_lines(at)[1:]]


def test_the_figures_of_a_bulk_say_what_became_of_what_is_left() -> None:
    running = replace(progress(BulkState.RUNNING, 300, 1, 2, 97), eta_s=61.0)
    assert shown(running) == [
        "300 done   1 failed   97 left   2 unknown",
        "under way, about 1 m 01 s left",
    ]
    stopping = progress(BulkState.STOPPING, 300, 0, 0, 97)
    assert shown(stopping)[1] == "stopping: waiting for what is under way to end"
    aborted = progress(BulkState.ABORTED, 300, 0, 0, 97)
    assert shown(aborted) == ["300 done   0 failed   97 not tried", "aborted"]
    ended = replace(progress(BulkState.ENDED, 300, 0, 0, 14), message="so it is")
    assert shown(ended) == [
        "300 done   0 failed   14 not acted on",
        "ended",
        "not acted on: they had ended by themselves, or the server did not find them",
        "so it is",
    ]
    assert bar_label("cancel", running) == "bulk cancel 303/400"


def test_failures_that_the_server_does_not_name_are_counted() -> None:
    assert unnamed_lines("cancel", 0) == []
    assert [cell_text(line) for line in unnamed_lines("replay", 2)] == [
        "2 failed that the server does not name"
    ]
    assert len(unnamed_lines("cancel", 2)) == 2, "and why that may be"


@pytest.mark.parametrize(
    ("ended", "severity"),
    [
        (progress(BulkState.ENDED, 9, 0, 0, 0), "information"),
        (progress(BulkState.ENDED, 9, 0, 0, 3), "information"),
        (progress(BulkState.ABORTED, 9, 0, 0, 3), "information"),
        (progress(BulkState.ENDED, 9, 1, 0, 0), "warning"),
        (progress(BulkState.ENDED, 9, 0, 1, 0), "warning"),
        (progress(BulkState.INTERRUPTED, 9, 0, 0, 0), "warning"),
    ],
)
def test_failures_lost_answers_and_a_halt_are_warnings(ended: BulkProgress, severity: str) -> None:
    assert ended_severity(ended) == severity


@pytest.mark.parametrize(
    ("if_left", "words"),
    [
        (BulkIfLeft(0, 0, True), ""),
        (
            BulkIfLeft(700, 400, True),
            "bulk cancel: 700 runs will not be sent (B resumes it), "
            "the server continues with 400 runs",
        ),
        (
            BulkIfLeft(1, 0, False),
            "bulk cancel: 1 run will not be sent (it cannot be resumed)",
        ),
        (BulkIfLeft(0, 1, False), "bulk cancel: the server continues with 1 run"),
    ],
)
def test_what_becomes_of_a_bulk_that_is_left_is_told(if_left: BulkIfLeft, words: str) -> None:
    assert leaving_words("cancel", if_left) == words
