"""Error groups: failures of runs that look alike."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from trigdash.model.odd_rows import parse_rows
from trigdash.model.run_page import Cursors
from trigdash.model.wire import (
    Count,
    Line,
    Lines,
    Moment,
    NullIsDefault,
    NullIsEmpty,
    Real,
    Whole,
    Wire,
    Words,
)


class ErrorGroup(Wire):
    """One kind of failure and how often it occurred within the requested window."""

    id: Line
    """`error_<fingerprint>`, as the run list filters by it."""
    fingerprint: Line = ""
    task_identifier: Line = ""
    error_type: Line = ""
    error_message: Lines = ""
    status_name: Line = Field("unresolved", alias="status")
    """unresolved, resolved, ignored."""
    count: Count = 0
    first_seen: Moment | None = None
    last_seen: Moment | None = None
    resolved_at: Moment | None = None
    resolved_in_version: Line | None = None
    resolved_by: Line | None = None
    ignored_at: Moment | None = None
    ignored_until: Moment | None = None
    ignored_reason: Line | None = None
    ignored_by_user_id: Line | None = None
    ignored_until_occurrence_rate: Real | None = None
    ignored_until_total_occurrences: Whole | None = None
    affected_versions: Words = ()


class ErrorGroupsPage(Wire):
    """A page of error groups, the most frequent first."""

    data: Annotated[tuple[ErrorGroup, ...], NullIsEmpty] = ()
    pagination: Annotated[Cursors, NullIsDefault] = Cursors()


_PAGE = TypeAdapter(ErrorGroupsPage)


def parse_error_groups(body: bytes) -> ErrorGroupsPage:
    """A page of error groups; ValueError when the body does not fit."""
    return parse_rows(_PAGE, body, ErrorGroup, "data").value
