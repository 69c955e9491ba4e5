"""What a preview of a bulk says, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from tests.fakes.backend import make_row, make_rows
from trigdash.model.run_filter import RunFilter
from trigdash.service.bulk_plan import BulkPreview, preview, whole_plan
from trigdash.ui.cells.cell import cell_text
from trigdash.ui.writing.bulk_words import preview_lines, question

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
